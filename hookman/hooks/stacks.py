"""A root of stacks (Kompose): where it is, which stacks it has, which of them a pattern means.

Source: CONTRACT C78 to C81.
"""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, UsageError
from hookman.compose.project import FILE_NAMES
from hookman.consent.marks import ROOT, is_marked
from hookman.consent.marks import ROOT_SCRIPT as SCRIPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WILD = "*?["


def find_root(cwd: str, data: str, environ: Mapping[str, str]) -> str:
    """The root of stacks that is meant in `cwd`. Raises HookmanError if there is none.

    It is the directory itself if that has stacks, or the nearest root above it. Inside a hook
    it can also be SCRIPT_DIR.
    """
    if stacks_in(cwd):
        return cwd
    place = cwd
    while place != os.path.dirname(place):
        if os.path.exists(os.path.join(place, SCRIPT)) or is_marked(data, os.path.realpath(place), ROOT):
            return place
        place = os.path.dirname(place)
    above = environ.get("SCRIPT_DIR", "") if "HOOKMAN_PROJECT_DIR" in environ else ""
    if above and stacks_in(above):
        return above
    raise HookmanError(
        f"there are no stacks in {cwd}: no directory below it has a compose file",
        "cd into a root of stacks, or name one: hookman run --root DIR …",
    )


def stacks_in(root: str) -> list[str]:
    """The names of the stacks in `root`, in byte order: visible directories with a compose file (C79, C81)."""
    try:
        names = [name for name in os.listdir(root) if not name.startswith(".")]
    except OSError:
        return []
    found = (name for name in names if any(os.path.isfile(os.path.join(root, name, file)) for file in FILE_NAMES))
    return sorted(found, key=os.fsencode)


def matching(pattern: str, stacks: list[str]) -> list[str]:
    """Those of `stacks` that `pattern` means, in their order and each once (C78, C79).

    A pattern is a name or a glob, or several with commas. Raises UsageError for one that means nothing (C80).
    """
    there_are = f"name one of these: {', '.join(stacks)}" if stacks else "create one: a directory with a compose file"
    chosen: set[str] = set()
    for part in filter(None, map(str.strip, pattern.split(","))):
        found = _matching_one(part, stacks)
        if not found:
            raise UsageError(f"no stack is named or matches {part!r}", there_are)
        chosen |= found
    if not chosen:
        raise UsageError(f"the pattern {pattern!r} names no stack", there_are)
    return [name for name in stacks if name in chosen]


def _matching_one(part: str, stacks: list[str]) -> set[str]:
    """The stack of that name, or else those that match it as a glob."""
    from fnmatch import fnmatchcase

    if part in stacks:
        return {part}
    is_glob = any(char in part for char in WILD)
    return {name for name in stacks if is_glob and fnmatchcase(name, part)}
