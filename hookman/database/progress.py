"""A line that shows how far a dump or a load has come: bytes and time, on a terminal only."""

from __future__ import annotations

import os
import time

from hookman.base.messages import STDERR, style, write

UNITS = ("B", "kB", "MB", "GB", "TB")
CLEAR = b"\r\x1b[K"


class Progress:
    """Shows the position in an open file that some program reads or writes.

    The program has inherited the descriptor, so its position is ours as well and nothing has to
    pass through us. `total` is the size in bytes if it is known; 0 where the file grows.
    """

    def __init__(self, what: str, file: int, total: int = 0) -> None:
        self.what = what
        self.file = file
        self.total = total
        self.started = time.monotonic()
        self.is_shown = style.moves and not style.is_quiet and os.isatty(STDERR)

    def show(self) -> None:
        """Show it as it is now, in place of what was shown before."""
        if self.is_shown:
            write(CLEAR + f"hookman: {self.line()}".encode())

    def clear(self) -> None:
        """Take away what was shown."""
        if self.is_shown:
            write(CLEAR)

    def line(self) -> str:
        """What is shown: `importing shop  12.3 MB of 80.1 MB (15 %)  4 s`."""
        done = os.lseek(self.file, 0, os.SEEK_CUR)
        of = f" of {size(self.total)} ({100 * done // self.total} %)" if self.total else ""
        return f"{self.what}  {size(done)}{of}  {time.monotonic() - self.started:.0f} s"


def size(count: int) -> str:
    """A number of bytes for people: 12.3 MB."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if unit else f"{count} B"
