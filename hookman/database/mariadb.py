"""MariaDB and MySQL by their own client programs: dump, load beside the old database, swap (CONTRACT C87 to C95).

No statement renames a database. RENAME TABLE moves any number of tables in one step, but
neither triggers nor views, routines or events: where there are some, only a load in place works.
"""

from __future__ import annotations

import hashlib
import secrets
import subprocess

from hookman.base.errors import HookmanError
from hookman.database.client import MAY_NOT_CREATE, NOT_REACHED, REPLACED, Client, wrong
from hookman.database.connection import MARIADB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from hookman.database.scan import Look

CLIENT = ("mariadb", "mysql")
DUMP = ("mariadb-dump", "mysqldump")
# Everything of a database, without its name, so that it can be loaded into another one.
COMPLETE = ["--single-transaction", "--routines", "--triggers", "--events", "--hex-blob"]
# For a dump whose commands are not to be carried out: the client then knows none but DELIMITER, and reads no file.
WALLS = ["--binary-mode", "--local-infile=0"]
# The server refuses the first of these while a transaction is under way, with error 1568.
IN_TRANSACTION = 1568
CHECK = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT CONCAT('{mark} ', COALESCE(HEX(CONVERT(DATABASE() USING utf8mb4)), ''));
"""
CREATED = (
    "SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {name})"
    " + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {name})"
    " + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {name})"
)
YEAR = 31536000  # in seconds; the longest that the server takes
PATIENCE = 10  # seconds that the swap waits for others who use a table
IMMOVABLE = (
    ("triggers", "TRIGGERS", "TRIGGER_SCHEMA"),
    ("views", "VIEWS", "TABLE_SCHEMA"),
    ("routines", "ROUTINES", "ROUTINE_SCHEMA"),
    ("events", "EVENTS", "EVENT_SCHEMA"),
)


class MariaDb(Client):
    """MariaDB or MySQL."""

    kind = MARIADB
    password_variable = "MYSQL_PWD"  # noqa: S105 (its name)
    longest_name = 64
    fixes = (
        ("1044", MAY_NOT_CREATE),
        ("1045", "set DB_USER and DB_PASSWORD, or fix them"),
        ("2002", NOT_REACHED),
        ("2003", NOT_REACHED),
    )
    restores = True  # a load in place that fails has destroyed what was there

    def dump(self, out: IO[bytes]) -> None:
        """Write the complete database as SQL to `out`. Raises HookmanError."""
        self.run(DUMP, [*self._where(), *COMPLETE, "--", self.database.name], stdout=out)

    def left_behind(self) -> list[str]:
        """Databases that an import of ours left when it was killed, and on which nobody works any more.

        Only for the one who has the lock: nobody else then has an import into this database under way.
        """
        names = self._ask(
            "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
            "(SELECT DB FROM information_schema.PROCESSLIST WHERE DB IS NOT NULL)"
        )
        return [name for name in names if self.is_own_name(name)]

    def create(self, name: str) -> None:
        """Create an empty database with the properties of the one that is imported into. Raises HookmanError."""
        self._tell(f"CREATE DATABASE {_name(name)} {self._like_the_old()}")

    def load(self, name: str, source: IO[bytes], seen: Look, *, trusted: bool) -> None:
        """Load a dump into the database `name`, up to the first error.

        Raises HookmanError, also if it can't move, created nothing, ended in another database
        or left a transaction open.
        """
        self._load(name, source, seen, trusted=trusted)
        self._must_be_movable(name)
        self._must_be_movable(self.database.name)

    def swap(self, fresh: str) -> None:
        """Move the tables of `fresh` to the database, and its old ones away, in one statement. Raises HookmanError."""
        name, old = self.database.name, self.own_name(REPLACED)
        self._tell(f"CREATE DATABASE {_name(old)}")
        self._tell(f"CREATE DATABASE IF NOT EXISTS {_name(name)} {self._like_the_old()}")
        moves = [f"{_name(name)}.{_name(table)} TO {_name(old)}.{_name(table)}" for table in self._tables(name)]
        moves += [f"{_name(fresh)}.{_name(table)} TO {_name(name)}.{_name(table)}" for table in self._tables(fresh)]
        try:
            if moves:
                self._tell(f"SET SESSION lock_wait_timeout = {PATIENCE}; RENAME TABLE {', '.join(moves)}")
        finally:
            self.drop(fresh)
            self.drop(old)

    def load_in_place(self, source: IO[bytes], seen: Look, *, trusted: bool, may_be_empty: bool = False) -> None:
        """Drop the database, create it again and load the dump into it. Raises as `load` does."""
        name, like = _name(self.database.name), self._like_the_old()
        self._tell(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} {like}")
        self._load(self.database.name, source, seen, trusted=trusted, may_be_empty=may_be_empty)

    def drop(self, name: str) -> None:
        """Drop a database of ours. Raises HookmanError."""
        self._tell(f"DROP DATABASE IF EXISTS {_name(name)}")

    def session(self) -> tuple[list[str], bytes]:
        """A command line that carries out what it reads, line by line, and what it must read first."""
        arguments = ["--batch", "--raw", "--skip-column-names", "--unbuffered"]
        return self._argv(CLIENT, [*self._where(), *arguments]), self._first_input()

    def lock_statements(self) -> tuple[str, str, str]:
        """Settings for a session that holds a lock for long; trying to take it; waiting for it.

        A lock's name has at most 64 letters. Where the server takes `Shop` and `shop` for one database, they are.
        """
        name = _text(f"hookman {hashlib.sha256(self.database.name.casefold().encode()).hexdigest()[:48]}")
        settings = f"SET SESSION wait_timeout = {YEAR};"
        return settings, f"SELECT GET_LOCK({name}, 0);", f"SELECT GET_LOCK({name}, {YEAR});"

    def _load(self, name: str, source: IO[bytes], seen: Look, *, trusted: bool, may_be_empty: bool = False) -> None:
        """Load a dump, and ask the session at the end where it is: what asks is read after the dump."""
        mark = secrets.token_hex(8)
        end = seen.delimiter.decode("utf-8", "surrogateescape")
        tail = (f"\n{end}" if seen.pending else "") + ("\nDELIMITER ;" if end != ";" else "") + CHECK.format(mark=mark)
        walls = [] if trusted else WALLS
        arguments = [*self._where(), *walls, "--batch", "--raw", "--skip-column-names", f"--database={name}"]
        try:
            last = self.run_load(CLIENT, arguments, source, tail)
        except HookmanError as error:
            if f"ERROR {IN_TRANSACTION} " in error.message:
                raise wrong("open") from error
            raise
        found, _, where = last.partition(" ")
        if found != mark:
            raise wrong("unread")
        if where != name.encode().hex().upper():
            raise wrong("elsewhere")
        if not may_be_empty and self._ask(CREATED.format(name=_text(name))) == ["0"]:
            raise wrong("empty")

    def _must_be_movable(self, name: str) -> None:
        for what, table, column in IMMOVABLE:
            if self._ask(f"SELECT COUNT(*) FROM information_schema.{table} WHERE {column} = {_text(name)}") != ["0"]:
                raise HookmanError(
                    f"there are {what} in the dump or in {self.database.name}, and MariaDB can't move them in one step",
                    "load it in place: hookman db import --in-place (it exports the database first)",
                )

    def _tables(self, name: str) -> list[str]:
        where = f"TABLE_SCHEMA = {_text(name)} AND TABLE_TYPE = 'BASE TABLE'"
        return self._ask(f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE {where}")

    def _like_the_old(self) -> str:
        """The options that create a database like the old one: its character set and collation."""
        rows = self._ask(
            "SELECT CONCAT('CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME) "
            f"FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {_text(self.database.name)}"
        )
        return rows[0] if rows else "CHARACTER SET utf8mb4"

    def _ask(self, statement: str) -> list[str]:
        arguments = ["--batch", "--raw", "--skip-column-names", f"--execute={statement}"]
        out = self.run(CLIENT, [*self._where(), *arguments], stdout=subprocess.PIPE)
        return out.decode("utf-8", "surrogateescape").splitlines()

    def _tell(self, statement: str) -> None:
        self.run(CLIENT, [*self._where(), f"--execute={statement}"])

    def _where(self) -> list[str]:
        parts = {"user": self.database.user, "default-character-set": "utf8mb4"}
        if not self.database.service:
            parts |= {"host": self.database.host, "port": self.database.port}
        return [f"--{key}={value}" for key, value in parts.items() if value]


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
