"""Starts the process of one hook and reads what it reports at its end: exports, values, its own exit code.

What its end means is decided in judging.py. A run without hooks does not load this file.
"""

from __future__ import annotations

import os
import time

from hookman.base.errors import EXIT_FAILED, Problem
from hookman.base.messages import STDERR
from hookman.base.process_tree import HOOK_ID
from hookman.base.records import record, replaced
from hookman.hooks import environment
from hookman.hooks.kinds import kind_of
from hookman.hooks.planned import CONTAINER
from hookman.run import hook_process, terminal_variables
from hookman.run.display import REASONS
from hookman.run.guardian import Guardian
from hookman.run.outcome import Attempt
from hookman.run.output import Output
from hookman.run.terminal import Terminal
from hookman.run.values import FILE, Values, problem_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.base.signals import Signals
    from hookman.export.trace import Trace
    from hookman.hooks.kind import Verdict
    from hookman.hooks.planned import PlannedHook
    from hookman.lock.local import ProjectLock
    from hookman.log.writer import Journal
    from hookman.run.container_guard import ContainerGuard
    from hookman.run.containers import InContainers
    from hookman.run.display import Display
    from hookman.run.event_loop import Steps
    from hookman.run.hook_process import ProcessEnd
    from hookman.run.operation import Operation
    from hookman.run.watched import WatchedFiles

NotStartedError = hook_process.NotStartedError


@record
class Circumstances:
    """What a hook is started with, in addition to its plan."""

    operation: Operation
    args: list[str]  # what functions get
    count: int  # of the hooks of this run before it
    attempt: int  # from 1 on
    watched: WatchedFiles
    running: str  # tells commands in the hook which hooks run
    outcome: Mapping[str, str]  # how the operation went, for the phases that close it
    exit_code: int | None  # of Compose
    background: bool  # Compose has the terminal, or several hooks run
    output: type[Output]  # what reads what the hook prints
    display: Display  # what shows it
    told: dict[str, str | None]  # takes what it exports, and its values
    group: int  # of those that run side by side, the number in this run; 0 if it runs alone
    is_cancelled: Callable[[], bool]  # because another one of the group failed


