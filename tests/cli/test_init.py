from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.box import DATA, Box

ROOT = Path(__file__).parents[2]
EVENTS = ["project.down.post", "project.down.pre", "project.up.post", "project.up.pre"]


def test_it_makes_ddes_four_directories_and_a_hooks_sh_and_enables(box: Box) -> None:
    project = box.project(enable=False)
    result = project.hookman("init")
    assert result.code == 0
    assert sorted(path.name for path in (project.path / ".dde/hooks").iterdir()) == EVENTS
    assert "Next: hookman add up.post hello" in result.out
    project.hooks_sh("hook_pre_up() { echo ran >trace; }\n")
    project.compose("up", "-d")
    assert project.trace() == ["ran"]


def test_the_hooks_sh_it_writes_has_no_hooks_yet_and_parses(box: Box) -> None:
    project = box.project(enable=False)
    project.hookman("init")
    assert "no hooks" in project.hookman("list").out
    assert project.hookman("test").code == 0


def test_it_overwrites_nothing_and_twice_changes_nothing(box: Box) -> None:
    project = box.project(enable=False)
    project.hooks_sh("# mine\n")
    project.script("up.pre", "01-check-env.sh", "# mine")
    project.hookman("init", "--examples")
    assert (project.path / "hooks.sh").read_text() == "# mine\n"
    assert "# mine" in (project.path / ".dde/hooks/project.up.pre/01-check-env.sh").read_text()
    before = sorted((path, path.stat().st_mtime_ns) for path in project.path.rglob("*"))
    assert "created" not in project.hookman("init", "--examples").out
    assert sorted((path, path.stat().st_mtime_ns) for path in project.path.rglob("*")) == before


def test_examples_are_ready_to_run(box: Box) -> None:
    project = box.project(enable=False)
    project.hookman("init", "--examples")
    checked = project.hookman("test")
    assert checked.code == 0
    assert checked.out.endswith("4 hooks checked, 0 broken, 0 to look at\n")
    result = project.compose("up", "-d")
    assert result.code == 0, result


def test_the_example_check_stops_an_up_when_a_variable_is_missing(box: Box) -> None:
    project = box.project(enable=False)
    project.hookman("init", "--examples")
    project.write(".env.example", "API_URL=\nPORT=80\n")
    project.write(".env", "PORT=1\n")
    result = project.compose("up", "-d")
    assert result.code == 1
    assert "not set in .env or in your shell: API_URL\n" in result.err
    assert project.compose("up", "-d", API_URL="x").code == 0


def test_a_directory_can_be_named(box: Box) -> None:
    (box.base / "new").mkdir()
    assert box.hookman("init", "new").code == 0
    assert (box.base / "new/hooks.sh").exists()


def test_a_directory_that_is_none_is_an_error(box: Box) -> None:
    result = box.hookman("init", "nowhere")
    assert result.code == 2
    assert "nowhere is not a directory" in result.err


def test_what_is_in_the_way_is_named(box: Box) -> None:
    project = box.project(enable=False)
    project.write(".dde", "a file\n")
    result = project.hookman("init")
    assert result.code == 1
    assert ".dde" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("name", ["hooks.sh", "hooks.example.sh", "shim.sh", "01-check-env.sh", "01-show-services.sh"])
def test_templates_parse(name: str) -> None:
    text = (ROOT / "templates" / name).read_text()
    shell = "bash" if "bash" in text.partition("\n")[0] else "sh"
    subprocess.run([shell, "-n"], input=text, text=True, check=True)


def test_the_stub_parses() -> None:
    subprocess.run(["sh", "-n", DATA / "compose-stub"], check=True)


@pytest.mark.parametrize("before", [None, "", "*.log\n", "*.log", "/hookman.local.toml\n", "hookman.local.toml"])
def test_git_ignores_the_settings_that_are_for_one_user(box: Box, before: str | None) -> None:
    project = box.project(enable=False)
    if before is not None:
        project.write(".gitignore", before)
    for _ in range(2):
        assert project.hookman("init").code == 0
    lines = (project.path / ".gitignore").read_text().splitlines()
    assert [line.strip("/") for line in lines].count("hookman.local.toml") == 1
    assert ("*.log" in lines) is ("*.log" in (before or ""))


def test_a_gitignore_that_is_a_link_stays_as_it_is(box: Box) -> None:
    project = box.project(enable=False)
    other = box.base / "other"
    other.write_text("")
    (project.path / ".gitignore").symlink_to(other)
    assert project.hookman("init").code == 0
    assert other.read_text() == ""
