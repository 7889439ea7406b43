from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def log(tmp_path: Path) -> str:
    """The data directory of a project."""
    return str(tmp_path)
