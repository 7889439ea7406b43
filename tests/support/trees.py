"""What is below a directory, and copies of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def tree(base: Path) -> dict[str, bytes | str]:
    """Every file below `base` with its content, every link with its target."""
    return {
        str(path.relative_to(base)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(base.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def copy_tree(source: Path, target: Path) -> Path:
    """Copy a directory, with the times of its files: bytecode counts by them. Returns `target`.

    For hookman with its bytecode this takes a quarter of the time that shutil.copytree takes.
    """
    subprocess.run(["cp", "-a", source, target], check=True)
    return target
