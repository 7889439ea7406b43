from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.engine import engine_variable, machine_variables, remove_containers
from tests.support.stacks import as_at_first, name_in


@pytest.fixture(scope="module")
def lasting_box(tmp_path_factory: pytest.TempPathFactory, installed: Box) -> Iterator[Box]:
    """A machine with a real engine for all tests of a file, with hookman installed."""
    box = Box(tmp_path_factory.mktemp("lasting"), Path(engine_variable("HOOKMAN_TEST_COMPOSE")), machine_variables())
    box.copy_installation(installed)
    yield box
    remove_containers(box)


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
