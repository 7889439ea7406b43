"""One hook process: it is started, its output is read, its time limit and signals are watched, its end is noted.

All hook processes start here. hook_kill.py kills them. Which hook runs, and what its failure means, is decided
elsewhere.
"""

from __future__ import annotations

import os
import time

from hookman.base.lean import signal
from hookman.base.process_tree import HOOK_ID
from hookman.base.records import record
from hookman.base.spawn import NULL
from hookman.hooks.kind import BEGUN
from hookman.run import ctrl_c
from hookman.run.hook_start import start_in_group
from hookman.run.output import LINGER, Output
from hookman.run.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.base.signals import Signals
    from hookman.run.container_guard import ContainerGuard
    from hookman.run.event_loop import Steps, Wait
    from hookman.run.guardian import Guardian
    from hookman.run.pseudo_terminal import PseudoTerminal

TAIL = 4096  # bytes of stderr kept for the failure message


@record
class ProcessEnd:
    """How a hook process ended. `exit_code` is 128 + the signal's number if a signal killed it (C62)."""

    exit_code: int
    signal: int = 0  # the signal that killed it, else 0
    timed_out: bool = False
    interrupted: int = 0  # the signal that we were sent meanwhile, else 0
    cancelled: bool = False  # stopped because another hook of its group failed
    seconds: float = 0.0
    stderr_tail: bytes = b""
    report: bytes = b""  # what came in on its report descriptor

    @property
    def result(self) -> str:
        """The end in one word, as the log has it: ok, failed, timeout, interrupted, cancelled."""
        if self.interrupted or self.cancelled:
            return "interrupted" if self.interrupted else "cancelled"
        return "timeout" if self.timed_out else "failed" if self.exit_code else "ok"


