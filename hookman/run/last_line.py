"""The last line that Compose wrote to stderr, if it can be read afterwards.

Compose writes to the caller's stderr itself, so hookman does not see it. Only a regular file can be read again.
"""

from __future__ import annotations

import os
import stat

from hookman.base.messages import STDERR

TAIL = 4096  # bytes


class Stderr:
    """Our stderr, from now on."""

    def __init__(self) -> None:
        self._began = self._size()

    def last_line(self) -> str:
        """The last line that was written since; "" where there is none, or it can't be read."""
        size = self._size()
        if self._began is None or size is None or size <= self._began:
            return ""
        start = max(self._began, size - TAIL)
        try:
            file = os.open(f"/dev/fd/{STDERR}", os.O_RDONLY)  # ours may be for writing alone
        except OSError:
            return ""
        try:
            text = os.pread(file, size - start, start).decode("utf-8", "surrogateescape")
        except OSError:
            return ""
        finally:
            os.close(file)
        return text.strip().rpartition("\n")[2].strip()

    @staticmethod
    def _size() -> int | None:
        """How long the file is; None for what is no regular file."""
        try:
            status = os.fstat(STDERR)
        except OSError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None
