"""Hooks that run side by side: neighbours in the order of an event that say `parallel` (docs/rules.md).

They begin in their order, at most `jobs` at the same time. After a failure or a signal none begins any more; with
`cancel` a failure also stops those that run. What they export reaches the hooks after the group, in the order of the
plan: so it does not depend on which of them is faster.
"""

from __future__ import annotations

import os

from hookman.base import errors
from hookman.base.errors import HookmanError
from hookman.run.event_loop import alone, together
from hookman.run.one_hook import OneHook
from hookman.run.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookman.hooks.planned import PlannedHook
    from hookman.run.event_loop import Steps
    from hookman.run.hook_runner import HookRunner


class SideBySide:
    """One group of hooks of `runner`. `exit_code` is Compose's."""

    def __init__(self, runner: HookRunner, exit_code: int | None) -> None:
        self.runner = runner
        self.exit_code = exit_code
        self._going: list[OneHook] = []
        self._cancels = False
        self._outcome = Outcome()  # of the first that failed
        self._error: HookmanError | None = None

    def run(self, hooks: list[PlannedHook]) -> Outcome:
        """Run them; the first failure, in time, is that of the group. Raises HookmanError."""
        runner = self.runner
        if number := runner.signals.look():
            return _interrupted(number)
        runner.look_again_before(hooks[0])
        ready = self._ready(hooks)
        if self._outcome.exit_code:
            return self._outcome
        if len(ready) > 1:
            self._together(ready)
        elif ready:
            self._outcome = alone(ready[0].steps(), runner.signals)
        if self._error:
            raise self._error
        # A signal that came while the last one ended counts too.
        return _interrupted(number) if (number := runner.signals.look()) else self._outcome

    def _ready(self, hooks: list[PlannedHook]) -> list[OneHook]:
        """Those that are to run; none any more after one that waited in vain."""
        ready = []
        for hook in hooks:
            one = OneHook(self.runner, hook, self.exit_code)
            is_ready = one.is_ready()
            if one.ended and one.ended.exit_code:  # what it waits for did not come
                self._outcome = one.ended
                break
            if is_ready and not one.ended:
                ready.append(one)
        return ready

    def _together(self, ready: list[OneHook]) -> None:
        """Run them to their ends."""
        runner = self.runner
        self._cancels = any(one.hook.keys.get("cancel") for one in ready)
        runner.groups += 1
        shown = runner.display.beside([one.hook for one in ready], menu=runner.background)
        for one in ready:
            one.group, one.told, one.display = runner.groups, {}, shown.row(one.hook)
        try:
            together(self._ways(ready), runner.operation.scope.settings.jobs or cores(), runner.signals)
        finally:
            shown.close()
        for one in ready:
            runner.exports.update(one.told)

    def _ways(self, ready: list[OneHook]) -> Iterator[Steps[None]]:
        """The ways of the hooks, each when it may begin."""
        for number, one in enumerate(ready):
            if self._outcome.exit_code or self._error or self.runner.signals.look():
                return
            yield self._way(one, is_first=not number)

    def _way(self, one: OneHook, *, is_first: bool) -> Steps[None]:
        """One hook to its end; what is wrong with it is kept, for the others are not to be left alone."""
        try:
            if not is_first:
                self.runner.look_again_before(one.hook)
                if not one.is_still_ready():
                    return
            self._going.append(one)
            outcome = yield from one.steps()
            self._going.remove(one)
        except HookmanError as error:
            self._error = self._error or error
            self._stop(one)
            return
        if outcome.exit_code and not self._outcome.exit_code:
            self._outcome = outcome
            self._stop(one)

    def _stop(self, failed: OneHook) -> None:
        """Stop those that run, if a failure does that."""
        if self._cancels:
            for one in self._going:
                one.cancelled_by = one.cancelled_by or failed.hook.label


def _interrupted(number: int) -> Outcome:
    return Outcome(exit_code=errors.EXIT_SIGNAL + number, interrupted=number)


def cores() -> int:
    """How many processor cores we may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