class NotStartedError(Exception):
    """The kernel refused to start the program; `error` says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def run(
    argv: list[str],
    environ: Mapping[str, str],
    signals: Signals,
    show: Callable[[bytes, int], None],
    guardian: Guardian,
    *,
    timeout: float,
    grace: float,
    tick: Callable[[], float | None] = lambda: None,
    report_descriptor: int = 0,
    background: bool = False,
    pty: bool = False,
    begun: Callable[[], None] = lambda: None,
    output: type[Output] = Output,
    inside: ContainerGuard | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Steps[ProcessEnd]:
    """Run one hook to its end and return how it ended. Yields what it waits for (event_loop.py).

    `show` gets what the hook prints, as it prints it, with 1 for stdout or 2 for stderr.
    `timeout` and `grace` are in seconds (timeout 0: none). At the timeout, and when a signal
    reaches us, the process group gets SIGTERM (or that signal), after `grace` SIGKILL; so does what
    the hook started in groups of its own.
    A hook that ended normally may leave processes behind. They go on running, and nobody waits for them,
    even if they hold its output open (C69). `tick` is called while it runs, and says after
    how many seconds it wants to be called again (None: never). `report_descriptor` is open in it where it is not 0;
    in the `background` it does not get the terminal. With `pty` its output is a terminal of its own. `begun` is
    called once its report says BEGUN. `output` reads what it prints. What it runs in a container, `inside` ends.
    If it `is_cancelled` it is ended as at the timeout. Raises NotStartedError.
    """
    watched = guardian.before(environ[HOOK_ID], grace)
    try:
        running = Running(
            *(argv, environ, signals, show, tick, begun, output),
            report_descriptor=report_descriptor,
            background=background,
            pty=pty,
            inside=inside,
        )
    except NotStartedError:
        guardian.ended(watched)
        raise
    guardian.started(watched, running.pid)
    try:
        ended = yield from running.until_end(timeout, grace, is_cancelled)
        guardian.ended(watched)
        return ended
    finally:
        running.output.close()


class Running:
    """A hook process that runs."""

    def __init__(
        self,
        argv: list[str],
        environ: Mapping[str, str],
        signals: Signals,
        show: Callable[[bytes, int], None],
        tick: Callable[[], float | None],
        begun: Callable[[], None],
        output: type[Output],
        *,
        report_descriptor: int,
        background: bool,
        pty: bool,
        inside: ContainerGuard | None,
    ) -> None:
        self.signals = signals
        self.inside = inside
        self.show = show
        self.tick = tick
        self.tail = b""
        self.report: list[bytes] = []
        self.token = environ[HOOK_ID]
        self.begun = begun
        self.started = time.monotonic()
        self.terminal = Terminal(lend=not background)
        self.status: int | None = None
        reports = self._reported if report_descriptor else None
        self.pseudo = _pseudo_terminal() if pty else None
        sinks = (self._stdout, self._stderr, reports, signals.wakeup)
        try:
            self.output = Output(*sinks, self.pseudo) if self.pseudo else output(*sinks)
        except OSError as error:  # no descriptors are left
            raise NotStartedError(error) from error
        theirs = {1: self.output.out.theirs, 2: self.output.err.theirs}
        if self.output.report:
            theirs[report_descriptor] = self.output.report.theirs
        if not self.terminal.ours:
            theirs[0] = self.pseudo.theirs if self.pseudo else NULL
        try:
            self.pid = start_in_group(argv, environ, theirs, background=background)
        except OSError as error:
            self.output.close()
            raise NotStartedError(error) from error
        self.ctrl_c: tuple[int, int] | None = None
        self.is_ending = False
        # In a pipe (`docker compose ps | less`) the next program may need the terminal. Then a hook gets it if it asks.
        if self.terminal.ours and os.isatty(1):
            self.ctrl_c = ctrl_c.watch(self.pid)
            self.terminal.give(self.pid)

    def until_end(self, timeout: float, grace: float, is_cancelled: Callable[[], bool]) -> Steps[ProcessEnd]:
        """Wait for the process, passing its output on and watching the clock and our signals."""
        deadline = self.started + timeout if timeout else 0.0
        timed_out, interrupted, cancelled = False, 0, False
        while self.reap() is None:
            timed_out = bool(deadline) and time.monotonic() >= deadline
            interrupted, cancelled = self.signals.look(), is_cancelled()
            if timed_out or interrupted or cancelled:
                yield from self._end(interrupted or signal.SIGTERM, grace)
                break
            yield self.wait(deadline - time.monotonic() if deadline else None)
        self.terminal.take_back()
        seconds = time.monotonic() - self.started
        typed = ctrl_c.was_typed(*self.ctrl_c) if self.ctrl_c else 0
        status = self.status or 0
        killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if not interrupted and typed:
            # Ctrl-C went to the hook's group, as to every foreground group; a child that bash was
            # just starting can miss it. It counts even if the hook cleaned up and ended well.
            interrupted = typed
            # In a container it reached nothing, for the terminal knows the client alone.
            yield from self._end(typed if self.inside else signal.SIGTERM, grace, outside=False)
        elif killed_by and not interrupted and not timed_out and self.inside:
            yield from self._end(signal.SIGTERM, grace)  # somebody has killed the client
        yield from self._last_output()
        return ProcessEnd(
            exit_code=128 + killed_by if killed_by else os.waitstatus_to_exitcode(status),
            signal=killed_by,
            timed_out=timed_out,
            interrupted=interrupted or self.signals.received,
            cancelled=cancelled and not timed_out,
            seconds=seconds,
            stderr_tail=self.tail,
            report=b"".join(self.report),
        )

    def _reported(self, data: bytes) -> None:
        if not self.report and data.startswith(BEGUN):
            self.begun()
        self.report.append(data)

    def _stdout(self, data: bytes) -> None:
        self.show(data, 1)

    def _stderr(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-TAIL:]
        self.show(data, 2)

    def _last_output(self) -> Steps[None]:
        """Pass on what is left once the hook has ended. What it left running may follow within a moment."""
        self.output.release()
        self.output.wait(0)  # that is all where nobody else holds its ends
        end = time.monotonic() + LINGER
        while self.output.is_held and (left := end - time.monotonic()) > 0:
            yield self.output, left
        self.output.finish()

    def wait(self, seconds: float | None) -> Wait:
        """What it waits for: that something happens, for at most `seconds`. Its output is passed on meanwhile."""
        limits = [limit for limit in (seconds, self.signals.patience, self.tick()) if limit is not None]
        if self.pseudo:
            limits.append(self.pseudo.LOOK)
            if self.pseudo.resize():
                self._signal_group(signal.SIGWINCH)
        return self.output, min(limits) if limits else None

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except OSError:
            pass  # it has ended

    def reap(self) -> int | None:
        """The wait status, once the process has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                from hookman.run.job_control import stopped

                stopped(self, os.WSTOPSIG(status))
            elif pid:
                self.status = status
        return self.status

    def _end(self, number: int, grace: float, *, outside: bool = True) -> Steps[None]:
        from hookman.run.hook_kill import end  # few hooks need it

        self.is_ending = True
        yield from end(self, number, grace, outside=outside)


def _pseudo_terminal() -> PseudoTerminal:
    """A terminal for the output of a hook. Raises NotStartedError where the system has none left."""
    from hookman.run.pseudo_terminal import PseudoTerminal

    try:
        return PseudoTerminal()
    except OSError as error:
        raise NotStartedError(error) from error
