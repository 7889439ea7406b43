"""Every event that there is, and those for which a project has hooks."""

from __future__ import annotations

import os

from hookman.compose import commandline
from hookman.files import read_regular
from hookman.hooks import functions, scripts
from hookman.hooks.plan import PHASES, event_name

# Operations that have events but are no commands of Compose's.
DATABASE_OPERATIONS = ("db_export", "db_import")


def operations() -> tuple[str, ...]:
    """Every operation that has events."""
    return (*commandline.OPERATIONS, *DATABASE_OPERATIONS)


def every_event() -> list[str]:
    """Every event that there is, in the order of the operations."""
    return [event_name(command, phase) for command in operations() for phase in PHASES]


def events_in_use(directory: str, text: str) -> list[str]:
    """The events for which the project in `directory` has hooks; `text` is its hooks.sh."""
    try:
        folders = set(os.listdir(os.path.join(directory, scripts.HOOKS_DIR)))
    except OSError:
        folders = set()
    defined = set(functions.defined_functions(text))
    return [event for event in every_event() if event in folders or functions.function_name(event) in defined]


def hooks_text(directory: str) -> str:
    """The text of the project's hooks.sh, or "" where there is none to read."""
    path = functions.hooks_file(directory)
    try:
        return read_regular(path or "").decode("utf-8", "surrogateescape")
    except OSError:
        return ""
