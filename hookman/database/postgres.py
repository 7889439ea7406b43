"""PostgreSQL by its own client programs: dump, load beside the old database, swap (CONTRACT C87 to C95)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

from hookman.errors import HookmanError, InterruptedRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from hookman.database.settings import Database
    from hookman.runner.signals import Signals

# Databases of ours, which may be removed once nobody works on them: NAME + one of these + a time.
LOADING = "_hookman_new_"
REPLACED = "_hookman_old_"
SWAP_TRIES = 20  # times that other sessions are ended before the swap gives up
LONGEST_NAME = 63  # bytes: NAMEDATALEN - 1 in PostgreSQL's sources


class Postgres:
    """The server of one database, reached through psql and pg_dump with `environ`.

    With a `service` they run in its container, through `compose` (the real one, so without
    hooks) in the project's `directory`; there the server is the container's own.
    """

    def __init__(
        self, database: Database, environ: Mapping[str, str], signals: Signals, *, compose: str, directory: str
    ) -> None:
        self.database = database
        self.signals = signals
        self.directory = directory
        self.through: list[str] = []
        if database.service:
            user = ["-e", f"PGUSER={database.user}"] if database.user else []
            self.through = [compose, "exec", "-T", *user, database.service]
        own = {"PGHOST": database.host, "PGPORT": database.port, "PGUSER": database.user}
        # By environment, never on a command line, which every user of the machine can read (C95).
        own |= {"PGPASSWORD": database.password, "PGCONNECT_TIMEOUT": "10"}
        self.environ = {**environ, **{name: value for name, value in own.items() if value}}

    def dump(self, out: IO[bytes]) -> None:
        """Write the whole database as SQL to `out`. Raises HookmanError."""
        self._run(["pg_dump", "--no-password", f"--dbname={_connection(self.database.name)}"], stdout=out)

    def exists(self, name: str) -> bool:
        """Is there a database of this name? Raises HookmanError."""
        return bool(self._ask(f"SELECT 1 FROM pg_database WHERE datname = {_text(name)}"))

    def left_behind(self) -> list[str]:
        """Databases that an import of ours left when it was killed, and on which nobody works any more."""
        like = [self._begin() + middle for middle in (LOADING, REPLACED)]
        rows = self._ask(
            "SELECT datname FROM pg_database d WHERE (starts_with(datname, "
            + _text(like[0])
            + ") OR starts_with(datname, "
            + _text(like[1])
            + ")) AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
        )
        return rows.splitlines()

    def load_beside(self, source: IO[bytes]) -> str:
        """Load the dump `source` into a database of its own and return its name.

        It stops at the first error, and then nothing is left of it. Raises HookmanError.
        """
        fresh = self._own_name(LOADING)
        self._tell("postgres", f"CREATE DATABASE {_name(fresh)} {self._like_the_old()}")
        try:
            self._psql(fresh, ["--file=-"], stdin=source)
        except BaseException:
            self.drop(fresh)
            raise
        return fresh

    def swap(self, fresh: str) -> None:
        """Have `fresh` take the database's place in one transaction, and drop the old one last. Raises HookmanError."""
        name, old = self.database.name, self._own_name(REPLACED)
        renames = f"ALTER DATABASE {_name(fresh)} RENAME TO {_name(name)};"
        there = self.exists(name)
        if there:
            renames = f"ALTER DATABASE {_name(name)} RENAME TO {_name(old)};{renames}"
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IN "
        for attempt in range(1, SWAP_TRIES + 1):
            self._tell("postgres", f"{end} ({_text(name)}, {_text(fresh)})")
            try:
                self._tell("postgres", f"BEGIN;{renames}COMMIT;", quiet=attempt < SWAP_TRIES)
                break
            except HookmanError:
                if attempt == SWAP_TRIES:
                    self.drop(fresh)
                    raise
                time.sleep(0.1)  # a client that reconnects at once; it is ended again
        if there:
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

    def _own_name(self, middle: str) -> str:
        stamp = f"{time.strftime('%y%m%d%H%M%S')}_{os.getpid()}"
        return self._begin() + middle + stamp

    def _begin(self) -> str:
        """As much of the database's name as leaves room for what we add."""
        return self.database.name.encode()[: LONGEST_NAME - 33].decode(errors="ignore")

    def _like_the_old(self) -> str:
        """What makes a new database like the old one: owner, encoding, collation."""
        row = self._ask(
            "SELECT format('OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L TEMPLATE template0', "
            "pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype) "
            f"FROM pg_database WHERE datname = {_text(self.database.name)}"
        )
        return row or "TEMPLATE template0"

    def _ask(self, statement: str) -> str:
        argv = [*_psql("postgres"), "--tuples-only", "--no-align", f"--command={statement}"]
        return self._run(argv, stdout=subprocess.PIPE).decode("utf-8", "surrogateescape").rstrip("\n")

    def _tell(self, database: str, statement: str, *, quiet: bool = False) -> None:
        self._psql(database, [f"--command={statement}"], quiet=quiet)

    def _psql(
        self, database: str, arguments: list[str], stdin: IO[bytes] | None = None, *, quiet: bool = False
    ) -> None:
        self._run([*_psql(database), *arguments], stdin=stdin, stdout=subprocess.DEVNULL, quiet=quiet)

    def _run(
        self,
        argv: list[str],
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        quiet: bool = False,
    ) -> bytes:
        """Run a client program to its end; a signal to us ends it. Raises HookmanError with what it says."""
        if not self.through and shutil.which(argv[0], path=self.environ.get("PATH")) is None:
            raise HookmanError(
                f"there is no {argv[0]} on your PATH",
                "Install PostgreSQL's client programs, or set DB_SERVICE to use those in the service's container.",
            )
        process = subprocess.Popen(
            [*self.through, *argv],
            env=self.environ,
            cwd=self.directory,
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        while True:
            try:
                out, err = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if number := self.signals.look():
                    process.send_signal(signal.SIGTERM)
                    process.communicate()
                    raise InterruptedRunError(number) from None
        if number := self.signals.look():
            raise InterruptedRunError(number)
        if process.returncode:
            said = err.decode("utf-8", "replace").strip().splitlines()
            text = "\n".join(said[:3]) if not quiet else ""
            raise HookmanError(f"{argv[0]} failed with exit code {process.returncode}: {text}", _mend(text))
        return out or b""


def _psql(database: str) -> list[str]:
    options = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    return ["psql", *options, f"--dbname={_connection(database)}"]


def _connection(name: str) -> str:
    """A name as a connection string: one with `=` or `://` would be taken for a whole one."""
    return "dbname='" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _mend(text: str) -> str:
    for sign, mend in (
        ("permission denied to create database", "Let that user create databases, or load it in place: --in-place"),
        ("password", "Set DB_PASSWORD, or mend it."),
        ("connection", "Is the server up, and are DB_HOST and DB_PORT right?"),
    ):
        if sign in text:
            return mend
    return ""
