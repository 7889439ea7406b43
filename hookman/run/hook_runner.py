"""Runs the hooks of one operation, phase by phase, judges how each ended, and notes that in the log.

Only this file knows what the end of a hook means. carry_out.py knows when the phases happen.
"""

from __future__ import annotations

import os
import time

from hookman.base import errors
from hookman.base.errors import Problem
from hookman.base.messages import one_line, say
from hookman.base.records import record, replaced
from hookman.consent import approved
from hookman.hooks import environment, plan
from hookman.hooks.kinds import kind_of
from hookman.hooks.planned import CLOSING, CONDITIONS, PRE, RETRYING, RUN, SKIP, event_name
from hookman.run import hook_process, nesting, problems, terminal, terminal_variables
from hookman.run.attempt import Attempt
from hookman.run.guardian import HOOK_ID, Guardian
from hookman.run.last_check import LastCheck
from hookman.run.output import Output
from hookman.run.values import Values, problem_of
from hookman.run.watched import WatchedFiles
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hookman.base.signals import Signals
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.kind import Verdict
    from hookman.hooks.planned import PlannedHook
    from hookman.lock.local import ProjectLock
    from hookman.log.writer import Journal
    from hookman.run.conditions import Conditions
    from hookman.run.display import Display
    from hookman.run.hook_process import Ended
    from hookman.run.operation import Operation


@record
class Outcome:
    """How a phase went: 0, or the exit code of the failure that ended it."""

    exit_code: int = 0
    interrupted: int = 0
    failed: PlannedHook | None = None  # the hook that failed


