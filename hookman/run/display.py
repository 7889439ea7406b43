"""What the user sees of the hooks of a run, on stderr: what they print, and a line for each.

On a terminal, the line of a running hook has a clock and stays below what the hook prints. At the
end it looks like a line of Compose: ` ✔ project.up.pre/01-env.sh  0.3s`. In a file or a pipe, the
lines are the same, without clock and colour.
"""

from __future__ import annotations

import os
import time

from hookman.base.messages import STDERR, one_line, say, style, write
from hookman.compose.appearance import ALWAYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hookman.compose.appearance import Appearance
    from hookman.hooks.planned import PlannedHook
    from hookman.run.group_display import GroupDisplay

# What can be shown: the setting `output` (settings/hookman_toml.py).
OUTPUT = "output"  # what hooks print, as they print it
RESULTS = "results"  # a line for each hook
TOTAL = "total"  # a line at the end, where something was slow or went wrong
REASONS = "reasons"  # why each hook runs or does not

SLOW = 10.0  # seconds of hooks after which there is a total
APPEAR = 0.3  # seconds after which a hook is worth a running clock
INTERVAL = 0.1  # seconds between two looks at the clock
KEPT = 64 * 1024  # bytes of a silent hook's output that are shown if it fails
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
CLEAR = "\r\x1b[K"
MARKS = {"ok": ("✔", "32"), "skipped": ("-", "33")}  # result → mark and colour
FAILED = ("✘", "31")
CANCELLED = "cancelled"  # the result of a hook that was stopped because another one of its group failed
OWNER = "▸"  # before the label of the hook whose output follows


