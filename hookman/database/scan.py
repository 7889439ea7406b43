"""What a dump would do besides filling one database, seen before any hook runs and before it is loaded.

A dump is a script for a client program, and such a program does more than send SQL: it runs
shell commands, reads and writes files, changes to other databases. The dump is read here as the
client would read it, in pieces of bounded size. What makes a difference is noted with its line.
"""

from __future__ import annotations

import os
import re
import shlex

from hookman.base.errors import HookmanError
from hookman.base.records import record
from hookman.database import dumps
from hookman.database.connection import MARIADB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from hookman.database.scan_mysql import MysqlScript
    from hookman.database.scan_psql import PsqlScript

CHUNK = 1 << 18  # bytes read at a time
MARK = b"\xef\xbb\xbf"  # the byte order mark of some editors
SPACE = re.compile(rb"[ \t\r\n\f\v]+")
CHANGES = (b"CREATE", b"DROP", b"ALTER")  # the first words of statements that change what there is
SHOWN = 60  # characters of a line that a message shows


@record
class Passage:
    """Something in a dump that must not happen: where, and its text."""

    line: int
    text: str


@record
class Look:
    """What was seen in a dump."""

    mark: tuple[int, ...]  # which file was looked at, and in which state
    elsewhere: list[Passage]  # what names, or changes to, another database
    host: list[Passage]  # programs and files of a machine, the server itself, and what could hide them
    transactions: Passage | None  # the first statement that begins or ends a transaction
    unfinished: Passage | None  # the transaction that is never ended
    fills: bool  # is there a statement that may create something?
    open_end: str  # what the end of the file is in the middle of
    delimiter: bytes  # what ends a statement at the end of the file
    pending: bool  # is the last statement without its end?


