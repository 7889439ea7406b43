"""What looks like a hook and never runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.hooks.catalogue import every_event
from hookman.hooks.strays import Stray, strays


def found(directory: Path, text: str = "") -> list[Stray]:
    return strays(str(directory), text, every_event())


def test_a_project_without_hooks_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_directory_of_an_event_is_none(tmp_path: Path) -> None:
    (tmp_path / ".dde/hooks/project.up.pre").mkdir(parents=True)
    assert found(tmp_path) == []


def test_a_directory_whose_name_means_no_event_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / ".dde/hooks/project.up.prre").mkdir(parents=True)
    assert found(tmp_path) == [Stray(where=".dde/hooks/project.up.prre", nearest=".dde/hooks/project.up.pre")]


def test_a_directory_like_no_event_is_named_without_one(tmp_path: Path) -> None:
    (tmp_path / ".dde/hooks/xyz").mkdir(parents=True)
    assert found(tmp_path) == [Stray(where=".dde/hooks/xyz", nearest="")]
    assert found(tmp_path)[0].problem.fix == "hookman list --help names all events"


@pytest.mark.parametrize("name", [".hidden", "README"])
def test_a_hidden_directory_and_a_file_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / ".dde/hooks").mkdir(parents=True)
    path = tmp_path / ".dde/hooks" / name
    path.mkdir() if name == ".hidden" else path.write_text("")
    assert found(tmp_path) == []


@pytest.mark.parametrize("line", ["hook_pre_upp() {", "  hook_pre_upp () {", "function hook_pre_upp() {"])
def test_a_function_whose_name_means_no_event_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    (stray,) = found(tmp_path, f"# a comment\n{line}\n:\n}}\n")
    assert stray == Stray(where="hooks.sh:2 hook_pre_upp", nearest="hook_pre_up")
    assert stray.problem.what == "hooks.sh:2 hook_pre_upp never runs: there is no such event"
    assert stray.problem.fix == "rename it to hook_pre_up"


@pytest.mark.parametrize("line", ["hook_pre_up() {", "my_hook_pre_upp() {", "hook_pre_upp", "hook_pre_upp x() {"])
def test_a_function_of_an_event_and_what_defines_no_function_are_none(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, line) == []
