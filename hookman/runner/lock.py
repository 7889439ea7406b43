"""One lock per project: operations that change it come one after the other (DESIGN 1.5).

flock on a file that is never removed: the kernel frees it when its holder dies, and gives
it to waiters in the order they came. Taken here by hand rather than with filelock, which
costs 33 ms to import and polls; the file is the same, so filelock can hold it too.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time

from hookman.errors import InterruptedRunError, LockTimeoutError
from hookman.paths import make_private_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.runner.signals import Signals

FILE_NAME = "lock"


class ProjectLock:
    """The lock of one project, whose data lie in `directory`."""

    def __init__(self, directory: str) -> None:
        self.path = os.path.join(directory, FILE_NAME)
        self._file: int | None = None

    def acquire(self, command: str, timeout: float, signals: Signals, tell: Callable[[str], None]) -> float:
        """Take the lock for `command` and return how many seconds that took.

        While it waits it has `tell` say who holds the lock. Raises LockTimeoutError after
        `timeout` seconds (0: never), InterruptedRunError at a signal, HeldAboveError if waiting
        would be for ever, and OSError where there can be no lock.
        """
        started = time.monotonic()
        make_private_dir(os.path.dirname(self.path))
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if self._holder_pid() in _ancestors():
                os.close(self._file)
                self._file = None
                raise HeldAboveError from None
            tell(f"waiting for {self.holder() or 'another operation on this project'}")
            self._wait(self._file, timeout, signals)
        os.ftruncate(self._file, 0)
        note = f"{command}\t{os.getpid()}\t{int(time.time())}\t{os.uname().nodename}\n"
        os.pwrite(self._file, note.encode("utf-8", "surrogateescape"), 0)
        return time.monotonic() - started

    def release(self) -> None:
        """Give the lock back, if we have it."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def holder(self) -> str:
        """Who says to hold the lock: command, pid, since when, host; "" if nobody does."""
        try:
            command, pid, since, host = self._note()
            clock = time.strftime("%H:%M:%S", time.localtime(int(since)))
        except (OSError, ValueError):
            return ""
        return f"`{command}` (pid {pid} on {host}, since {clock})"

    def _note(self) -> list[str]:
        with open(self.path, "rb") as file:
            return file.read(4096).decode("utf-8", "surrogateescape").rstrip("\n").split("\t")

    def _holder_pid(self) -> int:
        """The holder's process, 0 if it is none on this machine."""
        try:
            _, pid, _, host = self._note()
            return int(pid) if host == os.uname().nodename else 0
        except (OSError, ValueError):
            return 0

    def _wait(self, file: int, timeout: float, signals: Signals) -> None:
        """Wait for our turn, in the kernel's queue, until `timeout` seconds or a signal."""

        def wake(*_: object) -> None:
            raise _WokenError

        old = signal.signal(signal.SIGALRM, wake)
        signals.on_signal = wake
        try:
            # One alarm at the end, no polling: a waiter that looks again and again loses its turn.
            signal.setitimer(signal.ITIMER_REAL, timeout)
            fcntl.flock(file, fcntl.LOCK_EX)
        except _WokenError:
            if signals.received:
                raise InterruptedRunError(signals.received) from None
            raise LockTimeoutError(
                f"no lock after {timeout:g} s: it is held by {self.holder() or 'another operation'}",
                "Wait until that has ended, or end it; lock_timeout in hookman.toml sets the limit.",
            ) from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signals.on_signal = None
            signal.signal(signal.SIGALRM, old)


class HeldAboveError(Exception):
    """The lock's holder is waiting for this very process: it is part of the holder's run."""


def _ancestors() -> list[int]:
    """The processes above this one, nearest first, as far as /proc tells (proc(5): the fourth field)."""
    found = []
    pid = os.getppid()
    while pid > 1:
        found.append(pid)
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                pid = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError):
            break
    return found


class _WokenError(Exception):
    """Ends the blocking call; never seen outside."""
