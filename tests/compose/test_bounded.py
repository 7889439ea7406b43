"""Files of a project that are no regular files, or gigabytes long: left to Compose, or an error at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.box import Project

GIGABYTE = 1 << 30


def large(path: Path) -> None:
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(GIGABYTE)


@pytest.mark.parametrize("name", ["compose.yaml", ".env"])
def test_a_gigabyte_is_compose_s_alone(shop: Project, name: str) -> None:
    large(shop.path / name)
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()[-1]) == (0, "<compose><up><-d>")
    assert "internal error" not in result.err


def test_a_gigabyte_of_env_stops_hooks_with_its_name(shop: Project) -> None:
    large(shop.path / ".env")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (78, [])
    assert f"{shop.path}/.env: longer than 4 MiB, too long to give to hooks" in result.err
    assert shop.compose("up", "-d", "--skip-hooks").code == 0


def fifo(path: Path) -> None:
    os.mkfifo(path)


def zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [fifo, zero, Path.mkdir])
def test_our_own_notes_of_another_kind_hang_no_command(shop: Project, make: object) -> None:
    assert callable(make)
    root_mark = shop.box.data / f"enabled{shop.path.parent}" / ".hookman-enabled"
    starts = shop.box.data / "starts"
    for path in (root_mark, starts):
        path.unlink(missing_ok=True)
        make(path)
    other = Project(shop.box, shop.path.parent / "other")
    other.write("compose.yaml", "services: {}\n")
    assert (shop.compose("up", "-d").code, other.compose("up", "-d").code) == (0, 0)
