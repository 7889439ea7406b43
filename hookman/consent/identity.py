"""Which directory is at a path, so that another directory that is there later can be told from it.

An inode's number alone says little: ext4 gives it to the next directory at once, and every mounted
file system begins with the same one. So the time of birth counts too, and for the top of a file
system the number of that file system. Where a directory has no time of birth, a random mark of our own
in its `.git` takes its place, which no clone copies. Without a `.git` only the inode counts.
"""

from __future__ import annotations

import os

from hookman.base.files import open_regular, replace_in
from hookman.base.lean import birth_time

ID_FILE = "hookman-id"


def identity(directory: str) -> dict[str, str]:
    """What tells the directory that is at the path now from any other one. Raises OSError.

    A device without a major number (btrfs, NFS, overlay) gets another number at the next mount:
    there the other facts must be enough.
    """
    status = os.stat(directory)
    above = os.stat(os.path.join(directory, ".."))
    is_top = status.st_dev != above.st_dev or status.st_ino == above.st_ino
    born = birth_time(directory)
    return {
        "device": str(status.st_dev if os.major(status.st_dev) else 0),
        "inode": str(status.st_ino),
        "birth": born,
        "fsid": str(os.statvfs(directory).f_fsid) if is_top else "",
        "id": "" if born else _read_id(directory),
    }


def fresh_identity(directory: str) -> dict[str, str]:
    """`identity` for one who enables the directory: it gets a random mark where it needs one. Raises OSError."""
    status = os.stat(directory)
    if not os.major(status.st_dev):
        # In a container it may be an image's directory, which overlay replaces when it first changes: let it be now.
        try:
            os.utime(directory, ns=(status.st_atime_ns, status.st_mtime_ns))
        except OSError:  # it is not ours, or can't change at all
            pass
    if not birth_time(directory):
        _write_id(directory)
    return identity(directory)


def _open_git(directory: str) -> int:
    return os.open(os.path.join(directory, ".git"), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _read_id(directory: str) -> str:
    """The random mark in `directory`; "" where there is none. No link is followed."""
    try:
        git = _open_git(directory)
    except OSError:
        return ""
    try:
        file = open_regular(ID_FILE, os.O_RDONLY | os.O_NOFOLLOW, git)
        try:
            return os.read(file, 100).hex()
        finally:
            os.close(file)
    except OSError:
        return ""
    finally:
        os.close(git)


def _write_id(directory: str) -> None:
    """Put a new random mark into the `.git` of `directory`, if it has one that we may write to.

    A mark that is there already is not kept: whoever packed the directory may know it.
    """
    try:
        git = _open_git(directory)
    except OSError:
        return
    try:
        replace_in(git, ID_FILE, os.urandom(16))
    except OSError:
        pass
    finally:
        os.close(git)
