"""What went wrong with a hook, as a Problem: for the terminal and for the log."""

from __future__ import annotations

import errno

from hookman.base.errors import Problem
from hookman.hooks.kinds import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook
    from hookman.run.hook_process import Ended

COMMAND_NOT_FOUND = 127  # the shells' exit code where a program, or an interpreter, is missing


def of_end(hook: PlannedHook, ended: Ended, last_lines: str) -> Problem | None:
    """Of a hook that has ended and said `last_lines`; None if it went well, or only its exit code is known."""
    if ended.result == "timeout":
        return Problem(what=f"timed out after {hook.timeout:g} s", where=hook.place)
    if ended.result != "failed":
        return None
    if ended.exit_code == COMMAND_NOT_FOUND and (problem := kind_of(hook).why_not_found(hook)):
        return problem
    return Problem(what=last_lines, where=hook.place) if last_lines else None


def of_start(hook: PlannedHook, error: OSError) -> Problem:
    """Of a hook whose program the kernel refused to start."""
    if error.errno == errno.E2BIG:
        what = "its environment and its arguments are together larger than a program can be given"
        return Problem(what=what, where=hook.place, fix="make them smaller: look at what is exported")
    return kind_of(hook).why_not_started(hook, error)
