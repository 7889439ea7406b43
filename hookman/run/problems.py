"""What went wrong with a hook or the command, as a Problem: for the terminal and for the log."""

from __future__ import annotations

import errno

from hookman.base.errors import Problem
from hookman.base.records import replaced
from hookman.base.shortage import shortage
from hookman.hooks.kind import COMMAND_NOT_FOUND
from hookman.hooks.kinds import kind_of
from hookman.run.hook_process import TAIL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.base.redact import Redactor
    from hookman.hooks.planned import PlannedHook
    from hookman.run.hook_process import ProcessEnd

TAIL_LINES = 10  # of a failed hook's stderr, repeated in the message


def of_end(hook: PlannedHook, ended: ProcessEnd, redactor: Redactor) -> Problem | None:
    """The problem of a hook that has ended; None if it went well, or only its exit code is known.

    `redactor` masks its words.
    """
    if ended.result == "timeout":
        return Problem(what=f"timed out after {hook.timeout:g} s", where=hook.place)
    if ended.result != "failed":
        return None
    if ended.exit_code == COMMAND_NOT_FOUND and (problem := kind_of(hook).why_not_found(hook)):
        return problem
    last = last_lines(ended.stderr_tail, redactor, is_cut=len(ended.stderr_tail) == TAIL)
    return Problem(what=last, where=hook.place) if last else None


def of_command(command: str, exit_code: int, last_line: str) -> Problem:
    """The problem of a command that failed: Compose's, or ours on a database. `last_line` is what it said last."""
    program = "hookman" if command.startswith("db_") else "docker compose"
    what = f"{program} {command} failed with exit code {exit_code}"
    return Problem(what=f"{what}: {last_line}" if last_line else what)


def of_start(hook: PlannedHook, error: OSError) -> Problem:
    """The problem of a hook whose program the kernel refused to start."""
    if error.errno == errno.E2BIG:
        what = "its environment and its arguments are together larger than a program can be given"
        return Problem(what=what, where=hook.place, fix="make them smaller: look at what is exported")
    if problem := shortage(error):
        return replaced(problem, where=hook.place)
    return kind_of(hook).why_not_started(hook, error)


def last_lines(tail: bytes, redactor: Redactor, *, is_cut: bool) -> str:
    """The last lines of what was printed; masked before they are cut out. If it `is_cut`, there was more before it."""
    masked = redactor.text(tail, cut_before=is_cut).decode("utf-8", "surrogateescape").rstrip()
    if "\x1b[" in masked:  # colours mean nothing in a message; what moves the cursor is shown escaped
        import re

        masked = re.sub(r"\x1b\[[0-9;:]*m", "", masked)
    lines = [line.removesuffix("\r") for line in masked.split("\n")]
    return "\n".join(lines[-TAIL_LINES:]).strip()
