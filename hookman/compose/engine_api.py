"""The API of the Docker Engine that the Docker CLI would use.

dial.py connects. The list of containers takes 0.3 ms, against 50 ms of CPU for `docker compose ps`
(docs/design/traps.md E2).
"""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.base.lean import json_line, json_value
from hookman.compose.endpoint import endpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.endpoint import Endpoint

PATIENCE = 10.0  # seconds for the engine to begin an answer
STDERR = 2  # as the engine numbers the streams of a container
HEAD = 8  # bytes before each piece of what a container printed
LONGEST = 64 * 1024 * 1024  # bytes of one answer, or of one event
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986


class EngineError(Exception):
    """The engine can't be reached, or its answer is not what was asked for."""


class NoEngineError(EngineError):
    """There is no engine where the Docker CLI would look for it."""


def engine_of(invocation: Invocation, environ: Mapping[str, str]) -> Endpoint:
    """The engine that the command line means. Raises EngineError if its docker context does not exist."""
    try:
        return endpoint(invocation.docker_flags, environ)
    except ConfigError as error:
        raise EngineError(error.problem.what) from error


def filtered(filters: Mapping[str, list[str]]) -> str:
    """The query that has the engine answer only what matches `filters`."""
    text = json_line(filters).encode()
    return "filters=" + "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in text)


class Connection:
    """One connection to the engine. Everything raises EngineError."""

    def __init__(self, engine: Endpoint, environ: Mapping[str, str], patience: float = PATIENCE) -> None:
        from hookman.compose.dial import dialled

        self._socket = dialled(engine, environ, patience)
        self._socket.settimeout(patience)
        self._buffer = b""
        self._chunks = Chunks()

    def fileno(self) -> int:
        """For poll: readable when there are events."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def containers(self, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        """The containers that match, running or not."""
        found = self._answer(f"/containers/json?all=1&{filtered(filters)}")
        if not isinstance(found, list):
            raise EngineError("the engine did not return a list of containers")
        return [item for item in found if isinstance(item, dict)]

    def get(self, path: str) -> dict[str, Any]:
        """What the engine answers at `path`."""
        found = self._answer(path)
        if not isinstance(found, dict):
            raise EngineError(f"the engine did not return what is at {path.partition('?')[0]}")
        return found

    def logs(self, container: str, lines: int) -> bytes:
        """The last lines that a container printed, on stdout and stderr."""
        return unframed(self._body(f"/containers/{container}/logs?stdout=1&stderr=1&tail={lines}"))

    def within(self, seconds: float) -> None:
        """How long each answer may take from now on."""
        self._socket.settimeout(seconds)

    def _answer(self, path: str) -> Any:
        return parsed(self._body(path))

    def _body(self, path: str) -> bytes:
        self._get(path)
        body = bytearray()
        while not self._chunks.ended:
            body += self._chunks.feed(self._take())
            _bounded(len(body))
        return bytes(body)

    def subscribe(self, filters: dict[str, list[str]]) -> None:
        """Ask for events. On return every event from now on will come."""
        self._get(f"/events?{filtered(filters)}")
        self._socket.setblocking(False)

    def events(self) -> list[dict[str, Any]]:
        """The events that have come in since the last call, without waiting. Raises EngineError at the end."""
        body = self._chunks.feed(self._buffer)
        self._buffer = b""
        while True:
            try:
                body += self._chunks.feed(self._receive())
            except BlockingIOError:
                break
        lines = (self._chunks.rest + body).split(b"\n")
        self._chunks.rest = lines.pop()
        _bounded(len(self._chunks.rest))
        found = [parsed(line) for line in lines if line.strip()]
        return [item for item in found if isinstance(item, dict)]

    def _get(self, path: str) -> None:
        """Send a request and read the head of its answer."""
        try:
            self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n".encode())
        except OSError as error:
            raise EngineError(str(error)) from error
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._receive()
            _bounded(len(self._buffer))
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, _, headers = head.partition(b"\r\n")
        if b" 200 " not in status + b" ":
            raise EngineError(status.decode("utf-8", "replace"))
        self._chunks = Chunks()
        for line in headers.lower().split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name == b"content-length":
                self._chunks = Chunks(length=_number(value, 10))

    def _take(self) -> bytes:
        data, self._buffer = self._buffer, b""
        return data or self._receive()

    def _receive(self) -> bytes:
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            raise
        except OSError as error:
            raise EngineError(str(error)) from error
        if not data:
            raise EngineError("the engine has ended the connection")
        return data


class Chunks:
    """The body of an HTTP answer: chunked, or `length` bytes."""

    def __init__(self, length: int | None = None) -> None:
        self.ended = length == 0
        self.rest = b""  # of a line that is not complete yet
        self._chunked = length is None
        self._missing = length or 0
        self._raw = b""

    def feed(self, data: bytes) -> bytes:
        """Take what came in and return what of it is body. Raises EngineError."""
        self._raw += data
        body = b""
        while self._raw and not self.ended:
            if self._missing:
                part, self._raw = self._raw[: self._missing], self._raw[self._missing :]
                body += part
                self._missing -= len(part)
                self.ended = not self._chunked and not self._missing
                continue
            line, end, rest = self._raw.partition(b"\r\n")
            if not end:
                _bounded(len(line))
                break
            self._raw = rest
            if line:  # the empty one ends the chunk before
                self._missing = _number(line.partition(b";")[0], 16)
                self.ended = self._missing == 0
        if self.ended:
            self._raw = self._raw.removeprefix(b"\r\n")
        return body

    @property
    def left(self) -> bytes:
        """What came after the body: the beginning of the next answer."""
        return self._raw if self.ended else b""


def unframed(data: bytes) -> bytes:
    """What a container printed, without the head of each piece: which stream, three zeros, the length.

    One with a terminal has no such heads.
    """
    text, rest = b"", data
    while rest:
        size = int.from_bytes(rest[4:8])
        if rest[0] > STDERR or rest[1:4] != b"\0\0\0" or len(rest) < HEAD:
            return data
        text, rest = text + rest[HEAD : HEAD + size], rest[HEAD + size :]
    return text


def parsed(text: bytes) -> Any:
    """What is in `text`, which must be JSON. Raises EngineError."""
    try:
        return json_value(text)
    except (ValueError, RecursionError) as error:
        raise EngineError("the engine's answer is not JSON") from error


def _number(text: bytes, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise EngineError("the engine's answer is not HTTP")
    return number


def _bounded(count: int) -> None:
    if count > LONGEST:
        raise EngineError(f"the engine's answer is longer than {LONGEST} bytes")
