"""How an attempt, a hook, a phase or the operation ended; and the record of a hook in the log."""

from __future__ import annotations

from hookman.base.errors import EXIT_TIMEOUT
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.hook_process import ProcessEnd

# How an operation went, as HOOKMAN_RESULT tells it:
OK, FAILURE, ABORTED, TIMEOUT, INTERRUPTED = "ok", "failed", "aborted", "timeout", "interrupted"


@record
class Attempt:
    """How an attempt of `hook` ended, and where its output is. Most hooks have one."""

    hook: PlannedHook  # with the name by which it failed
    ended: ProcessEnd
    started: float  # seconds since 1970
    output: str  # the name of the file
    problem: Problem | None = None  # if more is known than how its process ended
    inside: dict[str, str] = {}  # noqa: RUF012 (frozen): the service, the container and the image in which it ran
    made: list[dict[str, Any]] = []  # noqa: RUF012 (frozen): all attempts, if there were several


@record
class Outcome:
    """How a hook or a phase went: 0, or the exit code of the failure that ended it."""

    exit_code: int = 0
    interrupted: int = 0
    failed: PlannedHook | None = None  # the hook that failed
    warned: bool = False  # a hook failed that is allowed to


@record
class Standing:
    """How an operation went, as the closing hooks are told."""

    exit_code: int  # as shells show it
    result: str
    failed_hook: str = ""  # the label of the hook that failed
    said: str = ""  # the error that is about to be shown

    @property
    def variables(self) -> dict[str, str]:
        """What the hooks find in their environment beside HOOKMAN_EXIT_CODE."""
        return {"HOOKMAN_RESULT": self.result, "HOOKMAN_FAILED_HOOK": self.failed_hook}


def result_of(outcome: Outcome, *, otherwise: str) -> str:
    """The result of an operation that failed because the hooks of a phase did; `otherwise` if a hook just failed."""
    if outcome.interrupted:
        return INTERRUPTED
    return TIMEOUT if outcome.exit_code == EXIT_TIMEOUT else otherwise


def end_result(after: Outcome, *, failed: bool) -> str:
    """The result of a run in its record, if its command ran; `after` is the outcome of its post hooks."""
    if after.interrupted:
        return INTERRUPTED
    return "failed" if failed else "warned" if after.exit_code else OK


def note(journal: Journal, hook: PlannedHook, result: str, problem: Problem | None = None, **facts: object) -> None:
    """Note in the log how `hook` ended, or that it did not run."""
    if problem:
        facts["problem"] = problem.facts()
    journal.hook(event=hook.event, name=hook.name, kind=hook.kind, result=result, **facts)
