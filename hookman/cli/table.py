"""How our commands show things to people: times, names, columns."""

from __future__ import annotations

import re
import shutil
import time

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNLIMITED = 100_000  # columns where there is no terminal
COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")


def duration(seconds: Any) -> str:
    """A number of seconds for people: 120 ms, 3.4 s, 2 min 5 s, 3 h 20 min; - for none."""
    if not isinstance(seconds, (int, float)):
        return "-"
    if seconds < 0.9995:  # what would be 1000 ms is 1.0 s
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes = int(seconds) // 60
    return f"{minutes} min {int(seconds) % 60} s" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def moment(since_epoch: Any) -> str:
    """A time in seconds since the epoch, for people, where they are."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(since_epoch or 0)))


def columns() -> int:
    """The width of the terminal; COLUMNS overrides it."""
    return shutil.get_terminal_size((UNLIMITED, 24)).columns


def rows(table: list[list[str]], indent: str = "  ") -> list[str]:
    """Lines with aligned columns, the last of which is cut off where the terminal ends. Cells may have colours."""
    return [cut(line, columns() - len(indent)) for line in aligned(table)]


def aligned(table: list[list[str]]) -> list[str]:
    """The same, as long as the lines get."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in table]


def width(table: list[list[str]], indent: str = "  ") -> int:
    """How many columns of the terminal the table takes."""
    return sum(max(map(_width, column)) + len(indent) for column in zip(*table, strict=True))


def cut(line: str, room: int) -> str:
    """The line with at most `room` columns; … is at its end where something was cut off. Colours take no room."""
    if _width(line) <= room:
        return line
    kept, left = "", max(0, room - 1)
    for number, part in enumerate(COLOURS.split(line)):
        if number % 2:
            kept += part
        else:
            kept += part[:left]
            left -= min(left, len(part))
    return f"{kept}…"


def _width(text: str) -> int:
    return len(click.unstyle(text))


def padded(cell: str, width: int) -> str:
    """The cell, which may have colours, with spaces up to that width."""
    return cell + " " * (width - _width(cell))
