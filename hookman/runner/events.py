"""The hooks of one operation, event by event: run, judged, noted.

The one place that knows what the end of a hook means. When its events happen: lifecycle.py.
"""

from __future__ import annotations

import os
import time

from hookman import config, environment, errors
from hookman.errors import Problem
from hookman.hooks import functions, plan, scripts
from hookman.messages import one_line, say
from hookman.record import record, replaced
from hookman.runner import nesting, problems, process, terminal
from hookman.runner.guardian import HOOK_ID, Guardian
from hookman.runner.place import Place
from hookman.runner.watched import WatchedFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.environment import Surroundings
    from hookman.hooks.plan import PlannedHook
    from hookman.runner.display import Display
    from hookman.runner.journal import Journal
    from hookman.runner.lock import ProjectLock
    from hookman.runner.operation import Operation
    from hookman.runner.process import Ended
    from hookman.runner.signals import Signals

TAIL_LINES = 10  # of a failed hook's stderr, repeated in the message


@record
class Outcome:
    """How an event went: 0, or the exit code of the failure that ended it."""

    exit_code: int = 0
    interrupted: int = 0
    hook: str = ""  # the one that failed
    kind: str = plan.SCRIPT  # its kind


class Runner:
    """Runs the hooks of one operation; keeps what its functions exported."""

    def __init__(self, operation: Operation, signals: Signals, journal: Journal, shown: Display) -> None:
        self.operation = operation
        self.signals = signals
        self.journal = journal
        self.display = shown
        self.exports: dict[str, str | None] = {}
        self.background = False  # Compose has the terminal
        self.after: Outcome | None = None  # of the post hooks that ran while Compose did
        self.guardian = Guardian()
        self._watched = WatchedFiles(operation.where, journal.redactor)
        self._looked_with: dict[str, str | None] = {}  # the exports, when the project was looked at
        self._nesting = nesting.Event(operation.where.data, operation.where.project.real)
        self._count = 0
        self._place = Place(operation)

    def look_again(self) -> Surroundings:
        """Take the project as it is now: a hook of ours, or the run that had the lock, may have changed it."""
        op = self.operation
        if not self._watched.changed() and self.exports == self._looked_with:
            return op.where
        self._looked_with = dict(self.exports)
        where = op.again(op.where, self.exports)
        settings = config.looked_at_again(op.config, where.process, where.root, where.project)
        self.operation = replaced(op, where=where, config=settings)
        self._watched = WatchedFiles(where, self.journal.redactor)
        self.journal.renamed(where.project.name)
        return where

    def event(self, phase: str, exit_code: int | None = None) -> Outcome:
        """Plan and run the hooks of one phase. `exit_code` is Compose's. Raises as `hooks` does."""
        op = self.operation
        event = plan.event_name(op.command, phase)
        return self.hooks(
            plan.plan_event(op.where.project.directory, event, op.config, op.skip, op.where.process), exit_code
        )

    def hooks(self, hooks: list[PlannedHook], exit_code: int | None = None) -> Outcome:
        """Run `hooks` in the project directory; the first failure ends them (C9).

        Raises HookmanError, before any of them runs, if one is refused.
        """
        directory = self.operation.where.project.directory
        hooks = [plan.approved_now(hook) if self._approves(hook) else hook for hook in hooks]
        if refused := plan.refusal(hooks, directory):
            raise refused
        if not hooks:
            return Outcome()
        here = os.open(".", os.O_RDONLY)
        try:
            self._place.enter(to_run=any(hook.action == plan.RUN for hook in hooks))
            self._nesting.begin()
            for hook in hooks:
                if number := self.signals.look():  # it came while no hook ran
                    return Outcome(exit_code=errors.EXIT_SIGNAL + number, interrupted=number)
                self.look_again()  # the hook before it may have written a .env
                outcome = self._hook(hook, exit_code)
                if outcome.exit_code:
                    return replaced(outcome, hook=hook.label, kind=hook.kind)
        finally:
            self._nesting.end()
            self.guardian.close()
            os.fchdir(here)
            os.close(here)
        return Outcome()

    def _approves(self, hook: PlannedHook) -> bool:
        """Show the user a hook that waits for review, and ask: if there is a terminal to ask at."""
        if not hook.kept or self.background:
            return False
        from hookman.hooks import review

        shown = review.difference(hook.path, hook.text, hook.kept)
        return terminal.confirm(
            f"hookman: {review.visible(hook.warning)}\n{shown}hookman: run it from now on? [y/N] ",
            self.signals,
        )

    def _hook(self, hook: PlannedHook, exit_code: int | None) -> Outcome:
        if hook.action == plan.RUN:
            hook = self._place.as_checked(hook)
        if hook.action == plan.SKIP:
            if hook.warning:
                say(hook.warning)
            self.display.skip(hook.label, hook.reason)
            self._note(hook, "skipped", reason=hook.reason)
            return Outcome()
        environ = self._environment(hook, exit_code)
        argv = self._argv(hook)
        self.display.reason(f"{hook.label} runs: {hook.place}, {hook.limit}")
        self.display.begin(hook.label)
        output = self.journal.output(self._count, hook.name)

        def show(data: bytes, descriptor: int) -> None:
            self.display.output(data)
            self._watched.look()  # before it is masked: a hook may create a password and print it
            output.write(data, descriptor)

        started = time.time()
        is_function = hook.kind == plan.FUNCTION
        try:
            ended = process.run(
                argv,
                environment.at_start(self.operation.where, environ, self.exports) if is_function else environ,
                self.signals,
                show,
                self.guardian,
                timeout=hook.timeout,
                grace=self.operation.config.grace,
                tick=self.display.tick,
                with_report=is_function,
                background=self.background,
                started=lambda: self.journal.hook_started(hook.event, hook.name),
            )
        except process.NotStartedError as error:
            return self._never_started(hook, error.error)
        self._watched.look()
        path = output.close()
        if hook.kind == plan.FUNCTION:
            found = ended.report.startswith(process.FOUND)
            ended = replaced(ended, report=ended.report.removeprefix(process.FOUND))
            exports = environment.changes(environ, ended.report)
            given = {key: value for key, value in exports.items() if value is not None}
            for key in environment.too_large(given, self.operation.where.process, hook.name):
                del exports[key]
            self.journal.redactor.learn(exports)  # also those of one that failed
            if ended.report.startswith(b"absent\0"):
                self.exports.update(exports)
                self.display.forget()
                return Outcome()
            if not (found or hook.certain):  # hooks.sh ended before anybody knew whether it defines the function
                hook = replaced(hook, name=functions.FILE_NAME)
            ended = self._functions_verdict(ended, exports)
        return self._judge(hook, ended, started, os.path.basename(path))

    def _functions_verdict(self, ended: Ended, exports: Mapping[str, str | None]) -> Ended:
        """Take over what a function exported; an EXIT trap of its own does not change its verdict (C43)."""
        status = ended.report.partition(b"\0")[0]
        if not status.isdigit() or ended.signal or ended.timed_out:
            return ended
        if status == b"0":
            self.exports.update(exports)
        return replaced(ended, exit_code=int(status))

    def _judge(self, hook: PlannedHook, ended: Ended, started: float, output: str) -> Outcome:
        """What the end of a hook means, said and noted (C6 to C8, C60 to C62)."""
        facts: dict[str, Any] = {"seconds": round(ended.seconds, 3), "started": round(started, 3), "output": output}
        result = ended.result
        problem = problems.of_end(hook, ended, self._end_of(ended.stderr_tail))
        self.display.end(result, ended.seconds)
        self._note(hook, result, problem, exit_code=ended.exit_code, **facts)
        if result == "interrupted":
            return Outcome(exit_code=errors.EXIT_SIGNAL + ended.interrupted, interrupted=ended.interrupted)
        if result == "timeout":
            say(f'Hook "{one_line(hook.name)}" timed out after {hook.timeout:g} s')
            return Outcome(exit_code=errors.EXIT_TIMEOUT)
        if result == "failed":
            return self._failed(hook, ended.exit_code, problem)
        return Outcome()

    def _failed(self, hook: PlannedHook, exit_code: int, problem: Problem | None) -> Outcome:
        message = f'Hook "{one_line(hook.name)}" failed with exit code {exit_code}'
        say(f"{message}: {problem.line}" if problem else message)
        return Outcome(exit_code=errors.EXIT_FAILED)

    def _never_started(self, hook: PlannedHook, error: OSError) -> Outcome:
        """A hook whose program the kernel refused to start: no time of it is noted."""
        problem = problems.of_start(hook, error)
        self.display.end("failed", 0.0)
        self._note(hook, "failed", problem, exit_code=problems.COMMAND_NOT_FOUND)
        return self._failed(hook, problems.COMMAND_NOT_FOUND, problem)

    def post_hooks_meanwhile(self, lock: ProjectLock | None, why_not: str) -> None:
        """Run the post hooks of an attached `up`, beside it, then give the lock back; or say `why_not`."""
        if why_not:
            self._not_run(plan.POST, why_not)
            return
        self.background = True
        self.display.live = False
        try:
            self.after = self.event(plan.POST, 0)
        except errors.HookmanError as error:  # Compose must not end because of it
            say(f"{error.message}\n{error.mend}")
            self.journal.problem(error.problem)
            self.after = Outcome(exit_code=error.exit_code)
        if lock:
            lock.release()

    def _not_run(self, phase: str, reason: str) -> None:
        """Say and note that the hooks of a phase that would have run did not."""
        op = self.operation
        event = plan.event_name(op.command, phase)
        hooks = plan.plan_event(op.where.project.directory, event, op.config, op.skip, op.where.process)
        wanted = [hook for hook in hooks if hook.action == plan.RUN and hook.certain]
        if wanted:
            say(f"{phase} hooks did not run: {reason}")
        for hook in wanted:
            self._note(hook, "skipped", reason=reason)

    def post_failure(self, hook_failed: Outcome) -> int:
        """The exit code of an operation that succeeded and whose post event ended with `hook_failed`."""
        if hook_failed.interrupted or not hook_failed.exit_code:
            # Beside an attached `up` it was Compose that was stopped: its own exit code stands.
            return 0 if self.operation.attached else hook_failed.exit_code
        rule = self.operation.config.post_failure
        fails = hook_failed.kind == plan.FUNCTION if rule == "kind" else rule == "fail"
        what = "a post hook failed" if fails else f"a post hook failed; {self.operation.command} itself succeeded"
        if not fails:
            say(f"warning: {what}")
        self.journal.problem(Problem(what=what, where=hook_failed.hook))
        return hook_failed.exit_code if fails else 0

    def _argv(self, hook: PlannedHook) -> list[str]:
        if hook.kind == plan.SCRIPT:
            return [*(scripts.traced_by(hook.path)[0] if hook.trace else []), hook.path]
        op = self.operation
        driver = [functions.bash(op.where.process.get("PATH", "")), "--noprofile", "--norc", functions.DRIVER]
        trace = "trace" if hook.trace else ""
        is_post = hook.event.endswith(f".{plan.POST}")
        args = op.post_args if is_post and op.post_args is not None else op.args
        return [*driver, hook.path, hook.name, str(process.REPORT_FD), trace, *args]

    def _environment(self, hook: PlannedHook, exit_code: int | None) -> dict[str, str]:
        with_dotenv = hook.kind == plan.FUNCTION or self.operation.config.dotenv == "all"
        environ = environment.for_hook(
            self.operation.where,
            hook.event,
            with_dotenv=with_dotenv,
            exports=self.exports,
            exit_code=exit_code,
            running=self._nesting.line,
        )
        if hook.trace and hook.kind == plan.SCRIPT:
            environ |= scripts.traced_by(hook.path)[1]
        return {**environ, HOOK_ID: f"{self.operation.where.run}-{os.getpid()}-{self._count}"}

    def _end_of(self, tail: bytes) -> str:
        """The last lines of a hook's stderr, for its failure message; masked before they are cut out."""
        masked = self.journal.redactor.text(tail, cut_before=len(tail) == process.TAIL)
        lines = masked.decode("utf-8", "surrogateescape").rstrip().split("\n")
        return "\n".join(lines[-TAIL_LINES:]).strip()

    def _note(self, hook: PlannedHook, result: str, problem: Problem | None = None, **facts: object) -> None:
        self._count += 1
        if problem:
            facts["problem"] = problem.facts()
        self.journal.hook(event=hook.event, name=hook.name, kind=hook.kind, result=result, **facts)
