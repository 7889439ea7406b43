"""What a hook printed, as its file in the log has it: masked, and of much output both ends."""

from __future__ import annotations

import os

from hookman.base.paths import make_private_dir
from hookman.base.redact import Stream
from hookman.log.store import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.base.redact import Redactor

GAP = (b"\n[... ", b" bytes left out by hookman ...]\n")  # around a number


class HookOutput:
    """The file of one hook's output: created at its first byte, masked, and of more than `limit` bytes both ends."""

    def __init__(self, path: str, redactor: Redactor, limit: int, give_up: Callable[[OSError], None]) -> None:
        self.path = path
        self.redactor = redactor
        # One for stdout (1), one for stderr (2): what comes between on the other does not split a secret.
        self._streams: dict[int, Stream] = {}
        self.half = limit // 2
        self.give_up = give_up
        self.size = 0
        self._file: int | None = None
        self._error: OSError | None = None  # said only at the end: in the middle it would break a line of the hook's
        self._end: list[bytes] = []
        self._end_size = 0

    def write(self, data: bytes, descriptor: int = 1) -> None:
        """Take more output, from the hook's stdout (1) or stderr (2)."""
        if descriptor not in self._streams:
            self._streams[descriptor] = Stream(self.redactor)
        self._put(self._streams[descriptor].feed(data))

    def close(self) -> str:
        """Finish the file and return its path; "" if the hook printed nothing."""
        if not self._streams:
            return ""
        left = [self._streams[descriptor].end() for descriptor in sorted(self._streams)]
        self._put(self.redactor.text(b"".join(left)))
        end = b"".join(self._end)
        end = end[max(0, len(end) - self.half) :]
        gap = self.size - min(self.size, self.half) - len(end)
        if gap > 0:
            self._append(str(gap).encode().join(GAP))
        self._append(end)
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._error:
            self.give_up(self._error)
        return self.path if self.size else ""

    def _put(self, data: bytes) -> None:
        if not data or not self.path:
            return
        room = max(0, self.half - self.size)
        self.size += len(data)
        self._append(data[:room])
        if rest := data[room:]:
            self._end.append(rest)
            self._end_size += len(rest)
            while self._end and self._end_size - len(self._end[0]) >= self.half:
                self._end_size -= len(self._end.pop(0))

    def _append(self, data: bytes) -> None:
        if not data or not self.path:
            return
        try:
            if self._file is None:
                make_private_dir(os.path.dirname(self.path))
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            write_all(self._file, data)
        except OSError as error:
            self.path = ""
            self._error = error


def mask_again(path: str, redactor: Redactor) -> None:
    """Mask the secrets in a file that was masked before some of them were known. Raises OSError."""
    with open(path, "rb") as file:
        data = file.read()
    head, before, rest = data.partition(GAP[0])
    gap, after, tail = rest.partition(GAP[1])
    if gap.isdigit():
        cut = [redactor.text(head, cut_after=True), before, gap, after, redactor.text(tail, cut_before=True)]
        masked = b"".join(cut)
    else:
        masked = redactor.text(data)
    if masked != data:
        from hookman.base.files import replace_file

        replace_file(path, masked)
