"""What several tests of commands need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.box import Project
from tests.support.browser import Browser
from tests.support.edges import reached, root
from tests.support.leases import here, name, there

__all__ = ["here", "name", "reached", "root", "there"]  # two machines that share an engine; a root with contexts


@pytest.fixture
def past(shop: Project) -> Project:
    """Three runs: an up that went well, a down whose post hook failed, a build that a pre hook stopped."""
    return three_runs(shop)


@pytest.fixture(scope="module")
def common_past(common_shop: Project) -> Project:
    """The same, for all tests of a file that only look at it."""
    return three_runs(common_shop)


def three_runs(shop: Project) -> Project:
    shop.script("up.pre", "a.sh", "echo hello; printf 'no newline'")
    shop.script("down.post", "warn.sh", "exit 3")
    shop.script("build.pre", "stop.sh", "exit 4")
    for command in ("up", "down", "build"):
        shop.compose(command, *(["-d"] if command == "up" else []))
    return shop


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real browser, for all tests of a file."""
    one = Browser(tmp_path_factory.mktemp("browser"))
    yield one
    one.close()
