"""What a hook prints: two pipes, read live and in the order it was written.

A pipe each for stdout and stderr, because a failure's message repeats the end of stderr;
but with two pipes a reader that is a moment late can't tell which was written first, and
`set -x` ends up below what it explains. So both begin narrow: each holds one write
(O_DIRECT makes it a packet, a buffer of one page lets no second one in), and epoll reports
them in the order they became readable. Where there is no epoll the order is not exact.
Once a hook has printed much (WIDE_AFTER), its pipes become ordinary wide ones, for speed.
A hook that wants a terminal has one in place of both (pseudo_terminal.py).
"""

from __future__ import annotations

import fcntl
import os
import select
import sys

from hookman.base.spawn import NULL, spawn
from hookman.base.system import PORTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.run.pseudo_terminal import PseudoTerminal

CHUNK = 65536
WIDE_AFTER = 256 * 1024  # bytes
WIDE = 1024 * 1024  # bytes a wide pipe holds
LONGEST_WAIT = 86400.0  # seconds
LINGER = 0.1  # seconds that output may follow the end of a hook (`exec > >(tee log)`)
# The values of epoll's flags; poll's first and last are the same.
IN, HANGUP, EDGE = 0x001, 0x010, 1 << 31


class _Poll:
    """poll behind epoll's methods: without the exact order."""

    def __init__(self) -> None:
        self._poll = select.poll()

    def register(self, end: int, _flags: int) -> None:
        """Look at a descriptor that is read."""
        self._poll.register(end, select.POLLIN)

    def unregister(self, end: int) -> None:
        """Stop looking at it."""
        self._poll.unregister(end)

    def poll(self, seconds: float) -> list[tuple[int, int]]:
        """Which of them can be read, after at most `seconds` (-1: no limit)."""
        return self._poll.poll(None if seconds < 0 else seconds * 1000)

    def close(self) -> None:
        """Nothing to close."""

    def fileno(self) -> int:
        """It has none."""
        return -1


if sys.platform == "linux" and not PORTABLE:
    ORDERED = True
    _Poller: type[_Poll] = select.epoll  # type: ignore[assignment]  # it has these methods too

    def _narrow_pipe() -> tuple[int, int]:
        """A pipe that holds one write."""
        ours, theirs = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
        fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, 1)  # rounded up to one page
        return ours, theirs

    def _widen(ours: int) -> None:
        """Have a pipe hold as much as it may."""
        try:
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, WIDE)
        except OSError:
            fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, CHUNK)  # the user's share of pipe memory is used up

else:
    ORDERED = False
    _Poller = _Poll
    _narrow_pipe = os.pipe

    def _widen(ours: int) -> None:
        """It is as wide as it gets."""


class _Stream:
    """One pipe from the hook: our end, the hook's end as long as we hold it too, who gets what comes in.

    `ends` are those of a pseudo terminal in place of a pipe.
    """

    def __init__(
        self, sink: Callable[[bytes], None], *, narrow: bool = False, ends: tuple[int, int] | None = None
    ) -> None:
        self.sink = sink
        self.narrow = narrow
        self.count = 0
        self.ours, self.theirs = ends or (_narrow_pipe() if narrow else os.pipe())
        os.set_blocking(self.ours, False)

    def widen(self) -> None:
        """Give up the exact order for speed."""
        self.narrow = False
        fcntl.fcntl(self.theirs, fcntl.F_SETFL, os.O_WRONLY)
        _widen(self.ours)


class Output:
    """The pipes of one hook, or its `terminal`, whose output counts as both.

    `wakeup` is a descriptor that also ends a wait; it is not read.
    """

    def __init__(
        self,
        out: Callable[[bytes], None],
        err: Callable[[bytes], None],
        report: Callable[[bytes], None] | None,
        wakeup: int,
        terminal: PseudoTerminal | None = None,
    ) -> None:
        self._poll = _Poller()
        if terminal:
            self.out = self.err = _Stream(err, ends=(terminal.ours, terminal.theirs))
        else:
            self.out = _Stream(out, narrow=ORDERED)
            self.err = _Stream(err, narrow=ORDERED)
        self.report = _Stream(report) if report else None
        self._open = {stream.ours: stream for stream in (self.out, self.err, self.report) if stream}
        for stream in self._open.values():
            self._register(stream)
        self._poll.register(wakeup, IN)
        self._wakeup = wakeup

    def descriptors(self) -> list[int]:
        """The descriptor that can be read when something has happened: the one of epoll, for all of its own."""
        own = self._poll.fileno()
        return [*self._open, self._wakeup] if own == -1 else [own]

    def wait(self, seconds: float | None) -> None:
        """Wait until something happens, at most `seconds`, and pass on what was printed."""
        # Not longer than the kernel can count in milliseconds: whoever waits for longer calls again.
        for end, event in self._poll.poll(-1 if seconds is None else min(max(0.0, seconds), LONGEST_WAIT)):
            stream = self._open.get(end)
            if stream:
                self._read(stream, everything=not stream.narrow or bool(event & HANGUP))

    def release(self) -> None:
        """Let go of the hook's ends, so that ours tell when nobody else holds them."""
        for stream in self._open.values():
            if stream.theirs != -1:
                os.close(stream.theirs)
                stream.theirs = -1

    def finish(self) -> None:
        """Pass on what is there once the hook has ended, and `release` was called.

        A process that it left behind and that still holds its output is given a drain, so that it
        may write on.
        """
        for stream in list(self._open.values()):
            self._read(stream, everything=True)
        for stream in self._held():
            _drain(stream.ours)

    @property
    def is_held(self) -> bool:
        """Does anybody still hold its ends, so that more may come?"""
        return bool(self._held())

    def close(self) -> None:
        """Close whatever is still open."""
        self.release()
        for end in self._open:
            os.close(end)
        self._open = {}
        self._poll.close()

    def _register(self, stream: _Stream) -> None:
        """Look at a stream. Edge-triggered: it comes into epoll's queue at the moment of a write, and so in order."""
        self._poll.register(stream.ours, IN | EDGE)

    def _held(self) -> list[_Stream]:
        return [stream for stream in self._open.values() if stream is not self.report]

    def _read(self, stream: _Stream, *, everything: bool) -> None:
        """Pass on one write of a narrow pipe, or all that is there."""
        while True:
            try:
                data = os.read(stream.ours, CHUNK)
            except BlockingIOError:
                return
            except OSError:  # what Linux says at the end of a terminal
                data = b""
            if not data:
                self._poll.unregister(stream.ours)
                os.close(stream.ours)
                del self._open[stream.ours]
                return
            stream.sink(data)
            stream.count += len(data)
            if stream.narrow and stream.count > WIDE_AFTER and stream.theirs != -1:
                stream.widen()
                everything = True
            if not everything:
                return


def _drain(end: int) -> None:
    """Let processes that still write into a pipe do so without harm: `cat` reads it until it is closed."""
    os.set_blocking(end, True)
    try:
        spawn("cat", ["cat"], {"PATH": os.defpath}, {0: end, 1: NULL, 2: NULL}, session=True)
    except OSError:
        pass  # without cat the writer gets SIGPIPE, as it would from any program that has ended
