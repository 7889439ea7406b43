"""The id of the engine that a command talks to, for the record of the run. Nobody waits for it.

The engine takes some 10 ms to answer, so it is asked at most once in FRESH seconds: over its socket while Compose runs,
or, where there is no socket on this machine, with the first question for the lock. A note in the data directory keeps
the answer. Podman has another id in each answer, so it has none here.
"""

from __future__ import annotations

import os
import time

from hookman.base.files import read_with_status, replace_file
from hookman.base.lean import keyed_digest
from hookman.base.paths import make_private_dir
from hookman.compose.context import DEFAULT, DEFAULT_SOCKET, UNIX, config_dir, host_and_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = "engines"  # in the data directory
FRESH = 600.0  # seconds
MARK = b'"ID":"'
LONGEST = 200  # bytes of an id
LONGEST_ANSWER = 256 * 1024
SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
QUESTION = b"GET /info HTTP/1.0\r\nHost: docker\r\n\r\n"


class EngineNote:
    """What is known of the engine of a command with docker's global `flags`: `id` is "" if it is not known."""

    def __init__(self, data: str, flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> None:
        self.host, self.context = host_and_context(flags, environ)
        self._flags = flags
        self._environ = environ
        name = self.context
        if self.host or "config" in flags or "DOCKER_CONFIG" in environ or not SAFE.issuperset(name):
            told = f"{self.host}\0{name}\0{config_dir(flags, environ)}"  # an address may have a password in it
            name = f"{keyed_digest(told.encode('utf-8', 'surrogateescape'), b'engine')}.id"
        self._path = os.path.join(data, FOLDER, name)
        self.id = ""
        self.is_fresh = False
        self.read()

    def read(self) -> None:
        """Look at the note."""
        try:
            text, status = read_with_status(self._path, LONGEST)
        except OSError:
            return
        self.id = text.decode("ascii", "replace")
        self.is_fresh = abs(time.time() - status.st_mtime) < FRESH

    def take(self, head: bytes, body: bytes) -> None:
        """Note the id in what an engine answers about itself; that may be cut off at its end."""
        found, is_whole, _ = body.partition(MARK)[2].partition(b'"')
        is_id = is_whole and 0 < len(found) <= LONGEST and found.isascii() and b"\\" not in found
        is_podman = b"libpod" in head.lower() or b'"BuildahVersion"' in body
        self.id = found.decode() if is_id and not is_podman else ""
        self.is_fresh = True
        try:
            make_private_dir(os.path.dirname(self._path))
            replace_file(self._path, self.id.encode())
        except OSError:
            pass

    @property
    def socket(self) -> str:
        """The path of the engine's socket; "" where it has none on this machine."""
        if self.context == DEFAULT:
            host = self.host or f"{UNIX}{DEFAULT_SOCKET}"
            return host.removeprefix(UNIX) if host.startswith(UNIX) else ""
        from hookman.base.errors import HookmanError
        from hookman.compose.endpoint import endpoint

        try:
            return endpoint(self._flags, self._environ).socket
        except HookmanError:
            return ""


class EngineQuestion:
    """Asks the engine on its socket, if its note is not fresh, and takes the answer later."""

    def __init__(self, note: EngineNote) -> None:
        self._note = note
        self._end = None
        path = "" if note.is_fresh else note.socket
        if not path or not os.path.exists(path):
            return
        import _socket as socket  # the `socket` module costs 5 ms

        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            end.setblocking(False)
            end.connect(path)
            end.send(QUESTION)
            self._end = end
        except OSError:
            end.close()

    def answer(self) -> str:
        """The engine's id, if it has been told by now or is known; "" if not."""
        if self._end is None:
            self._note.read()  # others may have asked
            return self._note.id
        answer = b""
        try:
            while len(answer) < LONGEST_ANSWER and (data := self._end.recv(65536)):
                answer += data
        except OSError:  # nothing more has come until now
            pass
        self._end.close()
        self._end = None
        if answer:
            head, _, body = answer.partition(b"\r\n\r\n")
            self._note.take(head, body)
        return self._note.id
