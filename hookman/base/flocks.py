"""Files that count only while the process that created them lives.

Each is locked (flock). The kernel releases the lock when the process ends, however it ends. That works in every
container that sees the file; a process number would mean another process there.
"""

from __future__ import annotations

import fcntl
import os

from hookman.base.files import open_regular
from hookman.base.paths import make_private_dir


class Mark:
    """A locked file of our own in `folder`, from now until `remove`. Raises OSError where there can be none."""

    def __init__(self, folder: str, text: bytes = b"") -> None:
        make_private_dir(folder)
        _sweep(folder)
        self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
        self.path = os.path.join(folder, self.name)
        self._file = create_locked(self.path)
        try:
            os.write(self._file, text)
        except OSError:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove the file."""
        try:
            os.unlink(self.path)
        except OSError:
            pass  # once it is unlocked it does not count any more
        os.close(self._file)


def create_locked(path: str, *, needs_lock: bool = True) -> int:
    """Create the file at `path` with its lock held, open for appending. Raises OSError.

    Where the file system has no locks, that is an error only if it `needs_lock`.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            if not needs_lock:
                return file
            os.unlink(path)
            os.close(file)
            raise
        if _is_at(file, path):
            return file
        os.close(file)  # before it was locked, somebody took it for one that a killed process left


def take_left(path: str) -> int | None:
    """Open the file at `path` and take its lock if its process is gone; else None. The caller closes it.

    If several try it, one gets it. Whoever has it may remove the file.
    """
    try:
        file = open_regular(path, os.O_RDWR | os.O_NOFOLLOW)  # NFS locks only what may be written
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(file, path):
            return file
    except OSError:
        pass
    os.close(file)
    return None


def is_locked(path: str) -> bool:
    """Does somebody hold the lock of the file at `path`?"""
    try:
        file = open_regular(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not see each other
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _is_at(file: int, path: str) -> bool:
    """Is the open `file` still the one at `path`?"""
    try:
        return os.path.samestat(os.fstat(file), os.lstat(path))
    except FileNotFoundError:
        return False


def _sweep(folder: str) -> None:
    """Remove what killed processes left."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        file = take_left(path)
        if file is None:
            continue
        try:
            os.unlink(path)
        finally:
            os.close(file)
