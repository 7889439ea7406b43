"""Writing and reading files in directories that others fill too: a clone's, a shared one.

A link in the place of a file is never followed: somebody else could choose with it what is overwritten.
"""

from __future__ import annotations

import errno
import os
import stat

LIMIT = 4 * 1024 * 1024  # bytes of a file that is read into memory
_CHUNK = 64 * 1024  # bytes at once of a file that grows, or that does not tell its size
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def create_file(path: str, data: bytes, *, synced: bool = True) -> None:
    """Create the file at `path` with `data` in one step, only for its owner. Of several who do so one succeeds.

    It is written to the disk at once if it is `synced`; else a power failure may cost it, and it is there sooner.
    Raises OSError: FileExistsError if something is there already.
    """
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _put_complete(folder, os.path.basename(path), data, 0o600, replaces=False, synced=synced)
    finally:
        os.close(folder)


def replace_link(link: str, target: str) -> None:
    """Make `link` a link to `target`, in one step. A file or a link in its place is replaced. Raises OSError."""
    fresh = os.path.join(os.path.dirname(link), _fresh_name())
    os.symlink(target, fresh)
    try:
        os.replace(fresh, link)
    except BaseException:
        os.unlink(fresh)
        raise


def replace_file(
    path: str, data: bytes, mode: int = 0o600, like: os.stat_result | None = None, *, synced: bool = True
) -> None:
    """Write `data` to the file at `path` in one step: whoever looks finds the old file or the new one.

    A link in its place is replaced; a directory, a pipe or a device stays, and is an error. `like` gives the file
    the mode and the owner of another one. `synced` is as for `create_file`. Raises OSError.
    """
    try:
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            replace_in(folder, os.path.basename(path), data, mode, like, synced=synced)
        finally:
            os.close(folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def replace_in(
    folder: int,
    name: str,
    data: bytes,
    mode: int = 0o600,
    like: os.stat_result | None = None,
    *,
    synced: bool = True,
) -> None:
    """As `replace_file`, for the file `name` in the open directory `folder`. Raises OSError."""
    try:
        there = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not (stat.S_ISREG(there) or stat.S_ISLNK(there)):
            raise OSError(errno.EINVAL, "not a regular file", name)
    except FileNotFoundError:
        pass
    _put_complete(folder, name, data, stat.S_IMODE(like.st_mode) if like else mode, like, synced=synced)


def new_file(folder: int, name: str, data: bytes, mode: int = 0o666) -> None:
    """Create the file `name` in the open directory `folder`. It is an error if something is there already.

    `mode` is as for open(2): the umask counts. Raises OSError.
    """
    file = os.open(name, _NEW, mode, dir_fd=folder)
    _fill(file, data)


def open_folder(base: str, below: str, *, create: bool = True) -> tuple[int, bool]:
    """Open the directory `below` in `base`, and say whether any of it was missing and so created.

    No link is followed on the way from `base`. Raises OSError, which names the place.
    """
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    created = False
    place = base
    for part in filter(None, below.split("/")):
        place = os.path.join(place, part)
        above = folder
        try:
            try:
                if create:
                    os.mkdir(part, dir_fd=above)
                    created = True
            except FileExistsError:
                pass
            folder = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        except OSError as error:
            why = "a link, and links are not followed here" if os.path.islink(place) else error.strerror
            raise OSError(error.errno, why, place) from error
        finally:
            os.close(above)
    return folder, created


def open_regular(path: str, flags: int = os.O_RDONLY, folder: int | None = None) -> int:
    """Open the file at `path` (from the open directory `folder`) at once, whatever is there.

    Raises OSError, also if it is not a regular file: we would wait for a pipe, and a device may never end.
    """
    file = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600, dir_fd=folder)
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode):
        return file
    os.close(file)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "not a regular file", path)


def read_regular(path: str, limit: int = LIMIT) -> bytes:
    """What the file at `path` holds; a link to a file is followed.

    Raises OSError, also if it is not a regular file (a pipe, a device) or holds more than `limit` bytes.
    """
    return read_with_status(path, limit)[0]


def read_with_status(path: str, limit: int = LIMIT) -> tuple[bytes, os.stat_result]:
    """As `read_regular`, with the status of the very file that was read. Raises OSError."""
    file = open_regular(path)
    try:
        status = os.fstat(file)
        parts = [os.read(file, min(status.st_size, limit) + 1)]  # what is there, and a byte to see that it is all
        while parts[-1] and sum(map(len, parts)) <= limit:
            parts.append(os.read(file, _CHUNK))
    finally:
        os.close(file)
    data = b"".join(parts)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return data, status


def remove_incomplete(folder: str) -> None:
    """Remove what a process that was killed left of files that it had not completed, in a directory of ours alone.

    Nobody may be writing there meanwhile. Raises OSError.
    """
    if os.path.isdir(folder):
        for name in filter(_is_fresh_name, os.listdir(folder)):
            os.unlink(os.path.join(folder, name))


def umask() -> int:
    """The bits that new files do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _fresh_name() -> str:
    """A name for a file that is not complete: nobody can have planted it, and docker does not take it for a plugin."""
    return f".{os.urandom(8).hex()}.hookman"


def _is_fresh_name(name: str) -> bool:
    return len(name) == len(_fresh_name()) and name.startswith(".") and name.endswith(".hookman")


def _put_complete(
    folder: int,
    name: str,
    data: bytes,
    mode: int,
    like: os.stat_result | None = None,
    *,
    replaces: bool = True,
    synced: bool = True,
) -> None:
    """Write `data` to a new file in `folder`, which gets its `name` only when it is complete. Raises OSError."""
    fresh = _fresh_name()
    file = os.open(fresh, _NEW, 0o600, dir_fd=folder)
    try:
        _fill(file, data, mode, like, synced=synced)
        if replaces:
            os.replace(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.link(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(fresh, dir_fd=folder)
        raise
    if not replaces:
        os.unlink(fresh, dir_fd=folder)


def _fill(
    file: int, data: bytes, mode: int | None = None, like: os.stat_result | None = None, *, synced: bool = True
) -> None:
    """Write `data` to the open `file`, if it is `synced` also to the disk, and close it."""
    with open(file, "wb") as stream:
        stream.write(data)
        if mode is not None:
            os.fchmod(file, mode)
        if like and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file, like.st_uid, like.st_gid)
        stream.flush()
        if synced:
            os.fsync(file)
