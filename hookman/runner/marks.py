"""Files that say something for as long as the process that put them lives, and not a moment longer.

Each is locked (flock): the kernel lets go of it when its process ends, however it ends. That holds in every
container that sees the file, where a process number would mean somebody else.
"""

from __future__ import annotations

import fcntl
import os

from hookman.paths import make_private_dir


class Mark:
    """A locked file of our own in `folder`, from now until `remove`. Raises OSError where there can be none."""

    def __init__(self, folder: str, text: bytes = b"") -> None:
        make_private_dir(folder)
        _sweep(folder)
        while True:
            self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
            self.path = os.path.join(folder, self.name)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX)
                os.write(self._file, text)
            except OSError:
                self.remove()
                raise
            if os.fstat(self._file).st_nlink:
                return
            os.close(self._file)  # somebody swept it away before it was locked

    def remove(self) -> None:
        """Take the file away."""
        try:
            os.unlink(self.path)
        except OSError:
            pass  # it counts no more once it is unlocked
        os.close(self._file)


def is_locked(path: str) -> bool:
    """Does somebody hold the lock of the file at `path`?"""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not see each other
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _sweep(folder: str) -> None:
    """Remove what killed processes left."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        except OSError:
            pass  # it counts, or somebody else was faster
        finally:
            os.close(file)