class Display:
    """Shows the hooks of one operation. `shown` says what is shown; the words are above.

    `live`: the terminal is ours alone, so a clock may run. `colour`: colours are wanted.
    """

    def __init__(self, shown: Collection[str], *, live: bool = False, colour: bool = False) -> None:
        self.shown = shown
        self.live = live
        self.colour = colour
        self.seconds = 0.0  # of all hooks that have ended
        self.slowest = ("", 0.0)
        self._label = ""  # of the hook that runs
        self._name = ""  # the label of the last one
        self._since = 0.0
        self._is_drawn = False
        self._at_line_start = True
        self._kept = b""
        self._needs_owner = False

    def begin(self, label: str, *, beside: bool = False) -> None:
        """A hook begins; `beside`: Compose prints at the same time, so a line says whose output follows."""
        self._label = self._name = one_line(label)
        self._since, self._kept = time.monotonic(), b""
        self._needs_owner = beside

    def wait(self, text: str) -> None:
        """A hook waits before it begins: the line with the clock says for what. "" ends that."""
        if text and not self._label:
            self._since = time.monotonic()
        if one_line(text) != self._label:
            self._clear()
        self._label = one_line(text)

    def output(self, data: bytes) -> None:
        """The hook printed something."""
        if self.hides(data):
            return
        if OUTPUT not in self.shown:
            self._kept = (self._kept + data)[-KEPT:]
            return
        self._clear()
        self._write(data)

    def hides(self, data: bytes) -> bool:  # noqa: ARG002 (`hookman test` looks at it)
        """Is this nothing that the user wants to see of what a hook printed?"""
        return False

    def beside(self, hooks: list[PlannedHook], *, menu: bool) -> GroupDisplay:
        """What shows `hooks` that run side by side. `menu`: Compose prints at the same time."""
        from hookman.run.group_display import GroupDisplay

        return GroupDisplay(self, hooks, menu=menu)

    def tick(self) -> float | None:
        """Move the clock on. Returns after how many seconds to call this again, or None for never."""
        if not self.live or not self._label or RESULTS not in self.shown:
            return None
        age = time.monotonic() - self._since
        if age < APPEAR:
            return APPEAR - age
        if self._at_line_start and not is_secret_typed():
            mark = SPINNER[int(age / INTERVAL) % len(SPINNER)]
            text = f" {mark} {self._label}"[: columns() - 12] + f"  {age:6.1f}s"
            # Drawn again it does not move the cursor, for a program may have asked something behind it.
            write((f"\x1b7\r{text}\x1b8" if self._is_drawn else text).encode("utf-8", "surrogateescape"))
            self._is_drawn = True
        return INTERVAL

    def end(self, result: str, seconds: float, exit_code: int | None = None) -> None:  # noqa: ARG002 (for JSON)
        """The hook has ended. If it failed, what it printed is shown in any case."""
        label, self._label = self._name, ""
        self._clear()
        if result != "ok" and self._kept:
            self._write(self._kept, label)
        self._kept = b""
        if result != "ok" or RESULTS in self.shown:
            self.end_line()
        self.count(label, seconds)
        if RESULTS in self.shown:
            self.line(result, f"{label}  {took(result, seconds)}")

    def end_line(self) -> None:
        """What comes next begins a line."""
        if not self._at_line_start:
            # As many blanks as reach the next line, unless the cursor is at the start of one (somebody typed Enter).
            write(f"{' ' * (columns() - 1)}{CLEAR}".encode() if self.live else b"\n")
            self._at_line_start = True

    def forget(self) -> None:
        """Forget the hook that began: hooks.sh does not define this function."""
        self._label = ""
        self._clear()

    def skip(self, label: str, reason: str) -> None:
        """A hook is not run."""
        if REASONS in self.shown:
            self.line("skipped", one_line(f"{label}  skipped: {reason}"))

    def reason(self, text: str) -> None:
        """Show a reason, for HOOKMAN_VERBOSE."""
        if REASONS in self.shown:
            say(text)

    def total(self, command: str, run: str, *, wrong: bool) -> None:
        """End the operation `command`. Say how long its hooks took, if that was long or something went `wrong`."""
        label, seconds = self.slowest
        if TOTAL not in self.shown or not label or not (wrong or self.seconds >= SLOW):
            return
        slowest = f" (slowest: {label}, {seconds:.1f} s)" if seconds < self.seconds else ""
        took = f"the hooks of {command} took {self.seconds:.1f} s{slowest}. " if self.seconds >= SLOW else ""
        say(f"{took}More: hookman log {run.rpartition('-')[2]}")

    def _write(self, data: bytes, label: str = "") -> None:
        """Write what a hook printed."""
        if self._needs_owner:
            self._needs_owner = False
            clear = CLEAR if style.moves and os.isatty(STDERR) else ""  # Compose's menu may be in that line
            write(f"{clear} {OWNER} {label or self._label} prints:\n".encode("utf-8", "surrogateescape"))
        write(data)
        self._at_line_start = data.endswith(b"\n")

    def count(self, label: str, seconds: float) -> None:
        """Count the time of a hook that ran alone."""
        self.seconds += seconds
        self.slowest = max(self.slowest, (label, seconds), key=lambda label_and_seconds: label_and_seconds[1])

    def line(self, result: str, text: str) -> None:
        """Write the line of a hook that has ended so."""
        mark, colour = MARKS.get(result, FAILED)
        mark = f"\x1b[{colour}m{mark}\x1b[0m" if self.colour else mark
        write(f" {mark} {text}\n".encode("utf-8", "surrogateescape"))

    def _clear(self) -> None:
        if self._is_drawn:
            write(CLEAR.encode())
            self._is_drawn = False


def for_stderr(shown: Collection[str], environ: Mapping[str, str], looks: Appearance) -> Display:
    """The display for our stderr that the command line asks for.

    It is live only on a terminal that can move its cursor, and has no colour with NO_COLOR.
    """
    if looks.is_json:
        from hookman.run.json_display import JsonDisplay

        return JsonDisplay(shown)
    moves = environ.get("TERM", "dumb") != "dumb" and os.isatty(STDERR)
    colour = (moves or looks.ansi == ALWAYS) and not looks.is_plain and not environ.get("NO_COLOR")
    return Display(() if looks.is_quiet else shown, live=moves and not looks.is_plain, colour=colour)


def took(result: str, seconds: float) -> str:
    """How long a hook took; that it was cancelled."""
    return f"cancelled after {seconds:.1f}s" if result == CANCELLED else f"{seconds:.1f}s"


def columns() -> int:
    """How wide the terminal is."""
    try:
        return os.get_terminal_size(STDERR).columns or 80
    except OSError:
        return 80


def is_secret_typed() -> bool:
    """Does a program read a password from the terminal? Then nobody else should write to it."""
    import termios

    try:
        local_modes = termios.tcgetattr(STDERR)[3]
    except termios.error:
        return False
    return not int(local_modes) & termios.ECHO
