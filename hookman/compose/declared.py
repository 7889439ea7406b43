"""What the compose files themselves say of the project's name, read line by line.

No YAML parser is started for it: a file of the usual shape (plain keys at the left margin) is
read, and of any other shape it is said that only Compose can tell (compose-go loader.go,
projectName).
"""

from __future__ import annotations

import errno
import io
import os
import stat

from hookman.base.files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_BREAKS = ("\x85", "\u2028", "\u2029")  # these end a line in YAML
_SCALAR = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./ ${}:?+")


def used_up(path: str) -> bool:
    """Is `path` stdin, a pipe, a descriptor? Such can be read only once, and only by Compose."""
    if path == "-" or path.startswith(("/dev/fd/", "/dev/std", "/proc/")):
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False  # it is not there yet


def is_remote(file: str) -> bool:
    """Does Compose fetch the compose file of this name: from a git repository, or a registry (oci://)?

    Source: moby/buildkit dfgitutil.ParseGitRef, docker/compose pkg/remote.
    """
    scheme, separator, rest = file.partition("://")
    if separator and scheme.isalnum():
        path = rest.partition("#")[0].partition("?")[0]
        is_git = scheme.lower() in ("http", "https") and "/" in path and path.endswith(".git")
        return is_git or scheme == "oci" or scheme.lower() in ("git", "ssh")
    user, _, address = file.partition("@")
    host, colon, _ = address.partition(":")
    return file.startswith("github.com/") or bool(colon and _consists_of(user, "_-") and _consists_of(host, ".-"))


def _consists_of(word: str, marks: str) -> bool:
    return word != "" and all(char.isascii() and (char.isalnum() or char in marks) for char in word)


def declared_name(files: list[str], all_values: Callable[[], Mapping[str, str]]) -> tuple[str, bool]:
    """The last `name:` in the compose files, normalised ("" if there is none), and whether that is sure.

    `all_values` gives the variables in it. A file that is not there yet counts as one without a name.
    """
    name, sure = "", True
    for file in files:
        if used_up(file) or is_remote(file):
            sure = False
            continue
        try:
            found = _name_in(io.StringIO(read_regular(file).decode("utf-8", "replace"), newline=None))
        except OSError as error:
            if error.errno != errno.EFBIG:
                continue
            found = None  # only Compose reads a file of that size
        name, sure = found or name, sure and found is not None
    if "$" not in name:
        return normalized_name(name), sure
    from hookman.compose.interpolation import InterpolationError, interpolate

    try:
        return normalized_name(interpolate(name, all_values().get)), sure
    except InterpolationError:
        return "", False


def normalized_name(name: str) -> str:
    """`name` as Compose makes a project name of a directory's (loader.NormalizeProjectName)."""
    kept = "".join(char for char in name.lower() if char.isascii() and (char.isalnum() or char in "_-"))
    return kept.lstrip("_-")


def _name_in(lines: Iterable[str]) -> str | None:
    """The top-level `name:` ("" if there is none); None where that takes a YAML parser."""
    name = ""
    key = ""  # the last one
    for line in lines:
        if _says_nothing(line):
            continue
        if _is_below(line):
            if key in ("", "name"):  # it belongs to nothing, or is the rest of the name
                return None
            continue
        if line.strip() == "---" and not key:
            continue
        member = _member(line)
        if member is None:
            return None
        key, value = member
        if key == "name":
            name = value
    return name


def _says_nothing(line: str) -> bool:
    """Is it blank or a comment?"""
    text = line.strip()
    return not text or line[0] == "#" or (line[0] == " " and text[0] == "#")


def _is_below(line: str) -> bool:
    """Does it belong to the key above it?"""
    return line[0] == " " or line[:2] in ("- ", "-\n")


def _member(line: str) -> tuple[str, str] | None:
    """The key and the value on a line at the left margin; None where that takes a YAML parser.

    The value is without quotes, but only that of `name` is read.
    """
    key, colon, value = line.strip().partition(":")
    if not colon or not key.replace("_", "").replace("-", "").replace(".", "").isalnum() or key[0] in "-.":
        return None
    if (value and value[0] not in " \t") or any(char in line for char in _BREAKS):
        return None
    value = value.strip()
    if key == "name":
        name = _scalar(value)
        return None if name is None else (key, name)
    return (key, value) if value[:1] not in ("'", '"', "[", "{") or _closed(value) else None


def _closed(value: str) -> bool:
    """Does a value that begins with a quote or a bracket end on its own line, as far as can be seen?"""
    end = {"[": "]", "{": "}"}.get(value[0], value[0])
    return len(value) > 1 and value.partition(" #")[0].rstrip().endswith(end)


def _scalar(text: str) -> str | None:
    """The value of a plain or quoted YAML scalar on one line; None where that takes a YAML parser."""
    if text[:1] in ("'", '"'):
        value, end, after = text[1:].partition(text[0])
        after = after.strip()
        return value if end and "\\" not in value and (not after or after[0] == "#") else None
    if text.startswith("#"):
        return ""
    value = text.partition(" #")[0].rstrip()
    plain = set(value) <= _SCALAR and value[:1] not in tuple("-?:{}") and ": " not in value and value[-1:] != ":"
    return value if plain and value not in ("null", "Null", "NULL") else None
