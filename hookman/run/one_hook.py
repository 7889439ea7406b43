"""Runs one hook: last check, conditions, waits, attempts, and what its end means.

hook_runner.py says which hook it is, hook_starter.py how it starts, judging.py what its end means.
"""

from __future__ import annotations

import time

from hookman.base.messages import say
from hookman.base.records import replaced
from hookman.hooks.planned import CONDITIONS, POST, PRE, RETRYING, RUN, SKIP
from hookman.run.outcome import Outcome, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.hooks.planned import PlannedHook
    from hookman.run.event_loop import Steps
    from hookman.run.hook_runner import HookRunner
    from hookman.run.judging import Judge
    from hookman.run.outcome import Attempt


class OneHook:
    """Runs `hook`, one of the hooks of `runner`. `exit_code` is Compose's."""

    def __init__(self, runner: HookRunner, hook: PlannedHook, exit_code: int | None) -> None:
        self.runner = runner
        self.hook = hook
        self.exit_code = exit_code
        self.journal = runner.journal
        self.display = runner.display
        self.ended: Outcome | None = None  # it ended before it began: what it waits for did not come
        self.told = runner.exports  # takes what it exports, and its values
        self.group = 0  # of those that run side by side: its number in this run
        self.cancelled_by = ""  # the hook of the group whose failure stops it
        self._number = 0  # of this hook in the run

    @property
    def is_cancelled(self) -> bool:
        """Is it to be stopped, or not to be tried again?"""
        return bool(self.cancelled_by)

    def is_ready(self) -> bool:
        """Look at it once more, judge its conditions, and wait for its services: is it to run? If not, that is noted.

        Raises HookmanError if it may no longer run.
        """
        if self.hook.action == RUN:
            self.check()
        if self.hook.action == RUN and CONDITIONS & self.hook.keys.keys():
            self._judge_conditions()
        if self.hook.action == RUN and self.runner.may_wait and (self.hook.phase == POST or "wait" in self.hook.keys):
            self._wait()
        return self._is_to_run()

    def is_still_ready(self) -> bool:
        """Look at it once more, right before it starts, where others have run since its conditions were judged."""
        self.check()
        return self._is_to_run()

    def _is_to_run(self) -> bool:
        if self.hook.action != SKIP:
            return True
        if self.hook.problem:
            say(self.hook.problem.line)
        self.display.skip(self.hook.label, self.hook.reason)
        note(self.journal, self.hook, "skipped", self.hook.problem, reason=self.hook.reason)
        return False

    def check(self) -> None:
        """Look at the hook as it is now, right before it starts. Raises HookmanError if it may no longer run."""
        self.hook = self._in_time(self.runner.last_check.as_checked(self.hook, self.runner.operation))

    def steps(self) -> Steps[Outcome]:
        """Run it to its end. Yields what it waits for. Raises HookmanError."""
        if self.ended:
            return self.ended
        self._number = self.runner.next_number()
        if RETRYING & self.hook.keys.keys():
            from hookman.run.retrying import attempts

            tried = yield from attempts(self)
        else:
            tried = yield from self.attempt(self.hook)
        return tried if isinstance(tried, Outcome) else self.judge(tried)

    def attempt(self, hook: PlannedHook, number: int = 1) -> Steps[Attempt | Outcome]:
        """Run it, as `hook` says, for the time `number`. The outcome if there is no such hook or it can't start."""
        from hookman.run.hook_starter import Circumstances, NotStartedError

        runner = self.runner
        now = Circumstances(
            operation=runner.operation,
            args=runner.post_args if hook.phase != PRE and runner.post_args is not None else runner.operation.args,
            count=self._number,
            attempt=number,
            watched=runner.watched,
            running=runner.nesting.line,
            outcome=runner.outcome,
            exit_code=self.exit_code,
            background=runner.background or bool(self.group),
            output=runner.output_of(hook),
            display=self.display,
            told=self.told,
            group=self.group,
            is_cancelled=lambda: self.is_cancelled,
        )
        try:
            tried = yield from runner.starter.attempt(hook, now)
        except NotStartedError as error:
            return self._kept(self._judge().never_started(hook, error.error, self._facts()))
        if tried is None:
            self.display.forget()
            return Outcome()
        return tried

    def judge(self, tried: Attempt) -> Outcome:
        """Decide what the end of the hook means, say it and note it."""
        runner = self.runner
        outcome = self._kept(self._judge().of(tried, self._facts()))
        if runner.conditions and tried.ended.result == "ok":
            runner.conditions.succeeded(tried.hook)
        return outcome

    def _wait(self) -> None:
        """Wait for what the hook waits for. If that does not come, it has ended."""
        runner, waits = self.runner, self.runner.waits
        most = max(0.1, runner.deadline - time.monotonic()) if runner.deadline else 0.0
        found = waits.before(self.hook, runner.operation, runner.exports, beside=runner.background, most=most)
        if found:
            self.ended = self._kept(self._judge().not_ready(self.hook, found))
        elif waits.asked:  # that may have taken long
            self.check()

    def _kept(self, outcome: Outcome) -> Outcome:
        """The outcome. The runner keeps whether a hook failed that is allowed to fail."""
        self.runner.warned = self.runner.warned or outcome.warned
        return outcome

    def _facts(self) -> dict[str, Any]:
        """What the log has of it beside how it ended."""
        return {
            **({"group": self.group} if self.group else {}),
            **({"reason": f"{self.cancelled_by} failed"} if self.is_cancelled else {}),
        }

    def _judge(self) -> Judge:
        from hookman.run.judging import Judge

        return Judge(self.journal, self.display, quiet=self.runner.tells_no_failures)

    def _in_time(self, hook: PlannedHook) -> PlannedHook:
        """The hook with a time limit that ends at the deadline, if there is a deadline. If that has passed: skipped."""
        deadline = self.runner.deadline
        if not deadline:
            return hook
        left = round(deadline - time.monotonic(), 1)
        if left <= 0:
            return replaced(hook, action=SKIP, reason="no time left after the signal")
        return replaced(hook, timeout=min(hook.timeout or left, left))

    def _judge_conditions(self) -> None:
        """Skip the hook if a condition of its table does not hold now. Raises HookmanError."""
        runner = self.runner
        if runner.conditions is None:
            from hookman.run.conditions import Conditions

            runner.conditions = Conditions(self.journal.directory, runner.signals)
        if not runner.operation.unconditional:
            self.hook = runner.conditions.judged(self.hook, runner.operation, runner.exports)
        elif self.journal.directory:
            runner.conditions.expect(self.hook, runner.operation, runner.exports)