class HookStarter:
    """Starts the hooks of one operation. `exports` are what they and Compose get."""

    def __init__(
        self,
        signals: Signals,
        journal: Journal,
        exports: dict[str, str | None],
        lock: ProjectLock | None,
        trace: Trace | None = None,
    ) -> None:
        self.signals = signals
        self.journal = journal
        self.exports = exports
        self._lock = lock
        self._trace = trace
        self.guardian = Guardian(lock)
        self.values = Values(journal.directory, journal.run)
        self._shared: dict[str, str] = {}  # the environment that hooks have in common
        self._made_from: tuple[object, ...] = ()

    def attempt(self, hook: PlannedHook, now: Circumstances) -> Steps[Attempt | None]:
        """Run the process of a hook; None if sourcing showed that there is no such hook.

        Yields what it waits for. Raises HookmanError, and NotStartedError.
        """
        op = now.operation
        environ = self._environment(hook, now)
        if REASONS in now.display.shown:
            now.display.reason(f"{hook.label} runs: {hook.place}, {hook.limit}")
        now.display.begin(hook.label, beside=now.background)
        started = time.time()
        kind = kind_of(hook)
        inside = self._in_containers(hook, environ, now) if hook.kind == CONTAINER else None
        argv = [] if inside else _argv(hook, now)
        kept = self.journal.output(now.count, hook.name if now.attempt == 1 else f"{hook.name}.{now.attempt}")

        def show(data: bytes, descriptor: int) -> None:
            now.display.output(data)
            if inside:
                inside.printed(data)
            now.watched.look()  # before it is masked: a hook may create a password and print it
            kept.write(data, descriptor)

        def note_start() -> None:
            self.journal.hook_started(hook.event, hook.name, now.count, now.group)

        if not kind.report_descriptor:  # with a report, the process itself says that there is such a hook
            note_start()  # before it starts: hookman may be killed right after
        grace = float(hook.keys.get("grace", op.scope.settings.grace))
        if self._lock:
            grace = min(grace, self._lock.longest_grace)

        def run(
            argv: list[str], environ: dict[str, str], timeout: float, inside: ContainerGuard | None = None
        ) -> Steps[ProcessEnd]:
            return hook_process.run(
                argv,
                environ,
                self.signals,
                show,
                self.guardian,
                timeout=timeout,
                grace=grace,
                tick=now.display.tick,
                report_descriptor=kind.report_descriptor,
                background=now.background,
                pty=hook.keys.get("pty", False),
                begun=note_start,
                output=now.output,
                inside=inside,
                is_cancelled=now.is_cancelled,
            )

        if inside:
            ended = yield from inside.run(hook.timeout, grace, run, show)
        else:
            ended = yield from run(argv, kind.at_start(op.surroundings, environ, self.exports), hook.timeout)
        now.watched.look()
        name = os.path.basename(kept.close())
        verdict = self._verdict(now, hook, ended, environ)
        if verdict.absent:
            return None
        if verdict.name:
            hook = replaced(hook, name=verdict.name)
        if verdict.exit_code != ended.exit_code:
            ended = replaced(ended, exit_code=verdict.exit_code)
        wrong = self._take_values(now, hook, environ[FILE], well=ended.result == "ok")
        if wrong and ended.result == "ok":
            ended = replaced(ended, exit_code=EXIT_FAILED)
        return Attempt(
            hook=hook,
            ended=ended,
            started=started,
            output=name,
            problem=wrong or (inside.problem if inside else None),
            inside=inside.facts if inside else {},
        )

    def _in_containers(self, hook: PlannedHook, environ: dict[str, str], now: Circumstances) -> InContainers:
        """A hook that runs in containers. Raises NotStartedError if there is none."""
        from hookman.run.container_launch import Context
        from hookman.run.containers import InContainers
        from hookman.run.event_loop import Wakeup

        asks = not now.background and bool(Terminal().ours)
        context = Context(hook=hook, op=now.operation, environ=environ, exports=self.exports, asks=asks)
        try:
            return InContainers(context, f"{environ[FILE]}.yaml", self._lock, Wakeup(self.signals))
        except OSError as error:
            raise NotStartedError(error) from error

    def _environment(self, hook: PlannedHook, now: Circumstances) -> dict[str, str]:
        op, kind = now.operation, kind_of(hook)
        environ = {
            **self._shared_environment(hook.event, now, with_dotenv=kind.sees_dotenv(op.scope.settings)),
            FILE: self.values.next_file(),
            **(self._trace.variables(hook.event, hook.name, now.attempt) if self._trace else {}),
            **hook.keys.get("env", {}),
        }
        if hook.keys.get("pty"):
            environ |= terminal_variables.of_pty(environ)
        elif os.isatty(STDERR):
            environ |= terminal_variables.of_pipes(environ, op.looks)
        if hook.trace:
            environ |= kind.traced(hook)
        if self._lock and self._lock.lease:
            environ["HOOKMAN_LEASE"] = self._lock.lease
        environ[HOOK_ID] = f"{op.surroundings.run}-{os.getpid()}-{now.count}"
        return environ

    def _shared_environment(self, event: str, now: Circumstances, *, with_dotenv: bool) -> dict[str, str]:
        """What hooks of `event` have in common, made again only where something of it has changed."""
        op = now.operation
        made_from = (
            *(event, with_dotenv, op.surroundings, op.services, now.args),
            *(now.running, now.outcome, now.exit_code, dict(self.exports)),
        )
        if self._made_from != made_from:
            self._shared = environment.for_hook(
                op.surroundings,
                event,
                with_dotenv=with_dotenv,
                exports=self.exports,
                exit_code=now.exit_code,
                running=now.running,
                told={**now.outcome, **self.values.of_command_line(op, now.args)},
            )
            self._made_from = made_from
        return self._shared

    def _verdict(self, now: Circumstances, hook: PlannedHook, ended: ProcessEnd, environ: dict[str, str]) -> Verdict:
        """What the hook itself says at its end. Its exports are kept, and masked in any case."""
        own_end = not (ended.signal or ended.timed_out or ended.cancelled)
        verdict = kind_of(hook).verdict(hook, ended.exit_code, ended.report, environ, own_end=own_end)
        if not verdict.exports:
            return verdict
        exports = dict(verdict.exports)
        given = {name: value for name, value in exports.items() if value is not None}
        for name in environment.too_large(given, now.operation.surroundings.process, hook.name):
            del exports[name]
        self.journal.redactor.learn(exports)
        if verdict.takes_effect:
            now.told.update(exports)
        return verdict

    def _take_values(self, now: Circumstances, hook: PlannedHook, path: str, *, well: bool) -> Problem | None:
        """Keep what the hook wrote into its HOOKMAN_ENV, `path`, if it ended `well`. Returns what is wrong with it."""
        values, wrong = self.values.take(path)
        self.journal.redactor.learn(values)
        if wrong:
            return problem_of(wrong, hook.place)
        if well and values:
            for name in environment.too_large(values, now.operation.surroundings.process, hook.name):
                del values[name]
            now.told.update(values)
        return None


def _argv(hook: PlannedHook, now: Circumstances) -> list[str]:
    """What starts the hook. Raises HookmanError, and NotStartedError where there is no such program."""
    search_path = hook.keys.get("env", {}).get("PATH") or now.operation.scope.environ.get("PATH", "")
    try:
        return kind_of(hook).argv(hook, now.args, search_path)
    except OSError as error:
        raise NotStartedError(error) from error
