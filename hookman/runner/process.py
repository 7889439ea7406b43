"""One hook process: a group of its own, its output, its time limit, its end.

The only door to hook processes. Policy (which hook, what its failure means) is elsewhere.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import time

from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.runner.signals import Signals

CHUNK = 65536
TAIL = 4096  # bytes of stderr kept for the failure message
LINGER = 0.1  # seconds that output may follow the end of the hook (`exec > >(tee log)`)
REPORT_FD = 199  # the driver's report; far from the descriptors that scripts use


@record
class Ended:
    """How a hook process ended. `exit_code` is 128 + the signal's number if a signal killed it (C62)."""

    exit_code: int
    signal: int = 0  # the signal that killed it, else 0
    timed_out: bool = False
    interrupted: int = 0  # the signal that we were sent meanwhile, else 0
    seconds: float = 0.0
    stderr_tail: bytes = b""
    report: bytes = b""  # what came in on REPORT_FD


class NotStartedError(Exception):
    """The kernel refused to start the program; `error` says why."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class Terminal:
    """The controlling terminal, if stdin is one and we are in its foreground.

    While a hook runs its group is the foreground group, so that it may prompt and Ctrl-C
    reaches it as under a shell; afterwards the terminal is taken back, whatever happened.
    """

    def __init__(self) -> None:
        self.ours = 0
        try:
            if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp():
                self.ours = os.getpgrp()
        except OSError:
            pass

    def give(self, group: int) -> None:
        """Make `group` the foreground group."""
        if self.ours:
            self._set(group)

    def take_back(self) -> None:
        """Make our own group the foreground group again."""
        if self.ours:
            self._set(self.ours)

    def _set(self, group: int) -> None:
        # Setting it from a background group raises SIGTTOU, which would stop us.
        old = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            os.tcsetpgrp(0, group)
        except OSError:
            pass  # the group is gone already, or the terminal is
        finally:
            signal.signal(signal.SIGTTOU, old)


def run(
    argv: list[str],
    environ: Mapping[str, str],
    signals: Signals,
    show: Callable[[bytes], None],
    *,
    timeout: float,
    grace: float,
    with_report: bool = False,
) -> Ended:
    """Run one hook to its end and return how it ended.

    `show` is given what it prints, as it prints it. `timeout` and `grace` are in seconds
    (timeout 0: none). At the timeout, and when a signal reaches us, the whole process group
    gets SIGTERM (or that signal), after `grace` SIGKILL. A hook that ended normally may
    leave processes behind: they live on and are not waited for, not even where they hold
    its output open (C69). `with_report` opens REPORT_FD in it. Raises NotStartedError.
    """
    running = _Running(argv, environ, signals, show, with_report=with_report)
    try:
        return running.until_end(timeout, grace)
    finally:
        running.close()


class _Running:
    def __init__(
        self,
        argv: list[str],
        environ: Mapping[str, str],
        signals: Signals,
        show: Callable[[bytes], None],
        *,
        with_report: bool,
    ) -> None:
        self.signals = signals
        self.show = show
        self.tail = b""
        self.report: list[bytes] = []
        self.started = time.monotonic()
        self.terminal = Terminal()
        self.status: int | None = None
        # Our end of each pipe → who gets what comes in; their end → the hook's descriptor.
        out, out_write = os.pipe()
        err, err_write = os.pipe()
        self.sinks: dict[int, Callable[[bytes], None]] = {out: self.show, err: self._stderr}
        theirs = {out_write: 1, err_write: 2}
        self.outputs = (out, err)
        if with_report:
            report, report_write = os.pipe()
            self.sinks[report] = self.report.append
            theirs[report_write] = REPORT_FD
        try:
            self.pid = _spawn(argv, environ, theirs, with_terminal=bool(self.terminal.ours))
        except OSError as error:
            self.close()
            raise NotStartedError(error) from error
        finally:
            for end in theirs:
                os.close(end)
        self.terminal.give(self.pid)
        self.poll = select.poll()
        for end in self.sinks:
            os.set_blocking(end, False)
            self.poll.register(end, select.POLLIN)
        self.poll.register(signals.wakeup, select.POLLIN)

    def close(self) -> None:
        for end in self.sinks:
            os.close(end)
        self.sinks = {}

    def until_end(self, timeout: float, grace: float) -> Ended:
        """Wait for the process, passing its output on and watching the clock and our signals."""
        deadline = self.started + timeout if timeout else 0.0
        timed_out, interrupted = False, 0
        while self._reap() is None:
            timed_out = bool(deadline) and time.monotonic() >= deadline
            interrupted = self.signals.received
            if timed_out or interrupted:
                self._kill_ladder(interrupted or signal.SIGTERM, grace)
                break
            self._wait(deadline - time.monotonic() if deadline else None)
        self.terminal.take_back()
        seconds = time.monotonic() - self.started
        self._last_output()
        status = self.status or 0
        killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if not interrupted and killed_by == signal.SIGINT and self.terminal.ours:
            interrupted = signal.SIGINT  # Ctrl-C went to the hook's group, as to every foreground group
        return Ended(
            exit_code=128 + killed_by if killed_by else os.waitstatus_to_exitcode(status),
            signal=killed_by,
            timed_out=timed_out,
            interrupted=interrupted or self.signals.received,
            seconds=seconds,
            stderr_tail=self.tail,
            report=b"".join(self.report),
        )

    def _stderr(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-TAIL:]
        self.show(data)

    def _wait(self, seconds: float | None) -> None:
        """Wait until something happens, at most `seconds`, and pass output on."""
        for end, _ in self.poll.poll(None if seconds is None else max(0.0, seconds) * 1000 + 1):
            if end == self.signals.wakeup:
                self.signals.drain()
            else:
                self._read(end)

    def _read(self, end: int) -> bool:
        """Pass on what is there; False when `end` has nothing more to give now."""
        try:
            data = os.read(end, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.poll.unregister(end)
            os.close(end)
            del self.sinks[end]
            return False
        self.sinks[end](data)
        return True

    def _reap(self) -> int | None:
        """The wait status, once the process has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self._stopped(os.WSTOPSIG(status))
            elif pid:
                self.status = status
        return self.status

    def _stopped(self, number: int) -> None:
        """The hook was stopped: let the user have the shell back, go on when they say `fg`."""
        if number in (signal.SIGTTIN, signal.SIGTTOU) and self.terminal.ours:
            self.terminal.give(self.pid)  # it asked before it was given the terminal
        elif self.terminal.ours:
            self.terminal.take_back()
            os.killpg(0, signal.SIGSTOP)  # docker and we stop with it, until SIGCONT
            self.terminal.give(self.pid)
        else:
            return
        self._kill(signal.SIGCONT)

    def _kill(self, number: int) -> bool:
        """Signal the whole group; False if nobody is left in it."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # somebody of another user is in it (sudo)
        return True

    def _kill_ladder(self, number: int, grace: float) -> None:
        """`number` to the group, then after `grace` seconds SIGKILL to whoever is left of it."""
        self._kill(number)
        self._kill(signal.SIGCONT)
        end = time.monotonic() + grace
        while time.monotonic() < end:
            self._wait(0.02)
            if self._reap() is not None and not self._kill(0):
                return
        self._kill(signal.SIGKILL)
        while self._reap() is None:
            self._wait(0.02)

    def _last_output(self) -> None:
        """Pass on what is left. A process that still holds the output is given to a drain."""
        end = time.monotonic() + LINGER
        while any(output in self.sinks for output in self.outputs) and time.monotonic() < end:
            self._wait(end - time.monotonic())
        for output in list(self.sinks):
            while output in self.sinks and self._read(output):
                pass
        for output in self.outputs:
            if output in self.sinks:
                _drain(output)


def _spawn(argv: list[str], environ: Mapping[str, str], descriptors: dict[int, int], *, with_terminal: bool) -> int:
    """Start `argv` in a process group of its own; `descriptors` says which of ours become which of its."""
    actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [
        (os.POSIX_SPAWN_DUP2, ours, its) for ours, its in descriptors.items()
    ]
    if not with_terminal:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    options = {
        "file_actions": actions,
        "setpgroup": 0,
        "setsigdef": (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTTOU),
    }
    try:
        return os.posix_spawn(argv[0], argv, environ, **options)  # type: ignore[arg-type]  # mixed tuples
    except OSError as error:
        if error.errno != errno.ENOEXEC:  # no `#!` line, so sh runs it (C56)
            raise
        return os.posix_spawn("/bin/sh", ["/bin/sh", *argv], environ, **options)  # type: ignore[arg-type]


def _drain(output: int) -> None:
    """Let what a hook left running write on without harm: `cat` reads it away until it ends."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, output, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    try:
        os.posix_spawnp("cat", ["cat"], {"PATH": os.defpath}, file_actions=actions, setsid=True)
    except OSError:
        pass  # without cat such a process gets SIGPIPE, as it would from any program that has ended
    finally:
        os.close(null)
