"""dde's lifecycle commands: CONTRACT C15 to C18, C73."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project


@pytest.fixture
def traced(bare: Box) -> Project:
    """A project whose hooks and whose Compose leave a trace; hookman is not even installed."""
    shop = bare.project()
    for event in ("down.pre", "down.post", "up.pre", "up.post", "restart.pre", "pull.pre"):
        shop.script(event, "a.sh", f"echo {event} >>trace")
    bare.environ["STUB_RUN"] = 'echo "$*" >>trace'
    return shop


@pytest.mark.parametrize(
    ("command", "trace"),
    [
        ("up", ["up.pre", "up -d", "up.post"]),
        ("up --build", ["up.pre", "up -d --build", "up.post"]),
        ("down", ["down.pre", "down", "down.post"]),
        ("restart", ["down.pre", "down", "down.post", "up.pre", "up -d", "up.post"]),
        ("update", ["down.pre", "down", "down.post", "pull", "up.pre", "up -d --build", "up.post"]),
        ("restart --skip-hooks", ["down", "up -d"]),
        ("update --skip-hooks", ["down", "pull", "up -d --build"]),
    ],
)
def test_hooks_and_operations_in_ddes_order(traced: Project, command: str, trace: list[str]) -> None:
    result = traced.hookman(*command.split())
    assert result.code == 0, result
    assert traced.trace() == trace


def test_functions_run_at_the_same_points(traced: Project) -> None:
    names = ["hook_pre_down", "hook_post_down", "hook_pre_up", "hook_post_up", "hook_pre_restart"]
    traced.hooks_sh("".join(f'{name}() {{ echo "{name} $*" >>trace; }}\n' for name in names))
    assert traced.hookman("restart").code == 0
    called = [line for line in traced.trace() if line.startswith("hook_")]
    assert called == ["hook_pre_down down", "hook_post_down down", "hook_pre_up up -d", "hook_post_up up -d"]


def test_a_failing_down_pre_leaves_everything_running(traced: Project) -> None:
    traced.script("down.pre", "a.sh", "exit 1")
    assert traced.hookman("restart").code == 1
    assert traced.trace() == []


def test_a_failing_down_post_is_a_warning(traced: Project) -> None:
    traced.script("down.post", "a.sh", "exit 1")
    result = traced.hookman("restart")
    assert result.code == 0
    assert 'Hook "a.sh" failed with exit code 1' in result.err
    assert traced.trace()[-1] == "up.post"


def test_a_failing_up_pre_leaves_the_project_down(traced: Project) -> None:
    traced.script("up.pre", "a.sh", "exit 1")
    assert traced.hookman("restart").code == 1
    assert traced.trace() == ["down.pre", "down", "down.post"]


def test_from_a_subfolder_the_project_above_is_found(traced: Project) -> None:
    below = traced.path / "src"
    below.mkdir()
    assert traced.box.hookman("up", cwd=below).code == 0
    assert traced.trace()[0] == "up.pre"


@pytest.mark.parametrize("command", ["up", "down", "restart", "update"])
def test_outside_any_project_they_end_with_an_error(bare: Box, command: str) -> None:
    result = bare.hookman(command)
    assert (result.code, bare.calls()) == (1, [])
    assert "there is no compose file" in result.err


def test_with_the_shim_installed_hooks_run_once(traced: Project) -> None:
    traced.box.install()
    assert traced.hookman("up").code == 0
    assert traced.trace() == ["up.pre", "up -d", "up.post"]
