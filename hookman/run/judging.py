"""Decides what the end of a hook means, shows it, and writes it to the log (C6 to C8, C60 to C62)."""

from __future__ import annotations

from hookman.base import errors
from hookman.base.messages import one_line, say
from hookman.hooks.kind import COMMAND_NOT_FOUND
from hookman.run import problems
from hookman.run.display import CANCELLED
from hookman.run.outcome import Outcome, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.display import Display
    from hookman.run.outcome import Attempt
    from hookman.run.waits import NotReady


class Judge:
    """Judges the hooks of one run. If `quiet`, it shows no failures: `hookman test` shows them itself."""

    def __init__(self, journal: Journal, display: Display, *, quiet: bool) -> None:
        self.journal = journal
        self.display = display
        self.quiet = quiet

    def of(self, tried: Attempt, more: dict[str, Any]) -> Outcome:
        """The outcome of a hook whose last attempt is `tried`. The log gets `more` about it."""
        hook, ended = tried.hook, tried.ended
        result = ended.result
        problem = tried.problem or problems.of_end(hook, ended, self.journal.redactor)
        allowed = result in ("failed", "timeout") and may_fail(hook, ended.exit_code, timed_out=result == "timeout")
        facts: dict[str, Any] = {
            "seconds": round(ended.seconds, 3),
            "started": round(tried.started, 3),
            "output": tried.output,
            **more,
        }
        facts |= tried.inside
        if result != CANCELLED:
            facts.pop("reason", None)  # it had ended before
        if tried.made:
            facts["attempts"] = tried.made
        if allowed:
            facts["allowed"] = True
        self.display.end(result, ended.seconds, ended.exit_code)
        note(self.journal, hook, result, problem, exit_code=ended.exit_code, **facts)
        if result == "interrupted":
            return Outcome(exit_code=errors.EXIT_SIGNAL + ended.interrupted, interrupted=ended.interrupted)
        if result == CANCELLED:
            self._tell(f'Hook "{one_line(hook.name)}" was cancelled: {more["reason"]}')
            return Outcome()
        if result == "timeout":
            self._tell(f'Hook "{one_line(hook.name)}" timed out after {hook.timeout:g} s')
            return _failed(hook, errors.EXIT_TIMEOUT, allowed=allowed)
        if result == "failed":
            self._tell_exit_code(hook, ended.exit_code, problem)
            return _failed(hook, errors.EXIT_FAILED, allowed=allowed)
        return Outcome()

    def never_started(self, hook: PlannedHook, error: OSError, more: dict[str, Any]) -> Outcome:
        """The outcome of a hook whose program the kernel did not start. The log has no duration for it."""
        problem = problems.of_start(hook, error)
        self.display.end("failed", 0.0)
        allowed = may_fail(hook, COMMAND_NOT_FOUND)
        facts = {**more, **({"allowed": True} if allowed else {})}
        note(self.journal, hook, "failed", problem, exit_code=COMMAND_NOT_FOUND, **facts)
        self._tell_exit_code(hook, COMMAND_NOT_FOUND, problem)
        return _failed(hook, errors.EXIT_FAILED, allowed=allowed)

    def not_ready(self, hook: PlannedHook, found: NotReady) -> Outcome:
        """The outcome of a hook that did not run, because what it waits for did not come."""
        if found.interrupted:
            return Outcome(exit_code=errors.EXIT_SIGNAL + found.interrupted, interrupted=found.interrupted)
        result = "timeout" if found.timed_out else "failed"
        allowed = may_fail(hook, errors.EXIT_FAILED, timed_out=found.timed_out)
        self.display.begin(hook.label)
        self.display.end(result, 0.0)
        note(self.journal, hook, result, found.problem, **({"allowed": True} if allowed else {}))
        self._tell(f'Hook "{one_line(hook.name)}" did not run: {found.problem.line}')
        return _failed(hook, errors.EXIT_TIMEOUT if found.timed_out else errors.EXIT_FAILED, allowed=allowed)

    def _tell_exit_code(self, hook: PlannedHook, exit_code: int, problem: Problem | None) -> None:
        message = f'Hook "{one_line(hook.name)}" failed with exit code {exit_code}'
        self._tell(f"{message}: {problem.line}" if problem else message)

    def _tell(self, text: str) -> None:
        if not self.quiet:
            say(text)


def may_fail(hook: PlannedHook, exit_code: int, *, timed_out: bool = False) -> bool:
    """Does the table of the hook allow this failure? A timeout counts as 124."""
    allowed = hook.keys.get("allow_failure", False)
    return allowed is True or (bool(allowed) and (errors.EXIT_TIMEOUT if timed_out else exit_code) in allowed)


def _failed(hook: PlannedHook, exit_code: int, *, allowed: bool) -> Outcome:
    """The outcome of a hook that failed. If it is `allowed` to fail, this is a warning, and the event goes on."""
    if not allowed:
        return Outcome(exit_code=exit_code, failed=hook)
    say(f"warning: {one_line(hook.name)} may fail (allow_failure), so {hook.event.removeprefix('project.')} goes on")
    return Outcome(warned=True)
