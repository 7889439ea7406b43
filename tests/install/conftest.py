from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.base.files import replace_file
from hookman.front.program import ARCHIVE
from tests.support.box import Box


@pytest.fixture(autouse=True)
def _this_hookman_keeps_its_archive(installed: Box) -> Iterator[None]:
    """Put back what `uninstall` removes of the hookman that runs it: all other tests use that one too."""
    archive = Path(ARCHIVE).read_bytes() if os.path.exists(ARCHIVE) else b""
    yield
    if archive and not os.path.exists(ARCHIVE):
        replace_file(ARCHIVE, archive, mode=0o644)
