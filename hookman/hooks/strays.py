"""What looks like a hook but never runs: a directory or a function whose name is not that of an event."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.records import record
from hookman.base.suggestion import nearest
from hookman.hooks.functions import FILE_NAME, function_name
from hookman.hooks.scripts import HOOKS_DIR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FUNCTION_START = "hook_"
ALIKE = 0.7  # names of events have much in common


@record
class Stray:
    """Something that never runs: where it is, and the nearest name that would run; "" if none is near."""

    where: str
    nearest: str

    @property
    def problem(self) -> Problem:
        """What is wrong with it."""
        fix = f"rename it to {self.nearest}" if self.nearest else "hookman list --help names all events"
        return Problem(what=f"{self.where} never runs: there is no such event", where=self.where, fix=fix)


def strays(directory: str, text: str, events: Iterable[str]) -> list[Stray]:
    """Those of the project in `directory`; `text` is its hooks.sh, `events` are all that there are."""
    events = list(events)
    functions = [function_name(event) for event in events]
    found = []
    try:
        folders = sorted(os.listdir(os.path.join(directory, HOOKS_DIR)))
    except OSError:
        folders = []
    for folder in folders:
        path = os.path.join(HOOKS_DIR, folder)
        if folder not in events and not folder.startswith(".") and os.path.isdir(os.path.join(directory, path)):
            meant = nearest(folder, events, alike=ALIKE)
            found.append(Stray(where=path, nearest=os.path.join(HOOKS_DIR, meant) if meant else ""))
    for number, line in enumerate(text.split("\n"), 1):
        name = _defined(line)
        if name.startswith(FUNCTION_START) and name not in functions:
            found.append(Stray(where=f"{FILE_NAME}:{number} {name}", nearest=nearest(name, functions, alike=ALIKE)))
    return found


def _defined(line: str) -> str:
    """The function that a line of bash plainly begins to define; "" if it does not."""
    head, parenthesis, _ = line.strip().removeprefix("function ").partition("(")
    return head.strip() if parenthesis and head.strip().isidentifier() else ""
