"""PostgreSQL by its own client programs: dump, load beside the old database, swap (CONTRACT C87 to C95)."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
import time

from hookman.base.errors import HookmanError
from hookman.database.client import MAY_NOT_CREATE, NOT_REACHED, REPLACED, WRONG, Client, wrong
from hookman.database.connection import POSTGRES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from hookman.database.scan import Look

SWAP_TRIES = 20  # times that other sessions are ended before the swap gives up
PSQL = ("psql",)
# The session is asked at the end of a load. A transaction that is open began before the statement.
NOT_IN_TRANSACTION = "now() = statement_timestamp()"
REMEMBER_TRANSACTION = "SELECT set_config('hookman.transaction', txid_current()::text, false)"
SAME_TRANSACTION = "current_setting('hookman.transaction', true) IS NOT DISTINCT FROM txid_current()::text"
# All that a database of one's own can have in it; what initdb creates has lower numbers (FirstNormalObjectId).
CHECK = """DO $hookman$ BEGIN
IF encode(convert_to(current_database(), 'UTF8'), 'hex') <> '{name}' THEN RAISE EXCEPTION 'hookman: elsewhere'; END IF;
IF NOT ({ends_well}) THEN RAISE EXCEPTION 'hookman: open'; END IF;
IF NOT EXISTS (
SELECT FROM pg_class o JOIN pg_namespace n ON n.oid = relnamespace WHERE o.oid >= 16384 AND nspname !~ '^pg_'
UNION ALL SELECT FROM pg_proc o JOIN pg_namespace n ON n.oid = pronamespace WHERE o.oid >= 16384 AND nspname !~ '^pg_'
UNION ALL SELECT FROM pg_type o JOIN pg_namespace n ON n.oid = typnamespace WHERE o.oid >= 16384 AND nspname !~ '^pg_'
UNION ALL SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_' AND nspname <> 'public'
UNION ALL SELECT FROM pg_extension WHERE oid >= 16384
UNION ALL SELECT FROM pg_largeobject_metadata
) THEN RAISE EXCEPTION 'hookman: empty'; END IF;
END $hookman$"""


class Postgres(Client):
    """PostgreSQL: one statement renames a database, and a transaction holds two of them."""

    kind = POSTGRES
    password_variable = "PGPASSWORD"  # noqa: S105 (its name)
    longest_name = 63  # NAMEDATALEN - 1 in PostgreSQL's sources
    fixes = (
        ("permission denied to create database", MAY_NOT_CREATE),
        ("password", "set DB_PASSWORD, or fix it"),
        ("connection", NOT_REACHED),
    )
    restores = False  # a load in place that fails leaves everything as it was

    def dump(self, out: IO[bytes]) -> None:
        """Write the complete database as SQL to `out`. Raises HookmanError."""
        self.run(("pg_dump",), ["--no-password", f"--dbname={self._connection(self.database.name)}"], stdout=out)

    def left_behind(self) -> list[str]:
        """Databases that an import of ours left when it was killed, and on which nobody works any more.

        Only for the one who has the lock: nobody else then has an import into this database under way.
        """
        rows = self._ask(
            "SELECT datname FROM pg_database d WHERE "
            "NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
        )
        return [name for name in rows.splitlines() if self.is_own_name(name)]

    def create(self, name: str) -> None:
        """Create an empty database with the properties of the one that is imported into. Raises HookmanError."""
        self._tell("postgres", f"CREATE DATABASE {_name(name)} {self._like_the_old()}")

    def load(self, name: str, source: IO[bytes], seen: Look, *, trusted: bool) -> None:
        """Load a dump into the database `name`, up to the first error.

        Raises HookmanError, also if it created nothing, ended in another database or left a transaction open.
        """
        del seen, trusted  # psql has no use for them
        self._load(name, ["--file=-"], source, NOT_IN_TRANSACTION)

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

    def load_in_place(self, source: IO[bytes], seen: Look, *, trusted: bool, may_be_empty: bool = False) -> None:
        """Replace what is in the database by the dump, in one transaction: all or nothing. Raises as `load` does."""
        del seen, trusted, may_be_empty
        user_schemas = (
            "DO $$ DECLARE s text; BEGIN FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND "
            "nspname <> 'information_schema' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$;"
            "CREATE SCHEMA public;"
        )
        begin = ["--single-transaction", f"--command={REMEMBER_TRANSACTION}", f"--command={user_schemas}", "--file=-"]
        self._load(self.database.name, begin, source, SAME_TRANSACTION)

    def drop(self, name: str) -> None:
        """Drop a database of ours. Raises HookmanError."""
        self._tell("postgres", f"DROP DATABASE IF EXISTS {_name(name)}")

    def session(self) -> tuple[list[str], bytes]:
        """A command line that carries out what it reads, line by line, and what it must read first."""
        return self._argv(PSQL, [*self._options("postgres"), "--tuples-only", "--no-align"]), self._first_input()

    def lock_statements(self) -> tuple[str, str, str]:
        """Settings for a session that holds a lock for long; trying to take it; waiting for it."""
        name = hashlib.sha256(f"hookman import {self.database.name}".encode()).digest()
        key = int.from_bytes(name[:8], "big", signed=True)
        settings = (
            "SET statement_timeout = 0; SET lock_timeout = 0; "
            "DO $$ BEGIN PERFORM set_config(name, '0', false) FROM pg_settings "
            "WHERE name IN ('idle_session_timeout'); END $$;"
        )
        return settings, f"SELECT pg_try_advisory_lock({key});", f"SELECT pg_advisory_lock({key}) IS NULL;"

    def _load(self, name: str, arguments: list[str], source: IO[bytes], ends_well: str) -> None:
        mark = secrets.token_hex(8)
        check = CHECK.format(name=name.encode().hex(), ends_well=ends_well)
        arguments = [*arguments, f"--command={check}", f"--command=SELECT {_text(mark)}"]
        try:
            last = self.run_load(PSQL, [*self._options(name), "--tuples-only", "--no-align", *arguments], source)
        except HookmanError as error:
            for what in WRONG:
                if f"hookman: {what}" in error.message:
                    raise wrong(what) from error
            raise
        if last != mark:
            raise wrong("unread")

    def _like_the_old(self) -> str:
        """The options that create a database like the old one: owner, encoding, collation."""
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
        """A connection string: a bare name with `=` or `://` in it would be taken for a complete one."""
        parts = {"dbname": name, "user": self.database.user, "connect_timeout": "10"}
        if not self.database.service:
            parts |= {"host": self.database.host, "port": self.database.port}
        escaped = {key: value.replace("\\", "\\\\").replace("'", "\\'") for key, value in parts.items() if value}
        return " ".join(f"{key}='{value}'" for key, value in escaped.items())


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
