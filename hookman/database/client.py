"""Running a database's client programs, on this machine or in a service's container."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import cast

from hookman.base.errors import HookmanError, InterruptedRunError
from hookman.database import programs as beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from hookman.base.signals import Signals
    from hookman.database.connection import Database
    from hookman.database.progress import Progress
    from hookman.database.scan import Look

# Databases of ours, which may be removed once nobody works on them: NAME + one of these + a time.
LOADING = "_hookman_new_"
REPLACED = "_hookman_old_"
ADDED = 36  # the most bytes that we add to a name: one of them, a time, a sign
# What is wrong after a load without an error: the word for it in SQL, what is said, the fix.
WRONG = {
    "elsewhere": (
        "the dump ended in another database",
        "Create it without commands that change the database (USE, \\connect).",
    ),
    "open": ("the dump begins a transaction and does not end it", "Add COMMIT; at the end of it, if it is complete."),
    "empty": ("the dump created nothing", "Is it the right one? Create another one: hookman db export"),
    "unread": (
        "the client program did not read the dump to its end",
        "Is there a command in it that ends the program?",
    ),
}
# How to fix what the programs of several servers say.
MAY_NOT_CREATE = "let that user create databases, or load it in place: --in-place"
NOT_REACHED = "check that the server is up, and that DB_HOST and DB_PORT are right"
# What starts the first of some programs in a container.
FIRST_OF = (
    'for program in {programs}; do command -v "$program" >/dev/null && exec "$program" "$@"; done; '
    'echo "none of {programs} is in this container" >&2; exit 127'
)
# With a password, which comes as the first line of the input: every user of this machine can
# read a command line (C95). `printf` is the shell's own, so it is on none here either.
TAKE_PASSWORD = 'IFS= read -r password; export {variable}="$password"; '  # noqa: S105 (a script)
GIVE_PASSWORD = 'printf "%s\\n" "${variable}" && '  # noqa: S105 (a script)
# What a program reads after the input itself.
GIVE_TAIL = 'cat && printf "%s" "$1"'


class Client:
    """The client programs of one server.

    They get `environ` and their password. With a `service` they run in its container, through
    `compose` (the real one, so without hooks), which gets `environ`, in the project's
    `directory`; there the server is the container's own.
    """

    password_variable = ""
    kind = ""
    longest_name = 63  # bytes
    fixes: tuple[tuple[str, str], ...] = ()  # words of an error, and how to fix it; the first that fits counts

    def __init__(
        self, database: Database, environ: Mapping[str, str], signals: Signals, *, compose: str, directory: str
    ) -> None:
        self.database = database
        self.signals = signals
        self.compose = compose
        self.directory = directory
        self.environ = dict(environ)
        self._progress: Progress | None = None
        if database.password and not database.service:
            self.environ[self.password_variable] = database.password

    @contextmanager
    def showing(self, progress: Progress) -> Iterator[None]:
        """Show `progress` while our programs run."""
        self._progress = progress
        try:
            yield
        finally:
            self._progress = None
            progress.clear()

    def run(
        self,
        programs: tuple[str, ...],
        arguments: list[str],
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        tail: str = "",
    ) -> bytes:
        """Run the first of `programs` that is there to its end; a signal to us ends it.

        It reads `tail` after `stdin`. Returns what it prints, if `stdout` is a pipe. Raises
        HookmanError with what it says.
        """
        argv = self._argv(programs, arguments)
        first = self._first_input()
        if not first and not tail:
            return self._wait(argv, programs[0], stdin, stdout)
        give = GIVE_PASSWORD.format(variable=self.password_variable) if first else ""
        feeder = subprocess.Popen(
            ["/bin/sh", "-c", give + GIVE_TAIL, "sh", tail],
            env={"PATH": os.defpath, self.password_variable: self.database.password},
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        try:
            out = self._wait(argv, programs[0], feeder.stdout, stdout)
        finally:
            if feeder.stdout:
                feeder.stdout.close()
            code = feeder.wait()
        if code and stdin:  # half of a dump must not count as a complete one
            raise HookmanError(f"{programs[0]} did not get all of its input (exit code {code})", "try it again")
        return out

    def run_load(self, programs: tuple[str, ...], arguments: list[str], stdin: IO[bytes], tail: str = "") -> str:
        """Run a program that loads a dump, and return the last line that it prints. Raises HookmanError."""
        printed = self.run(programs, arguments, stdin=stdin, tail=tail)
        return (printed.decode("utf-8", "replace").splitlines() or [""])[-1]

    def load_beside(self, source: IO[bytes], seen: Look, *, trusted: bool) -> str:
        """Load the dump `source`, in which `seen` was seen, into a database of its own and return its name.

        It stops at the first error, and then nothing is left of it. Raises HookmanError.
        """
        fresh = self.own_name(LOADING)
        self.create(fresh)
        try:
            self.load(fresh, source, seen, trusted=trusted)
        except BaseException:
            self.drop(fresh)
            raise
        return fresh

    def dump(self, out: IO[bytes]) -> None:
        """Write the complete database as SQL to `out`. Raises HookmanError."""
        raise NotImplementedError

    def create(self, name: str) -> None:
        """Create an empty database with the properties of the one that is imported into. Raises HookmanError."""
        raise NotImplementedError

    def load(self, name: str, source: IO[bytes], seen: Look, *, trusted: bool) -> None:
        """Load a dump into the database `name`, up to the first error.

        Raises HookmanError, also if it created nothing, ended in another database or left a transaction open.
        """
        raise NotImplementedError

    def drop(self, name: str) -> None:
        """Drop a database of ours. Raises HookmanError."""
        raise NotImplementedError

    def own_name(self, middle: str) -> str:
        """A name for a database of ours: LOADING or REPLACED in the `middle`."""
        start = f"{self.begin()}{middle}{time.time_ns() // 1_000_000:x}"
        return f"{start}_{self._sign(start)}"

    def is_own_name(self, name: str) -> bool:
        """Is that the name of a database that an import into this very database creates?"""
        start, _, sign = name.rpartition("_")
        begins = (self.begin() + LOADING, self.begin() + REPLACED)
        return start.startswith(begins) and sign == self._sign(start)

    def begin(self) -> str:
        """As much of the database's name as leaves room for what we add."""
        return self.database.name.encode()[: self.longest_name - ADDED].decode(errors="ignore")

    def _sign(self, start: str) -> str:
        """The end of the names of our own databases: a digest of the name of the database that they are for."""
        return hashlib.sha256(f"{self.database.name}\0{start}".encode()).hexdigest()[:8]

    def session(self) -> tuple[list[str], bytes]:
        """A command line that carries out what it reads, line by line, and what it must read first."""
        raise NotImplementedError

    def lock_statements(self) -> tuple[str, str, str]:
        """Settings for a session that holds a lock for long; trying to take it; waiting for it."""
        raise NotImplementedError

    def fix(self, said: str) -> str:
        """What to do about what a program said; "" if we do not know."""
        return next((fix for sign, fix in self.fixes if sign in said), "")

    def _argv(self, programs: tuple[str, ...], arguments: list[str]) -> list[str]:
        """The command line of the first of `programs` that is there. Raises HookmanError."""
        if not self.database.service:
            return [self._found(programs), *arguments]
        take = TAKE_PASSWORD.format(variable=self.password_variable) if self.database.password else ""
        script = take + FIRST_OF.format(programs=" ".join(programs))
        return [self.compose, "exec", "-T", "--", self.database.service, "sh", "-c", script, "sh", *arguments]

    def _first_input(self) -> bytes:
        """What a program in a container reads before its input."""
        return f"{self.database.password}\n".encode() if self.database.service and self.database.password else b""

    def _found(self, programs: tuple[str, ...]) -> str:
        for program in programs:
            if path := beside.found(program, self.environ):
                return path
        raise HookmanError(
            f"there is no {programs[0]} on your PATH",
            "install the database's client programs, or set DB_SERVICE to use those in the service's container",
        )

    def _wait(self, argv: list[str], name: str, stdin: IO[bytes] | None, stdout: IO[bytes] | int) -> bytes:
        is_kept = stdout in (subprocess.DEVNULL, subprocess.PIPE)
        process = subprocess.Popen(
            argv,
            env=self.environ,
            cwd=self.directory,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE if is_kept else stdout,
            stderr=subprocess.PIPE,
        )
        err = beside.Ends(cast("IO[bytes]", process.stderr))
        out = beside.Ends(process.stdout, keeps_all=stdout == subprocess.PIPE) if process.stdout else None
        self._until_it_ends(process)
        if process.returncode:
            # Some say it on stdout: psql of a dump in another format.
            said = "\n".join([*err.said(), *(out.said() if out else [])])
            raise HookmanError(f"{name} failed with exit code {process.returncode}: {said}", self.fix(said))
        return out.all() if out else b""

    def _until_it_ends(self, process: subprocess.Popen[bytes]) -> None:
        """Raises InterruptedRunError."""
        number = 0
        while True:
            try:
                process.wait(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if self._progress:
                    self._progress.show()
                if not number and (number := self.signals.look()):
                    process.send_signal(signal.SIGTERM)
        if number := number or self.signals.look():
            raise InterruptedRunError(number)


def wrong(what: str) -> HookmanError:
    """The error for one of WRONG."""
    return HookmanError(*WRONG[what])
