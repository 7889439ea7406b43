"""The output of a script whose shell shows its commands (`sh -x`): each such line is shown in one piece.

dash writes the line of a command word by word, and the commands of a pipeline start at the same time. So the hook
gets one socket for stdout and stderr, which keeps the order and tells who wrote what. (A socket can't be opened as
/dev/stderr: a script that does so has the usual pipes.)
"""

from __future__ import annotations

import os
import socket
import struct
import sys

from hookman.base.system import IS_LINUX
from hookman.run.output import CHUNK, Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.run.output import _Stream

if sys.platform == "linux":
    TELL_WHO = socket.SO_PASSCRED  # with each piece comes who wrote it
else:
    TELL_WHO = 0
BEGIN = b"+ "  # how PS4 begins
BY_NAME = (b"/dev/std", b"/dev/fd/", b"/proc/")


def suits(path: str) -> bool:
    """Can the script at `path` have a socket for its output?"""
    if not IS_LINUX:
        return False  # the system does not tell who wrote what
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError:
        return False
    return not any(name in text for name in BY_NAME)


class TracedOutput(Output):
    """As Output, with one socket in place of the two pipes."""

    def __init__(
        self,
        out: Callable[[bytes], None],
        err: Callable[[bytes], None],
        report: Callable[[bytes], None] | None,
        wakeup: int,
    ) -> None:
        super().__init__(out, err, report, wakeup)
        for stream in (self.out, self.err):
            self._poll.unregister(stream.ours)
            os.close(stream.ours)
            os.close(stream.theirs)
            del self._open[stream.ours]
        self._socket, theirs = socket.socketpair()
        self._socket.setsockopt(socket.SOL_SOCKET, TELL_WHO, 1)
        self._socket.setblocking(False)
        self.err.ours, self.err.narrow = self._socket.fileno(), False
        self.err.theirs = self.out.theirs = theirs.detach()
        self._open[self.err.ours] = self.err
        self._register(self.err)
        self._lines: dict[int, bytes] = {}  # the lines that processes have begun to show

    def finish(self) -> None:
        """As for pipes, then what of a line came from a process that was killed."""
        super().finish()
        for rest in self._lines.values():
            self.err.sink(rest)

    def close(self) -> None:
        """Close whatever is still open."""
        if self.err.ours in self._open:
            self._socket.detach()
        super().close()

    def _read(self, stream: _Stream, *, everything: bool) -> None:
        if stream is not self.err:
            super()._read(stream, everything=everything)
            return
        while True:
            try:
                data, about, *_ = self._socket.recvmsg(CHUNK, socket.CMSG_SPACE(struct.calcsize("3i")))
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(stream.ours)
                del self._open[stream.ours]
                self._socket.close()
                return
            self._take(struct.unpack("3i", about[0][2])[0] if about else 0, data)

    def _take(self, pid: int, data: bytes) -> None:
        """Pass on what a process wrote; the line of a command only when it is complete."""
        data = self._lines.pop(pid, b"") + data
        while data.startswith(BEGIN) or BEGIN.startswith(data):
            line, end, data = data.partition(b"\n")
            if not end:
                self._lines[pid] = line
                return
            self.err.sink(line + end)
            if not data:
                return
        self.err.sink(data)
