"""Runs the hooks of one operation, phase by phase.

carry_out.py knows when the phases happen, one_hook.py the way of each hook.
"""

from __future__ import annotations

import os

from hookman.base import errors
from hookman.base.errors import Problem
from hookman.base.messages import say
from hookman.base.records import replaced
from hookman.hooks import plan
from hookman.hooks.kinds import kind_of
from hookman.hooks.planned import CLOSING, RUN, event_name
from hookman.run import nesting
from hookman.run.last_check import LastCheck
from hookman.run.outcome import Outcome, note
from hookman.run.watched import WatchedFiles
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.base.signals import Signals
    from hookman.compose.steps import Up
    from hookman.export.trace import Trace
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook
    from hookman.lock.local import ProjectLock
    from hookman.log.writer import Journal
    from hookman.run.conditions import Conditions
    from hookman.run.display import Display
    from hookman.run.hook_starter import HookStarter
    from hookman.run.operation import Operation
    from hookman.run.output import Output
    from hookman.run.waits import Waits


class HookRunner:
    """Runs the hooks of one operation, and keeps what its functions exported."""

    tells_no_failures = False  # somebody else does (hookman test)
    may_wait = True  # not to try hooks out

    def __init__(
        self,
        operation: Operation,
        signals: Signals,
        journal: Journal,
        shown: Display,
        lock: ProjectLock | None = None,
    ) -> None:
        self.operation = operation
        self.signals = signals
        self.journal = journal
        self.display = shown
        self.exports: dict[str, str | None] = {}
        self.post_args: list[str] | None = None  # what functions get in the post phase, where the command tells it
        self.warned = False  # a hook failed that is allowed to fail
        self.deadline = 0.0  # time.monotonic() at which all hooks must have ended; 0 for none
        self.outcome: Mapping[str, str] = {}  # how the operation went, for the phases that close it
        self.background = False  # Compose has the terminal
        self.trace: Trace | None = None  # of the run, if it is exported
        self.watched = WatchedFiles(operation.surroundings, journal.redactor, _settings_files(operation))
        self.nesting = nesting.Event(operation.surroundings.data, operation.surroundings.project.real)
        self.last_check = LastCheck(operation)
        self.conditions: Conditions | None = None  # where a hook has some
        self._waits: Waits | None = None  # where a hook waits before it starts
        self.groups = 0  # of hooks that ran side by side
        self._lock = lock
        self._numbers = 0  # of hooks that were on their way
        self._starter: HookStarter | None = None  # from the first hook on
        self._may_differ = True  # the project, from how it was looked at: no hook that was skipped changed it
        self._looked_with: dict[str, str | None] = {}  # the exports, when the project was looked at

    @property
    def starter(self) -> HookStarter:
        """What starts them."""
        if self._starter is None:
            from hookman.run.hook_starter import HookStarter

            self._starter = HookStarter(self.signals, self.journal, self.exports, self._lock, self.trace)
        return self._starter

    @property
    def waits(self) -> Waits:
        """What they wait for."""
        if self._waits is None:
            from hookman.run.waits import Waits

            self._waits = Waits(self.signals, self.journal, self.display)
        return self._waits

    def look_again(self) -> Surroundings:
        """Look at the project again: a hook, or the run that had the lock before, may have changed it."""
        op = self.operation
        if not self.watched.changed() and self.exports == self._looked_with:
            return op.surroundings
        self._looked_with = dict(self.exports)
        now = op.lookup.look_again(op.surroundings, self.exports)
        settings = hookman_toml.looked_at_again(op.scope.settings, now.process, now.root, now.project, now.data)
        scope = replaced(op.scope, project=now.project, settings=settings)
        self.operation = replaced(op, surroundings=now, scope=scope)
        self.watched = WatchedFiles(now, self.journal.redactor, _settings_files(self.operation))
        self.journal.renamed(now.project.name)
        return now

    def phase(self, phase: str, exit_code: int | None = None) -> Outcome:
        """Plan and run the hooks of one phase. `exit_code` is Compose's. Raises as `hooks` does."""
        return self.hooks(self.planned(phase), exit_code)

    def planned(self, phase: str) -> list[PlannedHook]:
        """The hooks of one phase as they are now."""
        op = self.operation
        return plan.plan_event(op.scope, event_name(op.command, phase), op.skip)

    def close(self, outcome: Mapping[str, str]) -> None:
        """Tell hooks the `outcome` from now on. Compose has ended, and no longer has the terminal."""
        self.outcome = outcome
        self.background = False

    def phase_beside(self, phase: str, exit_code: int, up: Up) -> Outcome:
        """Run the hooks of one phase while Compose has the terminal, until what it started has been stopped.

        Compose must not end because of a hook, so an error is shown and not raised.
        """
        self.background = True
        self.display.live = False
        self.signals.stopped_beside = up.stopped
        self.waits.found(event_name(self.operation.command, phase), up.found, up.waited)
        try:
            return self.phase(phase, exit_code)
        except errors.HookmanError as error:
            say(error.text)
            self.journal.problem(error.problem)
            return Outcome(exit_code=error.exit_code)
        finally:
            self.signals.stopped_beside = None

    def hooks(self, hooks: list[PlannedHook], exit_code: int | None = None) -> Outcome:
        """Run `hooks` in the project directory; the first failure ends them (C9).

        Raises HookmanError, before any of them runs, if one is refused.
        """
        directory = self.operation.scope.project.directory
        hooks = [self._looked_at(hook) for hook in hooks]
        if refused := plan.refusal(hooks, directory):
            raise refused
        if not hooks:
            return Outcome()
        from hookman.hooks.groups import neighbours

        self._may_differ = True
        here = os.open(".", os.O_RDONLY)
        try:
            self.last_check.enter(to_run=any(hook.action == RUN for hook in hooks))
            self.nesting.begin()
            for group in neighbours(hooks):
                outcome = self._alone(group[0], exit_code) if len(group) == 1 else self._group(group, exit_code)
                if outcome.exit_code:
                    return outcome
        finally:
            self.nesting.end()
            if self._starter:
                self._starter.guardian.close()
            os.fchdir(here)
            os.close(here)
        return Outcome()

    def _alone(self, hook: PlannedHook, exit_code: int | None) -> Outcome:
        if number := self.signals.look():  # it came while no hook ran
            return Outcome(exit_code=errors.EXIT_SIGNAL + number, interrupted=number)
        if self._may_differ:
            self.look_again_before(hook)
        from hookman.run.event_loop import alone
        from hookman.run.one_hook import OneHook

        one = OneHook(self, hook, exit_code)
        self._may_differ = one.is_ready()
        return alone(one.steps(), self.signals) if self._may_differ else Outcome()

    def _group(self, hooks: list[PlannedHook], exit_code: int | None) -> Outcome:
        from hookman.run.side_by_side import SideBySide

        self._may_differ = True
        return SideBySide(self, exit_code).run(hooks)

    def next_number(self) -> int:
        """The number of the next hook in this run."""
        number = max(self._numbers, len(self.journal.hooks))
        self._numbers = number + 1
        return number

    def end(self) -> None:
        """Remove what was there for hooks; no hook runs after this."""
        if self._starter:
            self._starter.values.close()

    def not_run(self, phase: str, reason: str) -> None:
        """Say and note that the hooks of a phase did not run although they should have."""
        wanted = [hook for hook in self.planned(phase) if hook.action == RUN and hook.certain]
        if wanted:
            say(f"{phase} hooks did not run: {reason}")
        for hook in wanted:
            note(self.journal, hook, "skipped", reason=reason)

    def post_failure(self, after: Outcome) -> int:
        """The exit code of an operation that succeeded. `after` says how its post hooks did."""
        if after.interrupted or not after.exit_code:
            # Beside an attached `up` it was Compose that was stopped: its own exit code stands.
            return 0 if self.operation.attached else after.exit_code
        fails = self.post_fails(after)
        what = "a post hook failed" if fails else f"a post hook failed; {self.operation.command} itself succeeded"
        say(f"{'' if fails else 'warning: '}{what}. To run it again: hookman rerun")
        self.journal.problem(Problem(what=what, where=after.failed.label if after.failed else ""))
        return after.exit_code if fails else 0

    def post_fails(self, after: Outcome) -> bool:
        """Do the post hooks that failed (`after`) change the exit code? The setting `post_failure` says so."""
        rule = self.operation.scope.settings.post_failure
        return rule == "fail" or (rule == "kind" and after.failed is not None and kind_of(after.failed).fails_operation)

    def look_again_before(self, hook: PlannedHook) -> None:
        """Look again, because the hook before it may have written a .env. The closing phases ignore an error in it."""
        if self.conditions:
            self.conditions.look_again()
        try:
            self.look_again()
        except errors.HookmanError:
            if hook.phase not in CLOSING:
                raise
            op = self.operation
            now, scope = op.surroundings, op.scope
            settings = hookman_toml.trusted_again(scope.settings, now.process, now.root, now.project)
            self.operation = replaced(op, scope=replaced(scope, settings=settings))

    def _looked_at(self, hook: PlannedHook) -> PlannedHook:
        """The hook, ready to run if the user approves all of it that waits for review."""
        while self._approves(hook):
            hook = plan.approved_now(hook, self.operation.scope.settings)
        return hook

    def _approves(self, hook: PlannedHook) -> bool:
        """Show the user a hook that waits for review, and ask, if there is a terminal."""
        if not hook.kept or self.background or self.deadline:
            return False
        from hookman.consent import approved
        from hookman.run import terminal

        shown = approved.difference(hook.waits_for, hook.text, hook.kept)
        return terminal.confirm(
            f"hookman: {approved.visible(hook.why)}\n{shown}hookman: run it from now on? [y/N] ",
            self.signals,
        )

    def output_of(self, hook: PlannedHook) -> type[Output]:  # noqa: ARG002 (`hookman test` goes by it)
        """What reads the output of a hook."""
        from hookman.run.output import Output

        return Output


def _settings_files(operation: Operation) -> list[str]:
    """The files whose tables declare hooks. A new one in the project's directory changes that."""
    return [path for path, *_ in operation.scope.settings.stamps]
