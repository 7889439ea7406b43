"""What is no regular file in the place of one that is read: nothing waits for it, and nothing is an internal error.

A command that waits is ended by the time limit of `Box.run`, which fails the test.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.box import Box, Project

FILES = (".env", "compose.yaml", "hooks.sh", "hookman.toml", ".dde/hooks/project.up.pre/0.sh")
COMPOSES = (".env", "compose.yaml")  # Compose reads them itself


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS = (fifo, endless_device, Path.mkdir)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> object:
    return request.param


@pytest.fixture(params=FILES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spoilt(shop: Project, kind: object, name: str) -> Project:
    """A project with a pre hook of `up`, and something else in the place of the file `name`."""
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    (shop.path / name).unlink(missing_ok=True)
    assert callable(kind)
    kind(shop.path / name)
    return shop


@pytest.mark.parametrize("line", [["up", "-d"], ["--dry-run", "up"]], ids=" ".join)
def test_compose_runs_or_the_file_is_named(spoilt: Project, name: str, line: list[str]) -> None:
    result = spoilt.compose(*line)
    assert "internal error" not in result.err
    if result.code == 0:
        assert spoilt.box.calls()[-1] == "".join(f"<{word}>" for word in ["compose", *line])
    else:
        assert name in result.err
        assert spoilt.trace() == []


def test_without_hooks_compose_runs_in_any_case(spoilt: Project) -> None:
    assert spoilt.compose("up", "-d", "--skip-hooks").code == 0


def test_a_command_that_has_no_hooks_runs_unless_the_file_could_have_one(spoilt: Project, name: str) -> None:
    assert (spoilt.compose("ps").code == 0) == (name != "hooks.sh")


@pytest.mark.parametrize("name", COMPOSES, indirect=True)
def test_what_compose_reads_itself_stops_no_hook(spoilt: Project) -> None:
    assert spoilt.compose("up", "-d").code == 0
    assert spoilt.trace() == ["ran"]


def test_our_own_commands_end(spoilt: Project) -> None:
    for command in ("list", "test", "config list"):
        result = spoilt.hookman(*command.split())
        assert result.code in (0, 1, 78), result
        assert "internal error" not in result.err


@pytest.mark.parametrize("command", ["install", "uninstall", "doctor"])
def test_dockers_own_configuration(box: Box, kind: object, command: str) -> None:
    assert callable(kind)
    (box.config / "config.json").unlink()
    kind(box.config / "config.json")
    result = box.hookman(command)
    assert result.code in (0, 1, 78), result
    assert "internal error" not in result.err


def test_the_shim_with_a_fifo_for_dockers_configuration(shop: Project) -> None:
    """Docker itself waits for it; the shim, which docker starts, does not look at it."""
    (shop.box.config / "config.json").unlink()
    os.mkfifo(shop.box.config / "config.json")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.box.run(shop.box.shim, "compose", "up", "-d", cwd=shop.path).code == 0
    assert shop.trace() == ["ran"]
