from __future__ import annotations

import pytest

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