class ClientScript:
    """A script of a client program, read piece by piece; `buffer` holds what is not yet used, from `at` on."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.buffer = b""
        self.at = 0
        self.ended = False
        self.elsewhere: list[Passage] = []
        self.host: list[Passage] = []
        self.transactions: Passage | None = None
        self.unfinished: Passage | None = None
        self.fills = False
        self.open_end = ""
        self.delimiter = b";"
        self._lines = 0  # ends of lines before `_counted`
        self._counted = 0

    def more(self) -> bool:
        """Read on, and forget what is before `at`, but for one byte: rules look back. False at the end of the file."""
        data = b"" if self.ended else self.source.read(CHUNK)
        if not data:
            self.ended = True
            return False
        self.line()
        kept = max(0, self.at - 1)
        self.buffer = self.buffer[kept:] + data
        self.at -= kept
        self._counted = self.at
        return True

    def have(self, count: int) -> None:
        """Read on until `count` bytes are there, if the file has as many."""
        while len(self.buffer) - self.at < count and self.more():
            pass

    def token(self, pattern: re.Pattern[bytes]) -> bytes:
        """What `pattern` matches here, to its end however the file is cut into pieces; b"" if nothing."""
        while True:
            found = pattern.match(self.buffer, self.at)
            if found and found.end() == len(self.buffer) and found.end() - self.at < CHUNK and self.more():
                continue
            if not found:
                return b""
            self.at = found.end()
            return found[0]

    def inside(self, content: re.Pattern[bytes], end: bytes) -> bytes | None:
        """Go over `content` up to `end` and past that; return how the content begins, None if the end is missing."""
        begins = b""
        while True:
            found = content.match(self.buffer, self.at)
            if found:
                if len(begins) < SHOWN:
                    begins += found[0][:SHOWN]
                self.at = found.end()
            self.have(len(end) + 1)
            if self.buffer.startswith(end, self.at):
                self.at += len(end)
                return begins[:SHOWN]
            if len(self.buffer) - self.at > len(end):
                continue
            if not self.more():
                self.at = len(self.buffer)
                return None

    def past(self, end: bytes) -> bool:
        """Go past the next `end`; False if there is none, and then it is the end of the file."""
        while True:
            found = self.buffer.find(end, self.at)
            if found >= 0:
                self.at = found + len(end)
                return True
            self.at = max(self.at, len(self.buffer) - len(end) + 1)
            if not self.more():
                self.at = len(self.buffer)
                return False

    def rest_of_line(self) -> bytes:
        """The rest of the line, at most CHUNK bytes of it; `at` is before its end then."""
        while (found := self.buffer.find(b"\n", self.at)) < 0 and len(self.buffer) - self.at < CHUNK and self.more():
            pass
        start, self.at = self.at, found if found >= 0 else len(self.buffer)
        return self.buffer[start : self.at]

    def line(self) -> int:
        """The number of the line at `at`."""
        self._lines += self.buffer.count(b"\n", self._counted, self.at)
        self._counted = self.at
        return self._lines + 1

    def here(self, text: bytes) -> Passage:
        """A passage at `at` that shows `text`."""
        return passage(self.line(), text)


def passage(line: int, text: bytes) -> Passage:
    """A passage that shows the beginning of `text`, on one line and printable."""
    found = " ".join(text[: 4 * SHOWN].decode("utf-8", "replace").split())
    found = "".join(char if char.isprintable() else "?" for char in found)
    return Passage(line=line, text=found if len(found) <= SHOWN else found[:SHOWN] + "…")


def look(path: str, kind: str) -> Look:
    """Look through the dump at `path`, as the client program of that `kind` would read it. Raises HookmanError."""
    script_type: type[MysqlScript | PsqlScript]
    if kind == MARIADB:
        from hookman.database.scan_mysql import MysqlScript as script_type  # noqa: N813 (one of two)
    else:
        from hookman.database.scan_psql import PsqlScript as script_type  # noqa: N813
    try:
        with dumps.reading(path) as source:
            mark = mark_of(source.file, kind)
            script = script_type(source.sql)
            script.have(len(MARK))
            if script.buffer.startswith(MARK):  # both clients pass over it
                script.at = len(MARK)
            script.read()
    except OSError as error:
        raise HookmanError(f"{path}: {error.strerror}", "name a dump that you may read") from error
    return Look(
        mark=mark,
        elsewhere=script.elsewhere,
        host=script.host,
        transactions=script.transactions,
        unfinished=script.unfinished,
        fills=script.fills,
        open_end=script.open_end,
        delimiter=script.delimiter,
        pending=script.pending,
    )


def mark_of(file: int, kind: str) -> tuple[int, ...]:
    """Which file an open one is and in which state, and for which `kind` of database it was looked at."""
    status = os.fstat(file)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, int(kind == MARIADB))


def refuse(seen: Look, path: str, kind: str, *, trusted: bool, in_place: bool) -> None:
    """Raises HookmanError for a dump that is not to be loaded, with the fix."""
    if seen.elsewhere:
        first = seen.elsewhere[0]
        option = "--databases or --all-databases: mariadb-dump" if kind == MARIADB else "--create (-C): pg_dump"
        raise HookmanError(
            f"{path}, line {first.line}: the dump goes to a database of its own choice: {first.text}",
            f"create it without {option} NAME >NAME.sql",
        )
    if seen.host and not trusted:
        first = seen.host[0]
        raise HookmanError(
            f"{path}, line {first.line}: the dump does more than fill a database: {first.text}",
            "that may change the server, run programs, or use files, as you. "
            f"If you trust who created it: hookman db import --trust-dump {shlex.quote(path)}",
        )
    if seen.open_end:
        raise HookmanError(
            f"the dump {path} is cut off: it ends in the middle of {seen.open_end}", "create another one"
        )
    if seen.unfinished:
        raise HookmanError(
            f"{path}, line {seen.unfinished.line}: a transaction is never ended: {seen.unfinished.text}",
            "add COMMIT; at the end of it, if it is complete",
        )
    if not seen.fills and not (trusted and seen.host):
        raise HookmanError(f"the dump {path} creates nothing", "create another one: hookman db export")
    if in_place and kind != MARIADB and seen.transactions:
        raise HookmanError(
            f"{path}, line {seen.transactions.line}: the dump has transactions of its own: {seen.transactions.text}",
            "A load in place is one transaction, all or nothing. Remove BEGIN, COMMIT and ROLLBACK from it.",
        )
