"""The shim: two ways out, and never a broken `docker compose`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.box import Box, Project

ROOT = Path(__file__).parents[2]


def test_the_shim_can_be_read_in_a_minute() -> None:
    lines = (ROOT / "templates/shim.sh").read_text().splitlines()
    assert len(lines) <= 150
    assert lines[0] == "#!/bin/sh"


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_shim_runs_under_any_posix_sh(box: Box, shop: Project, shell: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = box.run(shell, box.shim, "compose", "up", "-d", cwd=shop.path)
    assert (result.code, result.err.count("\n"), shop.trace()) == (0, 1, ["ran"])


def test_a_project_that_is_not_enabled_runs_no_hook_and_gets_one_line(box: Box) -> None:  # C101
    project = box.project(enable=False)
    project.hooks_sh("echo sourced >>trace\nhook_pre_up() { :; }\n")
    result = project.compose("up", "-d", STUB_OUT="out", STUB_EXIT="3")
    assert (result.code, result.out, project.trace()) == (3, "out", [])
    assert result.err.count("\n") == 1
    assert "hookman enable" in result.err


def test_a_project_that_is_not_enabled_and_has_no_hooks_gets_no_line(box: Box) -> None:
    assert box.project(enable=False).compose("up", "-d").err == ""


def test_a_line_about_hooks_elsewhere_is_said_for_the_project_that_is_meant(box: Box) -> None:
    mine = box.project("mine")
    other = box.project("other", enable=False)
    other.hooks_sh("echo sourced >>trace\n")
    result = mine.compose("-f", "../other/compose.yaml", "up", "-d")
    assert (result.code, other.trace()) == (0, [])
    assert f"the hooks of {other.path} are not enabled" in result.err


def test_disable_takes_the_consent_back(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shop.compose("up", "-d")
    assert shop.hookman("disable").code == 0
    shop.compose("up", "-d")
    assert shop.trace() == ["ran"]
    assert not (box.data / "enabled").exists() or list((box.data / "enabled").rglob("*")) == []


def test_a_sibling_whose_name_begins_alike_is_not_enabled(box: Box, shop: Project) -> None:
    evil = box.project("shop-evil", enable=False)
    evil.hooks_sh("echo sourced >>trace\n")
    evil.compose("up", "-d")
    assert evil.trace() == []


def test_a_project_below_an_enabled_one_is_not_enabled(box: Box, shop: Project) -> None:
    below = box.project("shop/vendor/lib", enable=False)
    below.hooks_sh("echo sourced >>trace\n")
    result = below.compose("up", "-d")
    assert (result.code, below.trace()) == (0, [])
    assert "not enabled" in result.err


def test_a_root_enables_its_stacks(box: Box) -> None:
    stack = box.project("stacks/web", enable=False)
    stack.script("up.pre", "a.sh", 'echo "$SCRIPT_DIR/$stack" >>trace')
    assert "all stacks in" in box.hookman("enable", "--yes", cwd=box.base / "stacks").out
    stack.compose("up", "-d")
    assert stack.trace() == [str(stack.path)]


def test_an_enabled_project_is_found_through_a_link(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    (box.base / "link").symlink_to(shop.path)
    shop.compose("up", "-d", cwd=box.base / "link")
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize(
    "written",
    ["{}", "{}/", "{}//", "{}/.", "{}/./", "{}/..", "{}/../{name}", "{}/x/..", "//{}", "link/{name}", "link//{name}/."],
)
@pytest.mark.parametrize("how", ["PWD", "--project-directory"])
def test_an_enabled_project_is_found_however_its_path_is_written(box: Box, written: str, how: str) -> None:
    shop = box.project("in/shop")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    (shop.path / "x").mkdir()
    (box.base / "link").symlink_to("in")
    link = written.startswith("link")
    path = f"{box.base}/" * link + written.format("" if link else shop.path, name="shop")
    if how == "PWD":
        shop.compose("up", "-d", PWD=path)
    else:
        shop.compose("--project-directory", path, "up", "-d", cwd=box.base)
    assert shop.trace() == ([] if written == "{}/.." and how != "PWD" else ["ran"])


@pytest.mark.parametrize("how", ["-f", "--project-directory", "COMPOSE_FILE", ".env"])
def test_an_enabled_project_elsewhere_is_found(box: Box, shop: Project, how: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    other = box.base / "elsewhere"
    other.mkdir()
    file = str(shop.path / "compose.yaml")
    if how == "COMPOSE_FILE":
        result = shop.compose("up", "-d", cwd=other, COMPOSE_FILE=file)
    elif how == ".env":
        (other / ".env").write_text(f"COMPOSE_FILE={file}")
        result = shop.compose("up", "-d", cwd=other)
    else:
        result = shop.compose(how, str(shop.path) if how == "--project-directory" else file, "up", "-d", cwd=other)
    assert (result.code, shop.trace()) == (0, ["ran"])


@pytest.mark.parametrize(
    "line",
    [
        "run web compose --help",
        "run compose --help",
        "exec up up --help",
        "up --help=true --help=false",
        "-p --help up",
        "logs -f web",
        "-p up -f compose.yaml ps",
        "-p -h up",
    ],
)
def test_words_that_look_like_something_else_do_not_lose_hooks(box: Box, shop: Project, line: str) -> None:
    command = next(word for word in line.replace("-p up", "").split() if word in ("run", "exec", "up", "logs", "ps"))
    shop.script(f"{command}.pre", "a.sh", "echo ran >>trace")
    assert shop.compose(*line.split()).code == 0
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize("name", ["hookman.toml", "hookman.local.toml"])
def test_a_table_that_declares_a_hook_is_mentioned_where_it_is_not_enabled(box: Box, name: str) -> None:
    project = box.project("plain", enable=False)
    project.write(name, "[hooks.a]\non = 'up.pre'\nrun = ':'\n")
    assert "are not enabled on this machine. Fix: hookman enable" in project.compose("ps").err


def test_a_hooks_sh_that_leads_nowhere_is_mentioned_too(box: Box) -> None:
    project = box.project("plain", enable=False)
    (project.path / "hooks.sh").symlink_to("nowhere")
    assert "are not enabled on this machine. Fix: hookman enable" in project.compose("ps").err


def test_settings_without_a_hook_are_not_mentioned(box: Box) -> None:
    project = box.project("plain", enable=False)
    project.write("hookman.local.toml", "timeout = 5\n")
    assert project.compose("ps").err == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_the_exit_code_is_composes_where_the_caller_closed_descriptors(box: Box, shop: Project, closed: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = box.run("sh", "-c", f'"$0" compose up -d {closed}', box.shim, cwd=shop.path, STUB_EXIT="3")
    assert (result.code, shop.trace()) == (3, ["ran"])
