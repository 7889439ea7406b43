"""What a run needs of `os.path`, for paths that are text (lean_os.py). Whatever is not here comes from `os.path`."""

from __future__ import annotations

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ENCODING = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
_KIND, _DIRECTORY, _FILE, _LINK = 0o170000, 0o040000, 0o100000, 0o120000  # stat(2): of st_mode


def join(path: str, *more: str) -> str:
    """The paths as one; what is before an absolute one does not count."""
    for one in more:
        if one[:1] == "/" or not path:
            path = one
        elif path[-1] == "/":
            path += one
        else:
            path = f"{path}/{one}"
    return path


def dirname(path: str) -> str:
    """The directory that a path is in."""
    above, slash, _ = path.rpartition("/")
    return above.rstrip("/") or above + slash


def basename(path: str) -> str:
    """The last name of a path; "" where that ends with a slash."""
    return path.rpartition("/")[2]


def split(path: str) -> tuple[str, str]:
    """The two of them."""
    return dirname(path), basename(path)


def normpath(path: str) -> str:
    """The path without needless slashes and dots."""
    normal = getattr(posix, "_path_normpath", None) or _of_os("normpath")
    return normal(path) or "."


def abspath(path: str) -> str:
    """The path from the root, without needless slashes and dots."""
    return normpath(path if path[:1] == "/" else join(posix.getcwd(), path))


def realpath(path: str) -> str:
    """The path without links."""
    plain = part = abspath(path)
    while part not in ("", "/") and not islink(part):
        part = dirname(part)
    if part == "/" and ".." not in path:
        return plain
    real: str = _of_os("realpath")(path)
    return real


def expanduser(path: str) -> str:
    """The path with the user's home in place of `~`."""
    home = posix.environ.get(b"HOME")
    if path[:1] == "~" and path[1:2] in ("", "/") and home is not None:
        return f"{home.decode(*ENCODING).rstrip('/')}{path[1:]}" or "/"
    expanded: str = _of_os("expanduser")(path)
    return expanded


def exists(path: str) -> bool:
    """Is anything there, behind all links?"""
    return _mode(posix.stat, path) != 0


def lexists(path: str) -> bool:
    """Is anything there, if only a link that leads nowhere?"""
    return _mode(posix.lstat, path) != 0


def isdir(path: str) -> bool:
    """Is there a directory, or a link to one?"""
    return _mode(posix.stat, path) & _KIND == _DIRECTORY


def isfile(path: str) -> bool:
    """Is there a regular file, or a link to one?"""
    return _mode(posix.stat, path) & _KIND == _FILE


def islink(path: str) -> bool:
    """Is there a link?"""
    return _mode(posix.lstat, path) & _KIND == _LINK


def samestat(one: posix.stat_result, other: posix.stat_result) -> bool:
    """Do both say the same file?"""
    return one.st_ino == other.st_ino and one.st_dev == other.st_dev


def _mode(look: Callable[[str], posix.stat_result], path: str) -> int:
    try:
        return look(path).st_mode
    except (OSError, ValueError):  # nothing is there; a NUL is in the path
        return 0


def _of_os(name: str) -> Any:
    import posixpath

    return getattr(posixpath, name)


def __getattr__(name: str) -> Any:
    return _of_os(name)
