"""Signals while a run is under way: noticed at once, acted on by the one loop that waits.

A handler only notes the signal; the wakeup descriptor makes whoever polls wake up. So a
signal in any phase ends up as a plain value that the runner reads.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Signals:
    """Notes the stopping signals and SIGCHLD for as long as it is entered.

    `received` is the number of the first stopping signal since the last `clear`, else 0.
    A signal that was ignored when we started stays ignored (nohup, `&` in a script).
    """

    def __init__(self) -> None:
        self.received = 0
        self.on_signal: Callable[[], None] | None = None  # may raise, to end a blocking call
        self.wakeup = -1
        self._write = -1
        self._old: dict[int, object] = {}

    def __enter__(self) -> Self:
        self.wakeup, self._write = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in STOPPING:
            old = signal.getsignal(number)
            if old is not signal.SIG_IGN:
                self._old[number] = old
                signal.signal(number, self._note)
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _nothing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, old in self._old.items():
            signal.signal(number, old)  # type: ignore[arg-type]  # what getsignal gave
        signal.set_wakeup_fd(-1)
        os.close(self.wakeup)
        os.close(self._write)

    def drain(self) -> None:
        """Empty the wakeup descriptor after a poll."""
        try:
            while os.read(self.wakeup, 512):
                pass
        except BlockingIOError:
            pass

    def clear(self) -> None:
        """Forget what was received."""
        self.received = 0

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = self.received or number
        if self.on_signal:
            self.on_signal()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler that does nothing: the wakeup descriptor does the work."""
