"""Dump files: their names, the newest, writing a complete one or none, finding a broken one (CONTRACT C88 to C94)."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from typing import cast

from hookman.base.errors import HookmanError
from hookman.base.flocks import create_locked, take_left
from hookman.base.records import record
from hookman.base.system import PORTABLE
from hookman.database import formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

PART = ".hookman-part"  # the end of a dump's name while it is written
FLUSH_EVERY = 0.2  # seconds
# The end of a dump's name: the time of its export, and whether it is packed.
STAMP = r"(\d{4}(?:0\d|1[0-2])(?:[0-2]\d|3[01])_(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d|60))"
SUFFIX = r"\.sql(?:\.gz)?"
# What the dump programs write at the beginning and at the end.
MARKS = (
    (b"PostgreSQL database dump", b"PostgreSQL database dump complete"),
    (b"MariaDB dump", b"Dump completed"),
    (b"MySQL dump", b"Dump completed"),
)
ANOTHER = "create another one: hookman db export"


def file_name(name: str) -> str:
    """The database's name as the beginning of a file's: a slash can't be in one."""
    return name.replace("%", "%25").replace("/", "%2F")


def new_path(directory: str, name: str, *, zipped: bool) -> str:
    """Where the next dump of the database `name` goes: NAME_YYYYmmdd_HHMMSS.sql (C88).

    A dump of the same second is not overwritten, packed or not, written or still being written:
    the next free second is taken.
    """
    moment = time.time()
    while True:
        stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(moment))
        path = os.path.join(directory, f"{file_name(name)}_{stamp}.sql")
        ways = (path, f"{path}.gz")
        if not any(os.path.lexists(taken) for way in ways for taken in (way, _part(way))):
            return ways[zipped]
        moment += 1


def existing(directory: str, name: str) -> list[str]:
    """The dumps of the database `name`, the newest first by the time in their names.

    Only regular files are dumps: no directory, and no link, for that may lead anywhere.
    """
    pattern = re.compile(f"{re.escape(file_name(name))}_{STAMP}{SUFFIX}")
    with os.scandir(directory) as entries:
        found = [
            (match[1], entry.path)
            for entry in entries
            if (match := pattern.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False)
        ]
    return [path for _, path in sorted(found, reverse=True)]


@record
class Dump:
    """An open dump: what the database's program reads or writes as SQL, and the file itself."""

    sql: IO[bytes]
    file: int  # a descriptor; its position shows how far the dump has come


class TakenError(Exception):
    """Another export, of the project on another engine, took the name of the dump meanwhile."""


