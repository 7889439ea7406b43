"""Several questions to the engine in one round trip, and its answers, errors included."""

from __future__ import annotations

import time

from hookman.base.records import record
from hookman.compose.engine_api import Chunks, Connection, EngineError, parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

BAD = 400  # the status of an answer that says no
LONGEST = 8 * 1024 * 1024  # bytes of all that one question is answered


@record
class Request:
    """A question to the engine, with a `body` (JSON) or without."""

    method: str
    path: str
    body: bytes = b""

    @property
    def text(self) -> bytes:
        """As HTTP."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: docker\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return f"{head}\r\n".encode() + self.body


@record
class Response:
    """An answer of the engine, of any status."""

    status: int
    date: str  # the engine's own clock, as HTTP writes it
    body: bytes

    def parsed(self) -> Any:
        """The body, which must be JSON. Raises EngineError."""
        return parsed(self.body)


NONE = Response(status=0, date="", body=b"")


class RoundTrips(Connection):
    """A connection on which several questions are asked at once. Everything raises EngineError."""

    _deadline = 0.0

    def ask(self, requests: Sequence[Request], patience: float, *, optional: int = 0) -> list[Response]:
        """Send all `requests` at once, and return what the engine answers to each, within `patience` seconds in all.

        The engine answers one after the other. An answer to the last, `optional` ones that does not come has the
        status 0. A proxy that refuses a question may close the connection then: that answer is the last one.
        """
        self._deadline = time.monotonic() + patience
        try:
            self._socket.settimeout(max(0.001, patience))
            self._socket.sendall(b"".join(request.text for request in requests))
        except OSError as error:
            raise EngineError(_told(error)) from error
        answers: list[Response] = []
        needed = len(requests) - optional
        for number in range(len(requests)):
            try:
                answers.append(self._response())
            except EngineError:
                if number >= needed:
                    return [*answers, *[NONE] * (len(requests) - number)]
                if answers and answers[-1].status >= BAD:
                    return [*answers, *[NONE] * optional]
                raise
        return answers

    def _response(self) -> Response:
        while b"\r\n\r\n" not in (text := self._buffer.lstrip(b"\r\n")):
            self._buffer = text + self._more(len(text))
        head, _, self._buffer = text.partition(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        words = first.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise EngineError("the engine's answer is not HTTP")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in rest.splitlines())
        }
        status, date = int(words[1]), headers.get(b"date", b"").decode("ascii", "replace")
        return Response(status=status, date=date, body=self._content(status, headers.get(b"content-length")))

    def _content(self, status: int, length: bytes | None) -> bytes:
        if length is not None and not length.isdigit():
            raise EngineError("the engine's answer is not HTTP")
        chunks = Chunks(length=0 if status in (204, 304) else None if length is None else int(length))
        body = bytearray()
        while not chunks.ended:
            if not self._buffer:
                self._buffer = self._more(len(body))
            body += chunks.feed(self._buffer)
            self._buffer = b""
        self._buffer = chunks.left + self._buffer
        return bytes(body)

    def _more(self, so_far: int) -> bytes:
        """The next bytes, if they come in time. Raises EngineError."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise EngineError("it does not answer")
        if so_far > LONGEST:
            raise EngineError(f"the engine's answer is longer than {LONGEST} bytes")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise EngineError(_told(error)) from error
        if not data:
            raise EngineError("the engine has ended the connection")
        return data


def _told(error: OSError) -> str:
    """An error as people read it."""
    return "it does not answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
