"""How hooks ended: one attempt of a hook, a hook or a phase. And the note of it in the log."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.hook_process import Ended


@record
class Attempt:
    """How an attempt of `hook` ended, and where its output is. Most hooks have one."""

    hook: PlannedHook  # with the name by which it failed
    ended: Ended
    started: float  # seconds since 1970
    output: str  # the name of the file
    problem: Problem | None = None  # if more is known than how its process ended
    made: list[dict[str, Any]] = []  # noqa: RUF012 (frozen): all attempts, if there were several


@record
class Outcome:
    """How a hook or a phase went: 0, or the exit code of the failure that ended it."""

    exit_code: int = 0
    interrupted: int = 0
    failed: PlannedHook | None = None  # the hook that failed
    warned: bool = False  # a hook failed that may


def note(journal: Journal, hook: PlannedHook, result: str, problem: Problem | None = None, **facts: object) -> None:
    """Note in the log how `hook` ended, or that it did not run."""
    if problem:
        facts["problem"] = problem.facts()
    journal.hook(event=hook.event, name=hook.name, kind=hook.kind, result=result, **facts)
