"""An import: the dump looked at, the server's lock taken, the dump loaded, the old database replaced."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.base.messages import say
from hookman.base.records import record
from hookman.database import dumps, scan
from hookman.database.progress import Progress
from hookman.database.serverlock import ServerLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, TypeVar

    from hookman.database.mariadb import MariaDb
    from hookman.database.postgres import Postgres

    Server = Postgres | MariaDb
    T = TypeVar("T")


@record
class Import:
    """What is to be imported, and how."""

    path: str
    seen: scan.Look | None  # what was seen in it before the hooks ran; None if nobody looked
    in_place: bool
    trusted: bool  # its commands for the client program may be carried out

    def look(self, kind: str) -> scan.Look:
        """What is in the dump, if it may be loaded; looked at again if it is not as it was. Raises HookmanError."""
        seen = self.seen
        if seen is None or seen.mark != _mark(self.path, kind):
            seen = scan.look(self.path, kind)
        scan.refuse(seen, self.path, kind, trusted=self.trusted, in_place=self.in_place)
        return seen


def carry_out(wanted: Import, server: Server, patience: float, export: Callable[[], str]) -> None:
    """Replace the database by the dump. Raises HookmanError, and the old database is as it was then.

    No other import into it goes on meanwhile. `export` writes a dump of the old one and returns its path.
    """
    seen = wanted.look(server.kind)
    lock = ServerLock(server, patience)
    with lock.held():
        if wanted.in_place:
            _in_place(wanted, seen, server, export)
            return
        for left in server.left_behind():
            server.drop(left)
            say(f"removed {left}, which a killed import had left")
        fresh = _load(server, wanted.path, seen, lambda sql: server.load_beside(sql, seen, trusted=wanted.trusted))
        try:
            lock.must_be_held()
        except BaseException:
            server.drop(fresh)
            raise
        server.swap(fresh)


def _in_place(wanted: Import, seen: scan.Look, server: Server, export: Callable[[], str]) -> None:
    before = export()
    say(f"exported {server.database.name} to {before}, in case you want it back")
    try:
        _load(server, wanted.path, seen, lambda sql: server.load_in_place(sql, seen, trusted=wanted.trusted))
    except HookmanError:
        if server.restores:
            server.signals.clear()  # a Ctrl-C that ended the load must not end this too
            old = scan.look(before, server.kind)
            _load(server, before, old, lambda sql: server.load_in_place(sql, old, trusted=False, may_be_empty=True))
            say(f"the import failed, so {before} was loaded again")
        raise


def _load(server: Server, path: str, seen: scan.Look, load: Callable[[IO[bytes]], T]) -> T:
    """What `load` makes of the dump at `path`, in which `seen` was seen."""
    with dumps.reading(path) as source:
        if scan.mark_of(source.file, server.kind) != seen.mark:
            raise HookmanError(f"the dump {path} changed during the import", "try it again")
        progress = Progress(f"importing {server.database.name}", source.file, os.path.getsize(path))
        with server.showing(progress):
            return load(source.sql)


def _mark(path: str, kind: str) -> tuple[int, ...]:
    try:
        with open(path, "rb") as file:
            return scan.mark_of(file.fileno(), kind)
    except OSError as error:
        raise HookmanError(f"{path}: {error.strerror}", "name a dump that you may read") from error
