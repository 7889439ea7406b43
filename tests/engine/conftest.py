from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.attached import Up
from tests.support.box import Box, Project
from tests.support.stacks import as_at_first, name_in


@pytest.fixture(scope="module")
def standing(lasting_box: Box) -> Project:
    """The project of `stack`."""
    return lasting_box.project(name_in(lasting_box, "hm-stack"))


@pytest.fixture
def stack(standing: Project) -> Project:
    """An enabled project without hooks, whose services `web` and `db` run: they start once for a file."""
    if not as_at_first(standing):
        result = standing.compose("up", "-d", "--skip-hooks")
        assert result.code == 0, result
    return standing


@pytest.fixture
def started(real_box: Box) -> Iterator[list[Up]]:
    """The attached `up` of a test, which are stopped at its end."""
    ups: list[Up] = []
    yield ups
    for up in ups:
        up.stop()
