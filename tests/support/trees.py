"""What is below a directory."""

from __future__ import annotations

import os
from pathlib import Path


def tree(base: Path) -> dict[str, bytes | str]:
    """Every file below `base` with its content, every link with its target."""
    return {
        str(path.relative_to(base)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(base.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
