"""`sources`: a digest of the files that a hook works on, with its own text, and the arguments that it gets.

The files are read one after the other in pieces. Their digests are added up, so their order does not matter.
"""

from __future__ import annotations

import errno
import os

from hookman.base.files import open_regular
from hookman.base.records import record
from hookman.hooks.globs import matching
from hookman.hooks.planned import FUNCTION, TABLES

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookman.hooks.planned import PlannedHook

PIECE = 1 << 20  # bytes read at once
SIZE = 32  # bytes of a digest
WHERE = ("service", "user", "workdir")  # keys of a table
MANY = 10_000  # files; more are said


@record
class Digest:
    """What the sources of a hook were."""

    text: str
    files: int
    unreadable: tuple[str, str] | None = None  # what could not be read, and why: then the hook runs


def digest(hook: PlannedHook, directory: str, args: list[str], tick: Callable[[int], None]) -> Digest:
    """The digest of the sources of `hook` in the project's `directory`, and of what it runs.

    Only functions get the `args` of the command: a script does not run again because somebody types `up -d --wait`.
    `tick` is called with the number of files after each file.
    """
    total, files = 0, 0
    unreadable: tuple[str, str] | None = None
    for path in _listed(directory, hook.keys["sources"]):
        if isinstance(path, OSError):
            unreadable = unreadable or (path.filename, path.strerror or "")
            continue
        try:
            total += int.from_bytes(_of_file(directory, path), "big")
        except (FileNotFoundError, NotADirectoryError):
            continue  # it was removed meanwhile
        except OSError as error:
            if error.errno == errno.EINVAL:  # a pipe or a device, and no file
                continue
            unreadable = unreadable or (path, error.strerror or "")
        files += 1
        tick(files)
    own = blake2b(digest_size=SIZE)
    given = map(os.fsencode, args) if hook.kind == FUNCTION else ()
    for part in (total.to_bytes(SIZE + 8, "big"), *_text(hook), *given):
        own.update(len(part).to_bytes(8, "big") + part)
    return Digest(text=own.hexdigest(), files=files, unreadable=unreadable)


def _listed(directory: str, patterns: list[str]) -> Iterator[str | OSError]:
    """The files, and at the end the error of a directory that can't be listed."""
    try:
        yield from matching(directory, patterns, strict=True)
    except OSError as error:
        error.filename = os.path.relpath(error.filename, directory)
        yield error


def _of_file(directory: str, path: str) -> bytes:
    name = os.fsencode(path)
    found = blake2b(len(name).to_bytes(8, "big") + name, digest_size=SIZE)
    file = open_regular(os.path.join(directory, path))
    try:
        while piece := os.read(file, PIECE):
            found.update(piece)
    finally:
        os.close(file)
    return found.digest()


def _text(hook: PlannedHook) -> list[bytes]:
    """What the hook is: its text, its variables, and where it runs."""
    env = repr(sorted(hook.keys.get("env", {}).items())).encode("utf-8", "surrogateescape")
    env += repr([hook.keys.get(key) for key in WHERE]).encode("utf-8", "surrogateescape")
    if hook.kind in TABLES:
        return [repr(hook.keys["run"]).encode("utf-8", "surrogateescape"), env]
    with open(hook.path, "rb") as file:
        return [file.read(), env]
