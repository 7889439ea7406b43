"""What the user sees of hooks that run side by side: each line with its hook's name before it, as Compose has them.

    01-warm.sh  | 12 pages
    02-seed.sh  | done
     ⠋ project.up.post/01-warm.sh     1.2s
     ⠋ project.up.post/02-seed.sh     1.2s

Below the output there is a clock for each that runs, where the terminal is ours alone.
"""

from __future__ import annotations

import os
import time

from hookman.base.messages import STDERR, one_line, style, write
from hookman.run import display
from hookman.run.display import APPEAR, CLEAR, INTERVAL, KEPT, OUTPUT, RESULTS, SPINNER, Display
from hookman.run.whole_lines import WholeLines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.hooks.planned import PlannedHook

MOST = 8  # clocks that are shown at the same time
COLOURS = (36, 33, 32, 35, 34)  # of names, in turn


class GroupDisplay:
    """Shows `hooks`, which run side by side. `parent` shows the others. `row` makes what shows one, if not a Row."""

    def __init__(
        self,
        parent: Display,
        hooks: list[PlannedHook],
        *,
        menu: bool,
        row: Callable[[PlannedHook], Display] | None = None,
    ) -> None:
        self.parent = parent
        self.menu = menu
        self.running: list[Row] = []  # the first that began is the first
        self._row = row
        self._began = time.monotonic()
        self._names = [one_line(hook.name) for hook in hooks]
        self._rows: list[Display] = []
        self._drawn: list[int] = []  # how long the lines are that are drawn now
        self._drawn_at = 0.0
        parent.end_line()
        style.under = self.clear

    def row(self, hook: PlannedHook) -> Display:
        """What shows one of the hooks."""
        found = self._row(hook) if self._row else Row(self, self._prefix(one_line(hook.name)))
        self._rows.append(found)
        return found

    def close(self) -> None:
        """All have ended. Their time is that of the group."""
        self.clear()
        style.under = None
        self.parent.seconds += time.monotonic() - self._began
        self.parent.slowest = max([self.parent.slowest, *(row.slowest for row in self._rows)], key=lambda one: one[1])

    def print(self, prefix: bytes, lines: list[bytes]) -> None:
        """Show lines of a hook."""
        if lines:
            self.clear()
            write(self._without_menu() + b"".join(prefix + line + b"\n" for line in lines))

    def ended(self, result: str, text: str) -> None:
        """Show the line of a hook that has ended."""
        self.clear()
        write(self._without_menu())
        self.parent.line(result, text)

    def _without_menu(self) -> bytes:
        """What removes Compose's menu from the line in which something is about to be written."""
        return CLEAR.encode() if self.menu and style.moves and os.isatty(STDERR) else b""

    def clear(self) -> None:
        """Remove the clocks, because something is about to be written."""
        if self._drawn:
            write(self._back_to_first() + b"\x1b[J")
            self._drawn = []

    def tick(self) -> float | None:
        """Move the clocks on. Returns after how many seconds to call this again, or None for never."""
        parent = self.parent
        if not parent.live or not self.running or RESULTS not in parent.shown:
            return None
        now = time.monotonic()
        next_time = max(self.running[0].since + APPEAR, self._drawn_at + INTERVAL if self._drawn else 0.0)
        if now >= next_time:
            if not display.is_secret_typed():
                self._draw(now)
            next_time = now + INTERVAL
        return next_time - now

    def _draw(self, now: float) -> None:
        wide, high = _size()
        most = max(1, min(MOST, high - 3))
        running = self.running if len(self.running) <= most else self.running[: most - 1]
        lines = [row.clock(now, wide) for row in running]
        if more := len(self.running) - len(running):
            lines.append(f" … and {more} more"[: wide - 1])
        text = "\r\n".join(f"{line}\x1b[K" for line in lines)
        write(self._back_to_first() + f"{text}\x1b[J".encode("utf-8", "surrogateescape"))
        self._drawn = [*map(len, lines)]
        self._drawn_at = now

    def _back_to_first(self) -> bytes:
        """What moves the cursor to the first line that is drawn. A terminal that became narrower has broken some."""
        wide = display.columns()
        up = sum(max(1, -(-length // wide)) for length in self._drawn) - 1
        return f"\x1b[{up}A\r".encode() if up > 0 else b"\r"

    def _prefix(self, name: str) -> bytes:
        """What comes before each line of the hook with that name."""
        text = f"{name:<{max(map(len, self._names))}}  | "
        if self.parent.colour:
            text = f"\x1b[{COLOURS[self._names.index(name) % len(COLOURS)]}m{text}\x1b[0m"
        return text.encode("utf-8", "surrogateescape")


class Row(Display):
    """Shows one hook of a group."""

    def __init__(self, group: GroupDisplay, prefix: bytes) -> None:
        super().__init__(group.parent.shown)
        self.group = group
        self.since = 0.0
        self._prefix = prefix
        self._lines = WholeLines()

    def begin(self, label: str, *, beside: bool = False) -> None:  # noqa: ARG002 (each line has its owner)
        """The hook begins."""
        self._label = self._name = one_line(label)
        self.since, self._kept = time.monotonic(), b""
        self.group.running.append(self)

    def output(self, data: bytes) -> None:
        """The hook printed something."""
        if self.group.parent.hides(data):
            return
        if OUTPUT not in self.shown:
            self._kept = (self._kept + data)[-KEPT:]
            return
        self.group.print(self._prefix, self._lines.feed(data))

    def tick(self) -> float | None:
        """Move the clocks of all on."""
        return self.group.tick()

    def clock(self, now: float, wide: int) -> str:
        """Its line while it runs, at most `wide` columns."""
        age = now - self.since
        mark = SPINNER[int(age / INTERVAL) % len(SPINNER)]
        return f"{_cut(f' {mark} {self._label}', wide - 12)}  {age:6.1f}s"

    def end(self, result: str, seconds: float, exit_code: int | None = None) -> None:  # noqa: ARG002 (for JSON)
        """The hook has ended. If it failed, what it printed is shown in any case."""
        if result != "ok" and self._kept:
            self.group.print(self._prefix, self._lines.feed(self._kept))
        if self._label:
            self.forget()
        self.count(self._name, seconds)
        if RESULTS in self.shown:
            self.line(result, f"{self._name}  {display.took(result, seconds)}")

    def forget(self) -> None:
        """The hook does not run any more."""
        self.group.print(self._prefix, self._lines.end())
        self.group.running.remove(self)
        self._label, self._kept = "", b""

    def line(self, result: str, text: str) -> None:
        """Write the line of a hook that has ended so."""
        self.group.ended(result, text)


def _cut(text: str, wide: int) -> str:
    """The beginning of `text` that certainly fits: a letter beyond ASCII may take two columns."""
    if text.isascii() and len(text) <= wide:
        return text
    for number, letter in enumerate(text):
        wide -= 1 if letter.isascii() else 2
        if wide < 0:
            return text[:number]
    return text


def _size() -> tuple[int, int]:
    """Columns and lines of the terminal."""
    try:
        found = os.get_terminal_size(STDERR)
    except OSError:
        return 80, 24
    return found.columns or 80, found.lines or 24
