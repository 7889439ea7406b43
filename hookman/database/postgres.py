"""PostgreSQL by its own client programs: dump, load beside the old database, swap (CONTRACT C87 to C95)."""

from __future__ import annotations

import subprocess
import time

from hookman.database.client import LOADING, REPLACED, Client
from hookman.errors import HookmanError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

SWAP_TRIES = 20  # times that other sessions are ended before the swap gives up
PSQL = ("psql",)


class Postgres(Client):
    """PostgreSQL: one statement renames a database, and a transaction holds two of them."""

    password_variable = "PGPASSWORD"  # noqa: S105 (its name)
    longest_name = 63  # NAMEDATALEN - 1 in PostgreSQL's sources
    restores = False  # a load in place that fails leaves everything as it was

    def dump(self, out: IO[bytes]) -> None:
        """Write the whole database as SQL to `out`. Raises HookmanError."""
        self.run(("pg_dump",), ["--no-password", f"--dbname={self._connection(self.database.name)}"], stdout=out)

    def left_behind(self) -> list[str]:
        """Databases that an import of ours left when it was killed, and on which nobody works any more."""
        like = [self.begin() + middle for middle in (LOADING, REPLACED)]
        rows = self._ask(
            "SELECT datname FROM pg_database d WHERE (starts_with(datname, "
            + _text(like[0])
            + ") OR starts_with(datname, "
            + _text(like[1])
            + ")) AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
        )
        return rows.splitlines()

    def create(self, name: str) -> None:
        """Make an empty database like the one that is meant. Raises HookmanError."""
        self._tell("postgres", f"CREATE DATABASE {_name(name)} {self._like_the_old()}")

    def load(self, name: str, source: IO[bytes]) -> None:
        """Load a dump into the database `name`, up to the first error. Raises HookmanError."""
        self._psql(name, ["--file=-"], stdin=source)

    def swap(self, fresh: str) -> None:
        """Have `fresh` take the database's place in one transaction, and drop the old one last. Raises HookmanError."""
        name, old = self.database.name, self.own_name(REPLACED)
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IN "
        renames = (
            f"BEGIN IF EXISTS (SELECT FROM pg_database WHERE datname = {_text(name)}) THEN "
            f"ALTER DATABASE {_name(name)} RENAME TO {_name(old)}; END IF; "
            f"ALTER DATABASE {_name(fresh)} RENAME TO {_name(name)}; END"
        )
        for attempt in range(1, SWAP_TRIES + 1):
            try:
                self._tell("postgres", f"{end} ({_text(name)}, {_text(fresh)})", f"DO {_text(renames)}")
                break
            except HookmanError:
                if attempt == SWAP_TRIES:
                    self.drop(fresh)
                    raise
                time.sleep(0.1)  # a client that reconnects at once; it is ended again
        self.drop(old)

    def load_in_place(self, source: IO[bytes]) -> None:
        """Replace what is in the database by the dump, in one transaction: all or nothing. Raises HookmanError."""
        user_schemas = (
            "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND "
            "nspname <> 'information_schema' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$;"
            "CREATE SCHEMA public;"
        )
        self._psql(self.database.name, ["--single-transaction", f"--command={user_schemas}", "--file=-"], stdin=source)

    def drop(self, name: str) -> None:
        """Drop a database of ours. Raises HookmanError."""
        self._tell("postgres", f"DROP DATABASE IF EXISTS {_name(name)}")

    def _like_the_old(self) -> str:
        """What makes a new database like the old one: owner, encoding, collation."""
        row = self._ask(
            "SELECT format('OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L TEMPLATE template0', "
            "pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype) "
            f"FROM pg_database WHERE datname = {_text(self.database.name)}"
        )
        return row or "TEMPLATE template0"

    def _ask(self, statement: str) -> str:
        arguments = ["--tuples-only", "--no-align", f"--command={statement}"]
        out = self.run(PSQL, [*self._options("postgres"), *arguments], stdout=subprocess.PIPE)
        return out.decode("utf-8", "surrogateescape").rstrip("\n")

    def _tell(self, database: str, *statements: str) -> None:
        self._psql(database, [f"--command={statement}" for statement in statements])

    def _psql(self, database: str, arguments: list[str], stdin: IO[bytes] | None = None) -> None:
        self.run(PSQL, [*self._options(database), *arguments], stdin=stdin)

    def _options(self, database: str) -> list[str]:
        options = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
        return [*options, f"--dbname={self._connection(database)}"]

    def _connection(self, name: str) -> str:
        """A connection string: a bare name with `=` or `://` in it would be taken for a whole one."""
        parts = {"dbname": name, "user": self.database.user, "connect_timeout": "10"}
        if not self.database.service:
            parts |= {"host": self.database.host, "port": self.database.port}
        escaped = {key: value.replace("\\", "\\\\").replace("'", "\\'") for key, value in parts.items() if value}
        return " ".join(f"{key}='{value}'" for key, value in escaped.items())

    def mend(self, said: str) -> str:
        """What to do about what a program said; "" if we do not know."""
        for sign, mend in (
            ("permission denied to create database", "Let that user create databases, or load it in place: --in-place"),
            ("password", "Set DB_PASSWORD, or mend it."),
            ("connection", "Is the server up, and are DB_HOST and DB_PORT right?"),
        ):
            if sign in said:
                return mend
        return ""


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
