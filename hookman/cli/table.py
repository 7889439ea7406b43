"""How our commands show things to people: times, names, columns."""

from __future__ import annotations

import shutil
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNLIMITED = 100_000  # columns where there is no terminal


def duration(seconds: Any) -> str:
    """A number of seconds for people: 0.3 s, 2 min 5 s; - for none."""
    if not isinstance(seconds, (int, float)):
        return "-"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def moment(since_epoch: Any) -> str:
    """A time in seconds since the epoch, for people, where they are."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(since_epoch or 0)))


def rows(table: list[list[str]], indent: str = "  ") -> list[str]:
    """Lines with aligned columns, the last of which is cut off where the terminal ends."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    room = shutil.get_terminal_size((UNLIMITED, 24)).columns
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return [line if len(line) <= room - len(indent) else f"{line[: room - len(indent) - 1]}…" for line in lines]
