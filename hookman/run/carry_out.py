"""Carrying an operation out: the lock, the pre hooks, the command, the post hooks, the closing hooks, the record.

The one place that knows in which order things happen. The command itself yields steps
(compose/steps.py); `_Course._follow` reads them and decides.
"""

from __future__ import annotations

import os
import time

from hookman.base import errors, paths
from hookman.base.messages import redactor, say, say_beside, style
from hookman.base.signals import Signals
from hookman.compose import launch
from hookman.compose.engine_id import EngineNote, EngineQuestion
from hookman.compose.steps import Ended, Late, NotUp, Up, Waiting
from hookman.hooks import environment
from hookman.hooks.planned import ALWAYS, CLOSING, POST, PRE
from hookman.log.origin import origin
from hookman.log.writer import Journal
from hookman.run import display, last_line, nesting
from hookman.run.data_directory import data_directory
from hookman.run.hook_runner import HookRunner
from hookman.run.outcome import ABORTED, FAILURE, INTERRUPTED, OK, Outcome, Standing, end_result, result_of
from hookman.run.run_lock import RunLock, lock_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hookman.compose.steps import Step
    from hookman.export.start import Sending
    from hookman.hooks.environment import Surroundings
    from hookman.lock.local import ProjectLock
    from hookman.run.operation import Operation

    Act = Callable[[Surroundings, Mapping[str, str], Signals], Iterator[Step]]

# Commands that may create volumes, and that may remove them.
MAY_CREATE_VOLUMES = frozenset({"up", "create", "run", "scale", "watch"})
MAY_REMOVE_VOLUMES = frozenset({"down"})
STOPPED = 130  # Compose's exit code after Ctrl-C
AT_ONCE = 0.05  # seconds within which a lock counts as had without waiting


def carry_out(operation: Operation, act: Act, *, argv: list[str], cwd: str, locks: bool) -> int:
    """Carry `operation` out, recorded and, if it `locks`, alone on its project.

    `act` is given the surroundings as the pre hooks left them, and Compose's environment; it carries the
    command itself out and yields its steps. `argv` is what was typed in `cwd`, for the record.

    Returns the exit code, -N if signal N killed Compose.
    Raises HookmanError, and BrokenRunError where an internal error stopped the run; whatever
    happens, the lock is given back and the record is closed.
    """
    surroundings, settings = operation.surroundings, operation.scope.settings
    directory = data_directory(surroundings.data, surroundings.project)
    process = surroundings.process
    above = nesting.running_data_directories(process, surroundings.data)
    journal = Journal(directory, surroundings.run, redactor, say, settings.output_limit)
    sending = None
    if settings.sends and directory:
        from hookman.export.start import Sending

        sending = Sending(surroundings, settings)
    is_plugin = launch.PLUGIN_COMMAND in process
    with Signals(process.get(launch.PLUGIN_SOCKET, ""), is_plugin=is_plugin) as signals:
        note = EngineNote(surroundings.data, operation.lookup.invocation.docker_flags, process)
        journal.start(
            project=surroundings.project.real,
            name=surroundings.project.name,
            command=operation.command,
            argv=argv,
            cwd=cwd,
            skipped=operation.skip.everything,
            **origin(note, process),
            **(sending.facts if sending else {}),
        )
        if sending:
            sending.begin(journal)
        try:
            lock = lock_of(operation, journal, directory, above, note) if locks and directory else None
            return _Course(operation, signals, journal, lock, note, sending).run(act)
        except errors.HookmanError:
            raise
        except Exception as error:
            from hookman.base.shortage import stopped_by

            raise stopped_by(error) from error
        finally:
            if sending:
                sending.end()


