"""Functions that a hooks.sh may define without saying so plainly. Plain functions, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.hooks.undeclared import DEEPEST, Undeclared, undeclared

PLAIN = "hook_pre_up() { :; }\n"


def found(directory: Path, text: str) -> Undeclared:
    return undeclared(str(directory), text)


def test_a_text_that_only_defines_functions_may_define_no_other(tmp_path: Path) -> None:
    more = found(tmp_path, PLAIN)
    assert (set(more.named), more.line) == (set(), None)
    assert not more.may_be("hook_pre_up")
    assert not more.may_be("hook_pre_down")


@pytest.mark.parametrize(
    "line",
    [
        'eval "$(cat hooks)"',
        "source gone.sh",
        ". gone.sh",
        'source "$HOME/hooks.sh"',
        "source known.sh; eval x",
        "if true; then source gone.sh; fi",
        "{ source known.sh gone.sh; eval x; }",
    ],
)
def test_a_line_that_can_not_be_followed_may_define_any(tmp_path: Path, line: str) -> None:
    (tmp_path / "known.sh").write_text(PLAIN)
    more = found(tmp_path, f"\n# eval x\n{line}\n{line}\n")
    assert more.line == 3
    assert more.may_be("hook_pre_down")


@pytest.mark.parametrize(
    "line",
    [
        "source known.sh",
        ". ./known.sh",
        'source "known.sh"',
        "source 'known.sh'",
        "true && source known.sh",
        "{ source known.sh; }",
        "for _ in 1; do source known.sh; done",
        "source known.sh; source known.sh",
    ],
)
def test_a_sourced_file_may_define_what_it_names(tmp_path: Path, line: str) -> None:
    (tmp_path / "known.sh").write_text(PLAIN)
    more = found(tmp_path, f"{line}\nhook_post_up() {{ :; }}\n")
    assert (set(more.named), more.line) == ({"hook_pre_up"}, None)
    assert more.may_be("hook_pre_up")
    assert not more.may_be("hook_post_up")


def test_a_file_in_the_home_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home/known.sh").write_text(PLAIN)
    assert found(tmp_path, "source ~/known.sh\n").named == {"hook_pre_up"}


def test_a_sourced_file_that_may_define_any_makes_its_line_one(tmp_path: Path) -> None:
    (tmp_path / "any.sh").write_text(f"{PLAIN}eval x\n")
    more = found(tmp_path, "true\nsource any.sh\n")
    assert (set(more.named), more.line) == ({"hook_pre_up"}, 2)


@pytest.mark.parametrize(("files", "line"), [(DEEPEST, None), (DEEPEST + 1, 1)])
def test_files_that_source_each_other_are_followed_so_far(tmp_path: Path, files: int, line: int | None) -> None:
    for number in range(1, files):
        (tmp_path / f"{number}.sh").write_text(f"source {number + 1}.sh\n")
    (tmp_path / f"{files}.sh").write_text(PLAIN)
    assert found(tmp_path, "source 1.sh\n").line == line


def test_a_file_that_sources_itself_may_define_any(tmp_path: Path) -> None:
    (tmp_path / "again.sh").write_text(f"{PLAIN}source again.sh\n")
    assert found(tmp_path, "source again.sh\n").line == 1
