"""Signals while a run is under way: noticed at once, acted on by the one loop that waits.

A handler only notes the signal; the wakeup descriptor wakes whoever polls. So a
signal in any phase becomes a plain value that the runner reads.

Docker does not signal its plugins: it closes a socket (since version 25), or just ends. Both
count as SIGTERM here (CONTRACT C105, docs/design/traps.md D1, D4).
"""

from __future__ import annotations

import fcntl
import os

from hookman.base.lean import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PARENT_LOOK = 0.5  # seconds between looks at whether a docker without a socket is still there


class Signals:
    """Notes the stopping signals and SIGCHLD for as long as it is entered.

    `received` is the number of the first stopping signal since the last `clear`, else 0. A
    signal that was ignored when we started stays ignored (nohup, `&` in a script).
    `plugin_socket` is the address of docker's socket, "" if it gave none; `is_plugin` says
    whether docker started us.
    """

    def __init__(self, plugin_socket: str = "", *, is_plugin: bool = False) -> None:
        self.received = 0
        self.forgotten = 0  # the last one that was cleared
        self.on_signal: Callable[[], None] | None = None  # may raise, to end a blocking call
        # Says whether what runs beside a hook has been stopped, which ends the hook too.
        self.stopped_beside: Callable[[], bool] | None = None
        # Says whether what this run may do only as long as it has it (a lease) was lost, which ends everything.
        self.lost: Callable[[], bool] | None = None
        self.command = 0  # the process of the command itself, which is to end with that; 0 for none
        self.wakeup = -1
        # How long a wait may last before `look` must be called; None: for ever.
        self.patience = PARENT_LOOK if is_plugin and not plugin_socket else None
        self._docker = _connected(plugin_socket) if plugin_socket else -1
        self._parent = os.getppid()
        self._write = -1
        self._old: dict[int, object] = {}

    def __enter__(self) -> Self:
        self.wakeup, self._write = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in STOPPING:
            old = signal.getsignal(number)
            if old != signal.SIG_IGN:
                self._old[number] = old
                signal.signal(number, self._note)
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, self._child)
        if self._docker != -1:
            # The end of docker's socket comes as SIGIO, and so in any phase, waiting for a lock included.
            self._old[signal.SIGIO] = signal.signal(signal.SIGIO, self._cancelled)
            fcntl.fcntl(self._docker, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(self._docker, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)
            self._cancelled(signal.SIGIO, None)  # it may have ended already
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._docker != -1:
            os.close(self._docker)
        for number, old in self._old.items():
            signal.signal(number, old)  # type: ignore[arg-type]  # what getsignal gave
        signal.set_wakeup_fd(-1)
        os.close(self.wakeup)
        os.close(self._write)

    def drain(self) -> None:
        """Empty the wakeup descriptor after a poll."""
        try:
            while len(os.read(self.wakeup, 512)) == 512:
                pass
        except BlockingIOError:
            pass

    def look(self) -> int:
        """`received`, after a look at whether docker is still there."""
        if self.patience and os.getppid() != self._parent:
            self.received = self.received or signal.SIGTERM
        if not self.received and self.stopped_beside and self.stopped_beside():
            self.received = signal.SIGTERM
        if not self.received and self.lost and self.lost():
            self.received = signal.SIGTERM
        return self.received

    def clear(self) -> None:
        """Forget what was received."""
        self.forgotten = self.received or self.forgotten
        self.received = 0

    def acted_on(self) -> None:
        """Forget what was received, and a docker that has gone: from now on only what comes next counts."""
        self.clear()
        self._parent = os.getppid()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = self.received or number
        if self.on_signal:
            self.on_signal()

    def _child(self, _number: int, frame: FrameType | None) -> None:
        """A process of ours has ended, which the wakeup descriptor tells; or who keeps a lease has lost it."""
        if self.lost and self.lost():
            self._note(signal.SIGTERM, frame)

    def _cancelled(self, _number: int, frame: FrameType | None) -> None:
        try:
            if os.read(self._docker, 512):
                return  # docker says nothing on it; the end is what counts
        except BlockingIOError:
            return
        except OSError:
            pass
        self._note(signal.SIGTERM, frame)


def _connected(address: str) -> int:
    """A descriptor connected to docker's socket (abstract if it begins with @); -1 if that fails."""
    import _socket as socket  # the `socket` module costs 5 ms, on every operation

    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        end.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        end.close()
        return -1
    return end.detach()