class _Course:
    """One operation under way, and how it stands."""

    def __init__(
        self,
        operation: Operation,
        signals: Signals,
        journal: Journal,
        lock: ProjectLock | None,
        note: EngineNote,
        sending: Sending | None,
    ) -> None:
        self.operation = operation
        self._sending = sending
        self.signals = signals
        self.journal = journal
        self.lock = RunLock(lock, operation, signals, journal)
        self.result = "failed"
        self.exit_code = errors.EXIT_FAILED
        self._looks = looks = operation.looks
        style.moves, style.is_quiet, style.is_json = not looks.is_plain, looks.is_quiet, looks.is_json
        self._display = display.for_stderr(operation.scope.settings.output, operation.surroundings.process, self._looks)
        self._runner = HookRunner(operation, signals, journal, self._display, lock)
        self._note = note  # of the engine
        self._runner.trace = sending.trace if sending else None
        self._begun = False  # it had its turn: its hooks, and those of the closing phases, run
        self._before = Outcome()  # of the pre hooks
        self._after = Outcome()  # of the post hooks
        self._told = ABORTED  # what the closing hooks are told of how it went
        self._not_up = False  # an attached `up` that was stopped before its containers were up

    def run(self, act: Act) -> int:
        """Carry the operation out and close its record."""
        said = ""
        try:
            try:
                self._run(act)
            except errors.InterruptedRunError as error:
                self.result, self._told, self.exit_code = "interrupted", INTERRUPTED, error.exit_code
                self.journal.problem(error.problem)
            except errors.HookmanError as error:
                self.exit_code, said = error.exit_code, error.text
                self.journal.problem(error.problem)
                raise
            finally:
                if self._begun and not self._has_lost_lock(said):
                    self._close(said)
        finally:
            self._runner.end()
            self.lock.give_back()
            if self._begun and self.result != "ok":
                self._note_not_reached()
            self._display.total(self.operation.command, self.journal.run, wrong=self.result in ("failed", "aborted"))
            self.journal.end(self.result, errors.shell_code(self.exit_code), self.operation.scope.settings.keep_runs)
        return self.exit_code

    def _run(self, act: Act) -> None:
        if self.operation.skip.names:
            from hookman.run.wrong_names import tell

            tell(self.operation)
        waited = self.lock.take(self._tell)
        if waited is None:
            surroundings = self.operation.surroundings
            values = environment.for_compose(surroundings, {})
            self.exit_code = self._follow(act(surroundings, values, self.signals))
            self.result = "failed" if self.exit_code else "ok"
            return
        if self.operation.again is not None:
            from hookman.run.rerunning import run_again

            self.exit_code, self.result = run_again(self._runner, self.operation.again, self.journal)
            return
        self._begun = True
        # A run that had the lock may have changed the project.
        self._runner.look_again()
        self._look_at_volumes(MAY_CREATE_VOLUMES)
        self._before = before = self._pre_hooks(has_waited=waited >= AT_ONCE)
        self.lock.check()
        if before.exit_code:
            self._abort(before)
            return
        surroundings = self._runner.look_again()
        if self.journal.hooks:  # which may have removed a volume
            self._look_at_volumes(MAY_CREATE_VOLUMES)
        self._told = FAILURE
        began, started, said = time.time(), time.monotonic(), last_line.Stderr()
        values = environment.for_compose(surroundings, self._runner.exports)
        engine = EngineQuestion(self._note)
        if self._sending:
            values |= self._sending.for_compose(values, self._runner.exports)
        code = self._follow(act(surroundings, values, self.signals), with_hooks=True)
        self.journal.engine(engine.answer())
        self.lock.check()
        seconds = round(time.monotonic() - started, 3)
        self.journal.phase("compose", exit_code=errors.shell_code(code), seconds=seconds, started=round(began, 3))
        stopped = self.operation.attached and code == STOPPED  # how an attached `up` ends well
        if code and not stopped:
            from hookman.run.problems import of_command

            self.journal.problem(of_command(self.operation.command, errors.shell_code(code), said.last_line()))
        self._look_at_volumes(MAY_REMOVE_VOLUMES)
        if code == 0 and not self.operation.attached:
            self._after = self._runner.phase(POST, code)
            self.lock.check()
        self.exit_code = code or self._runner.post_failure(self._after)
        self.result = end_result(self._after, failed=bool(self.exit_code) and not stopped)
        self._told = self._told_at_the_end(code, stopped=stopped)

    def _look_at_volumes(self, commands: frozenset[str]) -> None:
        """Forget what ran for volumes that are gone, if this is one of the `commands`."""
        now = self._runner.operation.surroundings
        if self.operation.command in commands and os.path.isdir(paths.volume_notes_dir(now.data)):
            from hookman.run.volume_looks import forget_gone

            forget_gone(now, self._runner.exports, self.operation.lookup.invocation)

    def _has_lost_lock(self, said: str) -> bool:
        """Was the lock lost? Then the closing hooks do not run either. It is said, unless it was `said` already."""
        error = self.lock.lost()
        if error is None:
            return False
        self.result, self.exit_code = "failed", error.exit_code
        if error.text != said:
            self.journal.problem(error.problem)
            say(error.text)
        return True

    def _close(self, said: str) -> None:
        """Run the hooks of the closing phases; `said` is the error that is raised meanwhile."""
        failed = self._before.failed or self._after.failed
        phases = [phase for phase in ((ALWAYS,) if self._told == OK else CLOSING) if self._runner.planned(phase)]
        well = True
        if phases:
            from hookman.run import closing

            standing = Standing(
                exit_code=errors.shell_code(self.exit_code),
                result=self._told,
                failed_hook=failed.label if failed else "",
                said=said,
            )
            well = closing.close(self._runner, phases, standing, self.lock.had)
        if (not well or self._runner.warned) and self.result == "ok":
            self.result = "warned"

    def _note_not_reached(self) -> None:
        from hookman.run.not_reached import not_reached

        if left := not_reached(self._runner, self.journal):
            self.journal.phase("not_reached", hooks=left)

    def _told_at_the_end(self, code: int, *, stopped: bool) -> str:
        """What the closing hooks are told of a command that ended with `code`; `stopped`: as an attached `up` does."""
        if self._after.interrupted or (code and not stopped and self.signals.forgotten):
            return INTERRUPTED
        if code and not stopped:
            return FAILURE
        if not code and self.exit_code:
            return result_of(self._after, otherwise=FAILURE)
        return INTERRUPTED if stopped and self._not_up else OK

    def _pre_hooks(self, *, has_waited: bool) -> Outcome:
        """Run the pre hooks. A run that waited for the lock looks again: the hooks may have changed."""
        planned = None if has_waited else self.operation.planned
        try:
            return self._runner.phase(PRE) if planned is None else self._runner.hooks(planned)
        except errors.HookmanError as error:
            error.stops(self.operation.command)
            raise

    def _follow(self, steps: Iterator[Step], *, with_hooks: bool = False) -> int:
        """Read the steps of the command until it has ended, and act on them; its exit code."""
        for step in steps:
            if isinstance(step, Ended):
                self._runner.post_args = step.post_args
                return step.exit_code
            if isinstance(step, Up) and with_hooks:
                self._after = self._runner.phase_beside(POST, 0, step)
            elif isinstance(step, NotUp) and with_hooks:
                self._not_up = step.watched
                self._runner.not_run(POST, step.reason)
            elif isinstance(step, Waiting) and self.operation.post_hooks and not self._looks.is_quiet:
                say_beside(f"post hooks wait for {step.waits_for}")
            if isinstance(step, (Up, Late)):
                self.lock.give_back()
        raise AssertionError("the steps of a command end with Ended")

    def _abort(self, before: Outcome) -> None:
        """Say and note why the command does not run after its pre hooks."""
        self.exit_code, self._told = before.exit_code, result_of(before, otherwise=ABORTED)
        if before.interrupted:
            self.result = "interrupted"
            self.journal.problem(errors.InterruptedRunError(before.interrupted).problem)
            return
        self.result = "aborted"
        what = f"{self.operation.command} was not run: a pre hook failed"
        self.journal.problem(errors.Problem(what=what, where=before.failed.label if before.failed else ""))
        say(f"{what}. To run it alone: hookman rerun. To go without hooks: --skip-hooks")

    def _tell(self, text: str) -> None:
        """Say something that is not a warning, unless the command line asks for warnings only."""
        if not self._looks.is_quiet:
            say(text)
