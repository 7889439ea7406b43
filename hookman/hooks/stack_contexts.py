"""On which engines the stacks of a root are, as its hookman.toml says: [stacks.NAME] context = "edge-1".

Only `hookman run` asks, and what shows what it would do.
"""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, Problem
from hookman.base.files import read_regular
from hookman.base.records import record
from hookman.consent import marks
from hookman.consent.trust import beside, complaints, refusal
from hookman.hooks.stacks import stacks_in
from hookman.settings import reading, stacks
from hookman.settings.hookman_toml import FILE_NAME, LOCAL_NAME, STACKS
from hookman.settings.lines import line_of


@record
class Placed:
    """What a file says about one stack."""

    texts: list[str]  # contexts as they are written: names and globs
    where: str  # the file and the line


def stack_contexts(root: str, data: str) -> dict[str, Placed]:
    """What the files of the `root` say, by the names of stacks; the local file wins.

    Raises ConfigError, and HookmanError if others may change one of the files.
    """
    found: dict[str, Placed] = {}
    for name in (FILE_NAME, LOCAL_NAME):
        path = os.path.join(root, name)
        if not os.path.lexists(path):
            continue
        try:
            text = reading.decoded(path, read_regular(path))
        except OSError as error:
            raise reading.cant_read(path, error) from error
        tables = reading.checked(path, text, users_own=False).get(STACKS, {})
        if not tables:
            continue
        if wrong := complaints(beside(path), marks.trust_in(data, os.path.realpath(root))):
            raise refusal(wrong, root)
        for stack, (texts, where) in stacks.contexts(path, text, tables).items():
            found[stack] = Placed(texts=texts, where=where)
    return found


def of_stack(directory: str, data: str) -> Placed | None:
    """What the root above says about the stack in `directory`; None if it says nothing that could be read."""
    root, name = os.path.split(directory)
    try:
        return stack_contexts(root, data).get(name) if marks.is_enabled(data, os.path.realpath(directory)) else None
    except (HookmanError, OSError):
        return None


def misplaced(directory: str) -> list[Problem]:
    """The problem of a [stacks] table in the settings of a project's `directory` in which there are no stacks."""
    found = []
    for name in (FILE_NAME, LOCAL_NAME):
        path = os.path.join(directory, name)
        try:
            text = read_regular(path).decode()
            is_there = STACKS in text and STACKS in reading.checked(path, text, users_own=False)
        except (HookmanError, OSError, ValueError):
            continue
        if is_there and not stacks_in(directory):
            where = f"{path}:{line_of(text, STACKS)}"
            what = f"{where}: [stacks] means nothing here: hookman run reads it in the root of the stacks"
            found.append(Problem(what=what, where=where, fix=f"put it into {os.path.dirname(directory)}/{name}"))
    return found
