"""The files that glob patterns mean, one after the other: nothing of a large tree is kept in memory.

`*`, `?` and `[…]` stay within a name, `**` is any number of directories. A pattern that names a directory means all
that is in it. `!` excludes. Hidden files count; what is in `.git` does not. Links to directories are not followed.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WILD = "*?["
NEVER = ".git"


def matching(directory: str, patterns: list[str]) -> Iterator[str]:
    """The files in `directory` that a pattern means and no `!` pattern excludes, as paths from there, in no order."""
    chosen = [_parts(pattern) for pattern in patterns if not pattern.startswith("!")]
    excluded = [_parts(pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    for number, parts in enumerate(chosen):
        for path in _walk(directory, "", parts, excluded):
            names = path.split("/")
            if not any(_fits(before, names) for before in chosen[:number]):
                yield path


def _parts(pattern: str) -> list[str]:
    start = ["/"] if pattern.startswith("/") else []
    return [*start, *(part for part in pattern.split("/") if part not in ("", "."))]


def _walk(directory: str, path: str, parts: list[str], excluded: list[list[str]]) -> Iterator[str]:
    """The files below `path` (from `directory`) that `parts` mean."""
    if path and any(_fits(pattern, path.split("/")) for pattern in excluded):
        return
    if not parts:
        if not os.path.isdir(os.path.join(directory, path)):
            yield path
            return
        parts = ["**"]
    first, rest = parts[0], parts[1:]
    if first == "**":
        yield from _below(directory, path, rest, excluded)
        return
    for name in _named(directory, path, first, only_files=not rest):
        yield from _walk(directory, _joined(path, name), rest, excluded)


def _named(directory: str, path: str, part: str, *, only_files: bool) -> Iterator[str]:
    """What in `path` has a name that `part` of a pattern means: files, or directories on the way to them."""
    if not any(char in part for char in WILD):
        if os.path.lexists(os.path.join(directory, path, part)):
            yield part
        return
    for entry in _entries(directory, path):
        is_wanted = not entry.is_dir() if only_files else entry.is_dir(follow_symlinks=False)
        if is_wanted and fnmatchcase(entry.name, part):
            yield entry.name


def _below(directory: str, path: str, rest: list[str], excluded: list[list[str]]) -> Iterator[str]:
    """The files that `rest` means in `path` and in each directory below it; all files if there is no rest."""
    if rest:
        yield from _walk(directory, path, rest, excluded)
    for entry in _entries(directory, path):
        here = _joined(path, entry.name)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(directory, here, ["**", *rest], excluded)
        elif not rest and not entry.is_dir():
            yield from _walk(directory, here, [], excluded)


def _entries(directory: str, path: str) -> Iterator[os.DirEntry[str]]:
    """What is in a directory; nothing where it can't be listed."""
    try:
        with os.scandir(os.path.join(directory, path)) as entries:
            yield from (entry for entry in entries if entry.name != NEVER)
    except OSError:
        return


def _joined(path: str, name: str) -> str:
    return os.path.join(path, name) if path else name


def _fits(parts: list[str], names: list[str]) -> bool:
    """Do the `parts` of a pattern mean the path of these `names`, or a directory above it?"""
    if not parts:
        return True
    if parts[0] == "**":
        return any(_fits(parts[1:], names[at:]) for at in range(len(names)))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _fits(parts[1:], names[1:])