@contextmanager
def writing(path: str) -> Iterator[Dump]:
    """A file for a dump that is at `path` only once it is complete (C89), packed if it ends in .gz.

    Only its owner may read it. Raises TakenError, HookmanError and OSError.
    """
    _remove_stale(os.path.dirname(path))
    part = _part(path)
    try:
        file = os.fdopen(create_locked(part, needs_lock=False), "wb")
    except FileExistsError:
        raise TakenError from None
    try:
        with file:
            _check_free(path)
            with _flushing(file.fileno()):
                if path.endswith(".gz"):
                    with _piped(["gzip", "-c"], stdin=subprocess.PIPE, stdout=file) as process:
                        yield Dump(sql=cast("IO[bytes]", process.stdin), file=file.fileno())
                else:
                    yield Dump(sql=file, file=file.fileno())
            os.fsync(file.fileno())
            os.rename(part, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(part)
        raise


def _check_free(path: str) -> None:
    if os.path.lexists(path):
        raise TakenError


def _part(path: str) -> str:
    """Where the dump that goes to `path` is written."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{PART}")


def _remove_stale(directory: str) -> None:
    """Remove what killed exports left: it is ours, and nobody holds its lock any more.

    The lock goes with the open file, so a dump program that outlives hookman holds it too.
    """
    pattern = re.compile(rf"\..+_{STAMP}{SUFFIX}{re.escape(PART)}")
    for name in os.listdir(directory):
        if not pattern.fullmatch(name):
            continue
        path = os.path.join(directory, name)
        file = take_left(path)
        if file is None:
            continue  # another export writes it, or it is a link, a directory, another user's
        try:
            if os.fstat(file).st_uid == os.geteuid():
                with suppress(OSError):
                    os.unlink(path)
        finally:
            os.close(file)


if sys.platform == "linux" and not PORTABLE:
    _sync = os.fdatasync
else:
    _sync = os.fsync


@contextmanager
def _flushing(file: int) -> Iterator[None]:
    """Flush a file to the disk while it is written. One flush at the end takes a third longer."""
    stop = threading.Event()

    def flush() -> None:
        while not stop.wait(FLUSH_EVERY):
            _sync(file)

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def check(path: str) -> None:
    """Raises HookmanError for a dump that is not there, empty, cut off, or no SQL text."""
    with _open(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise HookmanError(f"the dump {path} is empty", ANOTHER)
        if path.endswith(".gz"):
            _refuse(path, formats.not_gzip(path, file.read(512)))
            file.seek(0)
        head, tail = _ends(path, file)
    _refuse(path, formats.not_sql(path, head))
    if any(begin in head and end not in tail for begin, end in MARKS):
        raise HookmanError(f"the dump {path} is cut off: its end is missing", ANOTHER)


@contextmanager
def reading(path: str) -> Iterator[Dump]:
    """The dump as SQL, from a descriptor that a program can read. Raises HookmanError and OSError."""
    with _open(path) as file:
        if path.endswith(".gz"):
            with _piped(["gzip", "-dc"], stdin=file, stdout=subprocess.PIPE) as process:
                yield Dump(sql=cast("IO[bytes]", process.stdout), file=file.fileno())
        else:
            yield Dump(sql=file, file=file.fileno())


def _open(path: str) -> IO[bytes]:
    """A dump, opened: it must be a regular file. Raises HookmanError."""
    try:
        # Not to wait for the other end of a FIFO, and no device is opened: some act at that.
        what = _kind(os.stat(path).st_mode)
        if not what:
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
            what = _kind(os.fstat(file.fileno()).st_mode)
            if not what:
                return file
            file.close()
    except FileNotFoundError as error:
        raise HookmanError(
            f"there is no dump {path}", "name another one. Without a name hookman takes the newest."
        ) from error
    except OSError as error:
        raise HookmanError(f"can't read the dump {path}: {error.strerror}", "make it readable") from error
    if os.path.exists(os.path.join(path, formats.PGDUMP_CONTENTS.decode())):
        _refuse(path, ("is a dump in PostgreSQL's directory format, not SQL", formats.restore(path)))
    raise HookmanError(f"{path} is {what}, not a dump", "name a file with SQL text in it")


def _kind(mode: int) -> str:
    """What a path leads to if that is no regular file; "" if it is one."""
    if stat.S_ISREG(mode):
        return ""
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _refuse(path: str, why: tuple[str, str] | None) -> None:
    if why:
        raise HookmanError(f"the dump {path} {why[0]}", why[1])


@contextmanager
def _piped(argv: list[str], *, stdin: IO[bytes] | int, stdout: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a packer beside us. Its failure is ours. Raises HookmanError."""
    # The system's own, in no environment: what we were given may be a hook's, and so a .env's.
    argv[0] = shutil.which(argv[0], path=os.defpath) or shutil.which(argv[0]) or argv[0]
    process = subprocess.Popen(argv, stdin=stdin, stdout=stdout, env={})
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
        raise HookmanError(f"{argv[0]} failed with exit code {code}", "check that the disk is not full")


def _ends(path: str, file: IO[bytes]) -> tuple[bytes, bytes]:
    """The first and the last 4 KiB of an open dump's SQL. Raises HookmanError for a damaged .gz."""
    try:
        if not path.endswith(".gz"):
            head = file.read(4096)
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
            return head, file.read()
        with gzip.open(file, "rb") as sql:
            head = tail = sql.read(4096)
            while data := sql.read(1 << 20):
                tail = (tail + data)[-4096:]
            return head, tail
    except (OSError, EOFError, zlib.error) as error:
        raise HookmanError(f"the dump {path} is damaged: {error}", ANOTHER) from error
