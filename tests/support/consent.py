"""What a user has enabled."""

from __future__ import annotations

from pathlib import Path

from hookman.consent import marks
from tests.support.box import Box


def may_run(box: Box, directory: Path) -> bool:
    """Did the user say that the hooks of this directory may run?"""
    return marks.is_enabled(str(box.data), str(directory))


def nothing_is_enabled(box: Box) -> bool:
    """Is no directory enabled on this machine?"""
    return not list((box.data / "enabled").rglob("*"))
