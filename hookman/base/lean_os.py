"""What a run needs of `os`, whose import costs more than a hook does: its C half, and a few lines of the other one.

In the archive of front/archive.py, `import os` gives this module (install/bytecode.py). Whatever is not here comes
from `os` itself.
"""

from __future__ import annotations

import posix
from posix import *  # noqa: F403 (as `os` does)
from posix import _exit as _exit  # noqa: PLC0414 (it is for others)

from hookman.base import lean_path as path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["fsdecode", "fsencode", "path"]

SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2
sep, pathsep, linesep, devnull, defpath = "/", ":", "\n", "/dev/null", "/bin:/usr/bin"


def fsencode(name: str) -> bytes:
    """A name of the file system as bytes."""
    return name.encode(*path.ENCODING)


def fsdecode(name: bytes) -> str:
    """A name of the file system as text."""
    return name.decode(*path.ENCODING)


# As it was when we started.
environ = {fsdecode(name): fsdecode(value) for name, value in posix.environ.items()}  # type: ignore[misc]


def __getattr__(name: str) -> Any:
    import os as complete

    return getattr(complete, name)
