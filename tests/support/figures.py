"""Figures of the tests that count."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def show(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Print figures where the one who runs the tests sees them."""
    with capsys.disabled():
        sys.stdout.write(f"\n[faults] {line}\n")
