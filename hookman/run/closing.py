"""The phases that close an operation: `failed` if it did not succeed, and `always`. They do not change its result."""

from __future__ import annotations

import time

from hookman.base.errors import HookmanError, Problem
from hookman.base.messages import say
from hookman.hooks.planned import RUN
from hookman.lock.local import HeldAboveError
from hookman.run.outcome import INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.lock.local import ProjectLock
    from hookman.run.hook_runner import HookRunner
    from hookman.run.outcome import Standing

AFTER_SIGNAL = 30.0  # seconds that these hooks have together after a signal


def close(runner: HookRunner, phases: list[str], standing: Standing, lock: ProjectLock | None) -> bool:
    """Run the hooks of `phases`; False if one of them failed. Errors are shown, not raised.

    `lock` is the lock of the project, if the operation had it. It is taken again if it was given back.
    """
    return _Closing(runner, standing).run(phases, lock)


class _Closing:
    def __init__(self, runner: HookRunner, standing: Standing) -> None:
        self.runner = runner
        self.standing = standing

    def run(self, phases: list[str], lock: ProjectLock | None) -> bool:
        """Run the hooks of `phases`. Did all succeed?"""
        runner, signals = self.runner, self.runner.signals
        after_signal = self.standing.result == INTERRUPTED or bool(signals.received)
        signals.acted_on()
        runner.close(self.standing.variables)
        if after_signal:
            self._hurry(phases)
        why = self._take_again(lock)
        if why:
            for phase in phases:
                runner.not_run(phase, why)
            return False
        return all([self._phase(phase) for phase in phases])  # noqa: C419 (all of them run)

    def _phase(self, phase: str) -> bool:
        """Run the hooks of one phase. Did they succeed?"""
        runner = self.runner
        try:
            outcome = runner.phase(phase, self.standing.exit_code)
        except HookmanError as error:
            if error.text != self.standing.said:
                say(error.text)
            runner.journal.problem(error.problem)
            return False
        if outcome.interrupted:
            runner.signals.acted_on()
            self._hurry([])
        if outcome.failed:
            what = f"one of the {phase} hooks failed"
            say(f"warning: {what}; the exit code is still {self.standing.exit_code}")
            runner.journal.problem(Problem(what=what, where=outcome.failed.label))
        return not outcome.exit_code

    def _hurry(self, phases: list[str]) -> None:
        """Limit the time of all closing hooks, because a signal came."""
        runner = self.runner
        if runner.deadline:
            return
        runner.deadline = time.monotonic() + AFTER_SIGNAL
        if any(hook.action == RUN and hook.certain for phase in phases for hook in runner.planned(phase)):
            say(f"stopped; its {' and '.join(phases)} hooks have {AFTER_SIGNAL:g} s")

    def _take_again(self, lock: ProjectLock | None) -> str:
        """Take the lock if it was given back. Returns why these hooks do not run: "" if the lock came in time."""
        if not lock or lock.descriptor != -1:
            return ""
        operation = self.runner.operation
        limit = operation.scope.settings.lock_timeout
        if self.runner.deadline:
            limit = min(limit or AFTER_SIGNAL, AFTER_SIGNAL)
        try:
            lock.acquire(operation.command, limit, self.runner.signals, say)
        except HookmanError as error:
            self.runner.signals.acted_on()
            return error.message
        except (HeldAboveError, OSError):  # the pre hooks ran without the lock too
            return ""
        return ""
