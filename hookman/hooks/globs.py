"""Finds the files that glob patterns match, one after the other: a large tree is not kept in memory.

`*`, `?` and `[…]` stay within a name, `**` is any number of directories. A pattern that names a directory means all
that is in it. `!` excludes. Hidden files count; what is in `.git` does not. Links to directories are not followed.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WILD = "*?["
NEVER = ".git"


def matching(directory: str, patterns: list[str], *, strict: bool = False) -> Iterator[str]:
    """The files in `directory` that a pattern means and no `!` pattern excludes, as paths from there, in no order.

    A directory that can't be listed has no files; where it is `strict`, this raises OSError.
    """
    chosen = [_parts(pattern) for pattern in patterns if not pattern.startswith("!")]
    excluded = [_parts(pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    tree = _Tree(directory, strict=strict)
    for number, parts in enumerate(chosen):
        for path in _walk(tree, "", parts, excluded):
            names = path.split("/")
            if not any(_fits(before, names) for before in chosen[:number]):
                yield path


def _parts(pattern: str) -> list[str]:
    start = ["/"] if pattern.startswith("/") else []
    return [*start, *(part for part in pattern.split("/") if part not in ("", "."))]


class _Tree:
    """The directory in which files are looked for."""

    def __init__(self, directory: str, *, strict: bool) -> None:
        self._directory = directory
        self._strict = strict

    def place(self, path: str) -> str:
        """Where a path from the directory is."""
        return os.path.join(self._directory, path)

    def has(self, path: str) -> bool:
        """Is there something at this path? Raises OSError if nobody can tell, and we are strict."""
        try:
            os.lstat(self.place(path))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return False
        except OSError:
            if self._strict:
                raise
            return False
        return True

    def entries(self, path: str) -> Iterator[os.DirEntry[str]]:
        """What is in a directory. Raises OSError if it can't be listed, and we are strict."""
        try:
            with os.scandir(self.place(path)) as entries:
                yield from (entry for entry in entries if entry.name != NEVER)
        except (FileNotFoundError, NotADirectoryError):  # it vanished while we looked
            return
        except OSError:
            if self._strict:
                raise


def _walk(tree: _Tree, path: str, parts: list[str], excluded: list[list[str]]) -> Iterator[str]:
    """The files below `path` that `parts` mean."""
    plain = next((at for at, part in enumerate(parts) if any(char in part for char in WILD)), len(parts))
    path, parts = os.path.join(path, *parts[:plain]), parts[plain:]
    if path and any(_fits(pattern, path.split("/")) for pattern in excluded):
        return
    if not parts:
        if plain and not tree.has(path):
            return
        if not os.path.isdir(tree.place(path)):
            yield path
            return
        parts = ["**"]
    first, rest = parts[0], parts[1:]
    if first == "**":
        yield from _below(tree, path, rest, excluded)
        return
    for name in _named(tree, path, first, only_files=not rest):
        yield from _walk(tree, _joined(path, name), rest, excluded)


def _named(tree: _Tree, path: str, part: str, *, only_files: bool) -> Iterator[str]:
    """What in `path` has a name that `part` of a pattern means: files, or directories on the way to them."""
    for entry in tree.entries(path):
        is_wanted = not _leads_to_directory(entry) if only_files else entry.is_dir(follow_symlinks=False)
        if is_wanted and means(part, entry.name):
            yield entry.name


def _below(tree: _Tree, path: str, rest: list[str], excluded: list[list[str]]) -> Iterator[str]:
    """The files that `rest` means in `path` and in each directory below it; all files if there is no rest."""
    if rest:
        yield from _walk(tree, path, rest, excluded)
    for entry in tree.entries(path):
        here = _joined(path, entry.name)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(tree, here, ["**", *rest], excluded)
        elif not rest and not _leads_to_directory(entry):
            yield from _walk(tree, here, [], excluded)


def _leads_to_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to where we may not look: whoever reads it finds out
        return False


def _joined(path: str, name: str) -> str:
    return os.path.join(path, name) if path else name


def _fits(parts: list[str], names: list[str]) -> bool:
    """Do the `parts` of a pattern mean the path of these `names`, or a directory above it?"""
    if not parts:
        return True
    if parts[0] == "**":
        return any(_fits(parts[1:], names[at:]) for at in range(len(names)))
    return bool(names) and means(parts[0], names[0]) and _fits(parts[1:], names[1:])


def means(part: str, name: str) -> bool:
    """Does `part` of a pattern mean `name`? As fnmatch.fnmatchcase, without the 10 ms in which that loads `re`."""
    signs = _signs(part)
    at = place = 0
    star, after = -1, 0  # the last * and how far it has reached
    while place < len(name):
        if at < len(signs) and signs[at] == "*":
            star, after = at, place
            at += 1
        elif at < len(signs) and _is_one(signs[at], name[place]):
            at += 1
            place += 1
        elif star >= 0:
            after += 1
            at, place = star + 1, after
        else:
            return False
    return all(sign == "*" for sign in signs[at:])


def _signs(part: str) -> list[str]:
    """The signs of a part: one that stands for itself is after a backslash, a [class] is one sign."""
    found = []
    at = 0
    while at < len(part):
        end = part.find("]", at + 2 + (part[at + 1 : at + 2] == "!")) if part[at] == "[" else -1
        if end > 0:
            found.append(part[at : end + 1])
            at = end
        else:
            found.append(part[at] if part[at] in "*?" else f"\\{part[at]}")
        at += 1
    return found


def _is_one(sign: str, char: str) -> bool:
    """Does one sign of a pattern mean the character?"""
    if sign == "?" or sign[0] == "\\":
        return sign == "?" or sign[1] == char
    inside = sign[1:-1]
    negated = inside.startswith("!")
    inside = inside[1:] if negated else inside
    at = 0
    while at < len(inside):
        is_range = at + 2 < len(inside) and inside[at + 1] == "-"
        if inside[at] <= char <= inside[at + 2] if is_range else inside[at] == char:
            return not negated
        at += 3 if is_range else 1
    return negated
