"""Programs that run beside us: finding them, the environment they start in, and the end of their output."""

from __future__ import annotations

import os
import shutil
import threading

from hookman.base.messages import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from hookman.hooks.environment import Surroundings

# Names of variables that `hookman run` took from a .env for Compose; a line each.
FROM_DOTENV = "HOOKMAN_FROM_DOTENV"
END = 4096  # bytes of a program's output that are kept from its beginning, and from its end
LINES = 3  # of them that a message repeats from either
CUT = 500  # characters of such a line


def found(name: str, environ: Mapping[str, str]) -> str | None:
    """The path of a program on PATH; not from a relative entry, which is a directory of the project's."""
    path = environ.get("PATH", os.defpath)
    return shutil.which(
        name, path=os.pathsep.join(folder for folder in path.split(os.pathsep) if os.path.isabs(folder))
    )


def callers(where: Surroundings, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a database's client: `environ` (Compose's) without what is from a `.env`.

    What is left is the caller's, and what functions exported. In a hook the caller is the hook, and
    has the values of `.env` files too. A client would take code from some of them (OPENSSL_CONF,
    LIBMYSQL_PLUGINS), servers and passwords from others (PGSERVICEFILE, MYSQL_HOME).
    """
    in_hook = "HOOKMAN_RUN_ID" in where.process
    taken = where.process.get(FROM_DOTENV, "").split("\n")

    def is_dotenvs(name: str, value: str) -> bool:
        if name in taken:
            return True
        return value in (where.root_dotenv.get(name), where.dotenv.get(name)) and (in_hook or name not in where.process)

    return {name: value for name, value in environ.items() if not is_dotenvs(name, value)}


class Ends:
    """Reads a pipe to its end beside us, and keeps the first and the last of it (everything, if it `keeps_all`)."""

    def __init__(self, pipe: IO[bytes], *, keeps_all: bool = False) -> None:
        self._pipe = pipe
        self._keeps_all = keeps_all
        self._first = b""
        self._last = b""
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def all(self) -> bytes:
        """What came, once the pipe is closed."""
        self._thread.join()
        return self._first + self._last

    def said(self) -> list[str]:
        """The first and the last lines of it for a message, what is not printable escaped."""
        self._thread.join()
        lines = [line for line in _lines(self._first + self._last) if line.strip()]
        if len(lines) > 2 * LINES:
            lines = [*lines[:LINES], "…", *lines[-LINES:]]
        return lines

    def _read(self) -> None:
        while data := os.read(self._pipe.fileno(), 1 << 16):
            room = len(data) if self._keeps_all else max(0, END - len(self._first))
            self._first += data[:room]
            self._last = (self._last + data[room:])[-END:]
        self._pipe.close()


def _lines(data: bytes) -> list[str]:
    lines = (shown(line.rstrip()) for line in data.decode("utf-8", "replace").expandtabs().split("\n"))
    return [line if len(line) <= CUT else f"{line[:CUT]}…" for line in lines]
