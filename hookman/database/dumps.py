"""Dump files: their names, the newest, writing one whole or not at all, telling a broken one (CONTRACT C88 to C94)."""

from __future__ import annotations

import gzip
import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import cast

from hookman.errors import HookmanError
from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

PART = ".hookman-part"  # the end of a dump's name while it is written
FLUSH_EVERY = 0.2  # seconds
SUFFIXES = (".sql", ".sql.gz")
# What the dump programs write at the beginning and at the end.
MARKS = (
    (b"PostgreSQL database dump", b"PostgreSQL database dump complete"),
    (b"MariaDB dump", b"Dump completed"),
    (b"MySQL dump", b"Dump completed"),
)


def new_path(directory: str, name: str, *, zipped: bool) -> str:
    """Where the next dump of the database `name` goes: NAME_YYYYmmdd_HHMMSS.sql (C88).

    A dump of the same second is not overwritten: the next free second is taken.
    """
    moment = time.time()
    while True:
        stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(moment))
        path = os.path.join(directory, f"{name.replace('/', '_')}_{stamp}.sql{'.gz' if zipped else ''}")
        if not os.path.lexists(path):
            return path
        moment += 1


def existing(directory: str, name: str) -> list[str]:
    """The dumps of the database `name`, the newest first."""
    start = f"{name.replace('/', '_')}_"
    names = [one for one in os.listdir(directory) if one.startswith(start) and one.endswith(SUFFIXES)]
    paths = [os.path.join(directory, one) for one in names]
    return sorted(paths, key=lambda path: (os.stat(path).st_mtime_ns, path), reverse=True)


@record
class Dump:
    """An open dump: what a program of the database's reads or writes as SQL, and the file itself."""

    sql: IO[bytes]
    file: int  # a descriptor; its position shows how far the dump has come


@contextmanager
def writing(path: str) -> Iterator[Dump]:
    """A file for a dump that lies at `path` only once it is whole (C89), packed if it ends in .gz.

    Raises HookmanError and OSError.
    """
    for stale in os.listdir(os.path.dirname(path)):
        if stale.endswith(PART):
            os.unlink(os.path.join(os.path.dirname(path), stale))
    part = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{PART}")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            with _flushing(file.fileno()):
                if path.endswith(".gz"):
                    with _piped(["gzip", "-c"], stdin=subprocess.PIPE, stdout=file) as process:
                        yield Dump(sql=cast("IO[bytes]", process.stdin), file=file.fileno())
                else:
                    yield Dump(sql=file, file=file.fileno())
            os.fsync(file.fileno())
        os.rename(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


@contextmanager
def _flushing(file: int) -> Iterator[None]:
    """Have what is written to a file brought to the disk all the while: all at the end takes a third longer."""
    stop = threading.Event()

    def flush() -> None:
        while not stop.wait(FLUSH_EVERY):
            os.fdatasync(file)

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def check(path: str) -> None:
    """Raises HookmanError for a dump that is not there, empty, or cut off."""
    if not os.path.isfile(path):
        raise HookmanError(f"there is no dump {path}", "Name another one; without a name the newest is taken.")
    if not os.path.getsize(path):
        raise HookmanError(f"the dump {path} is empty", "Make another one: hookman db export")
    head, tail = _ends(path)
    if any(begin in head and end not in tail for begin, end in MARKS):
        raise HookmanError(f"the dump {path} is cut off: its end is missing", "Make another one: hookman db export")


@contextmanager
def reading(path: str) -> Iterator[Dump]:
    """The dump as SQL, from a descriptor that a program can read. Raises HookmanError and OSError."""
    with open(path, "rb") as file:
        if path.endswith(".gz"):
            with _piped(["gzip", "-dc"], stdin=file, stdout=subprocess.PIPE) as process:
                yield Dump(sql=cast("IO[bytes]", process.stdout), file=file.fileno())
        else:
            yield Dump(sql=file, file=file.fileno())


@contextmanager
def _piped(argv: list[str], *, stdin: IO[bytes] | int, stdout: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
    """A packer at work beside us; its failure is ours. Raises HookmanError."""
    process = subprocess.Popen(argv, stdin=stdin, stdout=stdout)
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        for end in (process.stdin, process.stdout):
            if end:
                end.close()
        code = process.wait()
    if code:
        raise HookmanError(f"{argv[0]} failed with exit code {code}", "Is the disk full?")


def _ends(path: str) -> tuple[bytes, bytes]:
    """The first and the last 4 KiB of a dump's SQL. Raises HookmanError for a damaged .gz."""
    with gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb") as file:
        try:
            head = tail = file.read(4096)
            if not path.endswith(".gz"):
                file.seek(max(0, os.path.getsize(path) - 4096))
                return head, file.read()
            while data := file.read(1 << 20):
                tail = (tail + data)[-4096:]
        except (OSError, EOFError) as error:
            raise HookmanError(f"the dump {path} is damaged: {error}", "Make another one: hookman db export") from error
        return head, tail