class HookRunner:
    """Runs the hooks of one operation, and keeps what its functions exported."""

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
        self.warned = False  # a hook failed that may
        self.deadline = 0.0  # time.monotonic() at which all hooks must have ended; 0 for none
        self._outcome: Mapping[str, str] = {}  # how the operation went, for the phases that close it
        self._values = Values(journal.directory, journal.run)
        self._background = False  # Compose has the terminal
        self._guardian = Guardian(lock)
        self._watched = WatchedFiles(operation.surroundings, journal.redactor, _settings_files(operation))
        self._looked_with: dict[str, str | None] = {}  # the exports, when the project was looked at
        self._nesting = nesting.Event(operation.surroundings.data, operation.surroundings.project.real)
        self._count = 0
        self._last_check = LastCheck(operation)
        self._conditions: Conditions | None = None  # where a hook has some

    def look_again(self) -> Surroundings:
        """Look at the project again: a hook, or the run that had the lock before, may have changed it."""
        op = self.operation
        if not self._watched.changed() and self.exports == self._looked_with:
            return op.surroundings
        self._looked_with = dict(self.exports)
        now = op.lookup.look_again(op.surroundings, self.exports)
        settings = hookman_toml.looked_at_again(op.scope.settings, now.process, now.root, now.project, now.data)
        scope = replaced(op.scope, project=now.project, settings=settings)
        self.operation = replaced(op, surroundings=now, scope=scope)
        self._watched = WatchedFiles(now, self.journal.redactor, _settings_files(self.operation))
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
        self._outcome = outcome
        self._background = False

    def phase_beside(self, phase: str, exit_code: int, stopped: Callable[[], bool]) -> Outcome:
        """Run the hooks of one phase while Compose has the terminal, until what it started has been `stopped`.

        Compose must not end because of a hook, so an error is shown and not raised.
        """
        self._background = True
        self.display.live = False
        self.signals.stopped_beside = stopped
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
        here = os.open(".", os.O_RDONLY)
        try:
            self._last_check.enter(to_run=any(hook.action == RUN for hook in hooks))
            self._nesting.begin()
            for hook in hooks:
                if number := self.signals.look():  # it came while no hook ran
                    return Outcome(exit_code=errors.EXIT_SIGNAL + number, interrupted=number)
                self._look_again_before(hook)
                outcome = self._hook(hook, exit_code)
                if outcome.exit_code:
                    return outcome
        finally:
            self._nesting.end()
            self._guardian.close()
            os.fchdir(here)
            os.close(here)
        return Outcome()

    def end(self) -> None:
        """Remove what was there for hooks; no hook runs after this."""
        self._values.close()

    def not_run(self, phase: str, reason: str) -> None:
        """Say and note that the hooks of a phase did not run although they should have."""
        wanted = [hook for hook in self.planned(phase) if hook.action == RUN and hook.certain]
        if wanted:
            say(f"{phase} hooks did not run: {reason}")
        for hook in wanted:
            self._note(hook, "skipped", reason=reason)

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

    def _look_again_before(self, hook: PlannedHook) -> None:
        """Look again, because the hook before it may have written a .env. The closing phases ignore an error in it."""
        try:
            self.look_again()
        except errors.HookmanError:
            if hook.phase not in CLOSING:
                raise
            op = self.operation
            now, scope = op.surroundings, op.scope
            settings = hookman_toml.trusted_again(scope.settings, now.process, now.root, now.project)
            self.operation = replaced(op, scope=replaced(scope, settings=settings))

    def _in_time(self, hook: PlannedHook) -> PlannedHook:
        """The hook with a time limit that ends at the deadline, if there is a deadline. If that has passed: skipped."""
        if not self.deadline:
            return hook
        left = round(self.deadline - time.monotonic(), 1)
        if left <= 0:
            return replaced(hook, action=SKIP, reason="no time left after the signal")
        return replaced(hook, timeout=min(hook.timeout or left, left))

    def _judged(self, hook: PlannedHook) -> PlannedHook:
        """The hook, skipped if a condition of its table does not hold now. Raises HookmanError."""
        if self._conditions is None:
            from hookman.run.conditions import Conditions

            self._conditions = Conditions(self.journal.directory, self.signals)
        if self.operation.unconditional:
            if self.journal.directory:
                self._conditions.expect(hook, self.operation, self.exports)
            return hook
        return self._conditions.judged(hook, self.operation, self.exports)

    def _looked_at(self, hook: PlannedHook) -> PlannedHook:
        """The hook, ready to run if the user approves all of it that waits for review."""
        while self._approves(hook):
            hook = plan.approved_now(hook, self.operation.scope.settings)
        return hook

    def _approves(self, hook: PlannedHook) -> bool:
        """Show the user a hook that waits for review, and ask, if there is a terminal."""
        if not hook.kept or self._background or self.deadline:
            return False
        shown = approved.difference(hook.waits_for, hook.text, hook.kept)
        return terminal.confirm(
            f"hookman: {approved.visible(hook.why)}\n{shown}hookman: run it from now on? [y/N] ",
            self.signals,
        )

    def _hook(self, hook: PlannedHook, exit_code: int | None) -> Outcome:
        if hook.action == RUN:
            hook = self.checked(hook)
        if hook.action == RUN and CONDITIONS & hook.keys.keys():
            hook = self._judged(hook)
        if hook.action == SKIP:
            if hook.problem:
                say(hook.problem.line)
            self.display.skip(hook.label, hook.reason)
            self._note(hook, "skipped", hook.problem, reason=hook.reason)
            return Outcome()
        if RETRYING & hook.keys.keys():
            from hookman.run.retrying import attempts

            tried = attempts(self, hook, exit_code)
        else:
            tried = self.attempt(hook, exit_code)
        return tried if isinstance(tried, Outcome) else self.judge(tried)

    def checked(self, hook: PlannedHook) -> PlannedHook:
        """The hook as it is now, right before it starts once more. Raises HookmanError if it may no longer run."""
        return self._in_time(self._last_check.as_checked(hook, self.operation))

    def attempt(self, hook: PlannedHook, exit_code: int | None, number: int = 1) -> Attempt | Outcome:
        """Run a hook for the time `number`. Returns the outcome if there is no such hook or it can't start."""
        args = self.post_args if hook.phase != PRE and self.post_args is not None else self.operation.args
        environ = self._environment(hook, args, exit_code)
        self.display.reason(f"{hook.label} runs: {hook.place}, {hook.limit}")
        self.display.begin(hook.label, beside=self._background)
        started = time.time()
        try:
            argv = self._argv(hook, args)
            ended, output = self._process(hook, argv, environ, number)
        except hook_process.NotStartedError as error:
            return self._never_started(hook, error.error)
        verdict = self._verdict(hook, ended, environ)
        if verdict.absent:
            self.display.forget()
            return Outcome()
        hook = replaced(hook, name=verdict.name or hook.name)
        ended = replaced(ended, exit_code=verdict.exit_code)
        wrong = self._take_values(hook, well=ended.result == "ok")
        if wrong and ended.result == "ok":
            ended = replaced(ended, exit_code=errors.EXIT_FAILED)
        return Attempt(hook=hook, ended=ended, started=started, output=output, problem=wrong)

    def _argv(self, hook: PlannedHook, args: list[str]) -> list[str]:
        """The command line that starts the hook. Raises HookmanError, or NotStartedError if its program is missing."""
        search_path = hook.keys.get("env", {}).get("PATH") or self.operation.scope.environ.get("PATH", "")
        try:
            return kind_of(hook).argv(hook, args, search_path)
        except OSError as error:
            raise hook_process.NotStartedError(error) from error

    def _process(self, hook: PlannedHook, argv: list[str], environ: dict[str, str], number: int) -> tuple[Ended, str]:
        """Run the process of a hook in `environ`. Returns how it ended, and the name of the file with its output.

        Raises NotStartedError.
        """
        op, kind = self.operation, kind_of(hook)
        output = self.journal.output(self._count, hook.name if number == 1 else f"{hook.name}.{number}")

        def show(data: bytes, descriptor: int) -> None:
            self.display.output(data)
            self._watched.look()  # before it is masked: a hook may create a password and print it
            output.write(data, descriptor)

        def note_start() -> None:
            self.journal.hook_started(hook.event, hook.name)

        if not kind.report_descriptor:  # else it says itself that there is such a hook
            note_start()  # before it starts: hookman may be killed right after
        ended = hook_process.run(
            argv,
            kind.at_start(op.surroundings, environ, self.exports),
            self.signals,
            show,
            self._guardian,
            timeout=hook.timeout,
            grace=float(hook.keys.get("grace", op.scope.settings.grace)),
            tick=self.display.tick,
            report_descriptor=kind.report_descriptor,
            background=self._background,
            pty=hook.keys.get("pty", False),
            begun=note_start,
            output=self.output_of(hook),
        )
        self._watched.look()
        return ended, os.path.basename(output.close())

    def _verdict(self, hook: PlannedHook, ended: Ended, environ: dict[str, str]) -> Verdict:
        """What the hook itself says at its end. Its exports are kept, and masked in any case."""
        own_end = not (ended.signal or ended.timed_out)
        verdict = kind_of(hook).verdict(hook, ended.exit_code, ended.report, environ, own_end=own_end)
        exports = dict(verdict.exports)
        given = {name: value for name, value in exports.items() if value is not None}
        for name in environment.too_large(given, self.operation.surroundings.process, hook.name):
            del exports[name]
        self.journal.redactor.learn(exports)
        if verdict.takes_effect:
            self.exports.update(exports)
        return verdict

    def _take_values(self, hook: PlannedHook, *, well: bool) -> Problem | None:
        """Keep what the hook wrote into HOOKMAN_ENV, if it ended `well`. Returns what is wrong with it."""
        values, wrong = self._values.take()
        self.journal.redactor.learn(values)
        if wrong:
            return problem_of(wrong, hook.place)
        if well and values:
            for name in environment.too_large(values, self.operation.surroundings.process, hook.name):
                del values[name]
            self.exports.update(values)
        return None

    def judge(self, tried: Attempt) -> Outcome:
        """Decide what the end of a hook means, say it and note it (C6 to C8, C60 to C62)."""
        hook, ended = tried.hook, tried.ended
        result = ended.result
        problem = tried.problem or problems.of_end(hook, ended, self.journal.redactor)
        allowed = result in ("failed", "timeout") and may_fail(hook, ended.exit_code, timed_out=result == "timeout")
        facts: dict[str, Any] = {
            "seconds": round(ended.seconds, 3),
            "started": round(tried.started, 3),
            "output": tried.output,
        }
        if tried.made:
            facts["attempts"] = tried.made
        if allowed:
            facts["allowed"] = True
        self.display.end(result, ended.seconds, ended.exit_code)
        self._note(hook, result, problem, exit_code=ended.exit_code, **facts)
        if result == "interrupted":
            return Outcome(exit_code=errors.EXIT_SIGNAL + ended.interrupted, interrupted=ended.interrupted)
        if result == "timeout":
            self.tell_failure(f'Hook "{one_line(hook.name)}" timed out after {hook.timeout:g} s')
            return self._failed(hook, errors.EXIT_TIMEOUT, allowed=allowed)
        if result == "failed":
            self._tell_exit_code(hook, ended.exit_code, problem)
            return self._failed(hook, errors.EXIT_FAILED, allowed=allowed)
        if self._conditions:
            self._conditions.succeeded(hook)
        return Outcome()

    def _tell_exit_code(self, hook: PlannedHook, exit_code: int, problem: Problem | None) -> None:
        message = f'Hook "{one_line(hook.name)}" failed with exit code {exit_code}'
        self.tell_failure(f"{message}: {problem.line}" if problem else message)

    def _failed(self, hook: PlannedHook, exit_code: int, *, allowed: bool) -> Outcome:
        """The outcome of a hook that failed. If it is `allowed` to fail, this is a warning, and the event goes on."""
        if not allowed:
            return Outcome(exit_code=exit_code, failed=hook)
        self.warned = True
        say(
            f"warning: {one_line(hook.name)} may fail (allow_failure), so {hook.event.removeprefix('project.')} goes on"
        )
        return Outcome()

    def tell_failure(self, text: str) -> None:
        """Tell the user how a hook failed."""
        say(text)

    def output_of(self, hook: PlannedHook) -> type[Output]:  # noqa: ARG002 (`hookman test` goes by it)
        """What reads the output of a hook."""
        return Output

    def _never_started(self, hook: PlannedHook, error: OSError) -> Outcome:
        """The outcome of a hook whose program the kernel did not start. The log has no time for it."""
        problem = problems.of_start(hook, error)
        self.display.end("failed", 0.0)
        allowed = may_fail(hook, problems.COMMAND_NOT_FOUND)
        facts = {"allowed": True} if allowed else {}
        self._note(hook, "failed", problem, exit_code=problems.COMMAND_NOT_FOUND, **facts)
        self._tell_exit_code(hook, problems.COMMAND_NOT_FOUND, problem)
        return self._failed(hook, errors.EXIT_FAILED, allowed=allowed)

    def _environment(self, hook: PlannedHook, args: list[str], exit_code: int | None) -> dict[str, str]:
        kind = kind_of(hook)
        environ = environment.for_hook(
            self.operation.surroundings,
            hook.event,
            with_dotenv=kind.sees_dotenv(self.operation.scope.settings),
            exports=self.exports,
            exit_code=exit_code,
            running=self._nesting.line,
            told={**self._outcome, **self._values.variables(self.operation, args)},
        )
        environ |= hook.keys.get("env", {})
        if hook.keys.get("pty"):
            environ |= terminal_variables.of_pty(environ)
        else:
            environ |= terminal_variables.of_pipes(environ, self.operation.looks)
        if hook.trace:
            environ |= kind.traced(hook)
        return {**environ, HOOK_ID: f"{self.operation.surroundings.run}-{os.getpid()}-{self._count}"}

    def _note(self, hook: PlannedHook, result: str, problem: Problem | None = None, **facts: object) -> None:
        self._count += 1
        if problem:
            facts["problem"] = problem.facts()
        self.journal.hook(event=hook.event, name=hook.name, kind=hook.kind, result=result, **facts)


def may_fail(hook: PlannedHook, exit_code: int, *, timed_out: bool = False) -> bool:
    """Does the table of the hook allow this failure? A timeout counts as 124."""
    allowed = hook.keys.get("allow_failure", False)
    return allowed is True or (bool(allowed) and (errors.EXIT_TIMEOUT if timed_out else exit_code) in allowed)


def _settings_files(operation: Operation) -> list[str]:
    """The files whose tables declare hooks. A new one in the project's directory changes that."""
    return [path for path, *_ in operation.scope.settings.stamps]
