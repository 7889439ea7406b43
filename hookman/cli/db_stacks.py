"""hookman run PATTERN db:import and db:cleanup: one question for all stacks, before anything runs on any."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.cli import db, db_ask
from hookman.cli.context import here
from hookman.database import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def answers(
    operation: str, arguments: list[str], stacks: Mapping[str, Mapping[str, str]], *, typed: str
) -> dict[str, list[str]] | None:
    """What to tell hookman db on each stack so that it need not ask; None where the user says no.

    `stacks` are the environments by directory, `typed` is the command line. Raises UsageError where
    there is no terminal to ask at, and for a command line that hookman db does not take.
    """
    given = db.db.commands[operation].make_context(f"hookman run PATTERN db:{operation}", list(arguments)).params
    if operation == "export" or given["yes"] or given["dry_run"]:
        return {}
    what, told, asks = [], {}, False
    for directory, environ in stacks.items():
        what.append(f"{os.path.basename(directory)}:")
        try:
            lines, told[directory] = _question(operation, given, directory, environ)
        except HookmanError as error:
            lines = [f"it will fail: {error.message}"]
        else:
            asks = asks or bool(told[directory])
        what += lines or ["nothing to ask about"]
    if not asks:
        return {}
    return told if db_ask.agreed(what, typed) else None


def _question(
    operation: str, given: Mapping[str, Any], directory: str, environ: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """What would happen to one stack, and what to tell hookman db there; both empty if it does not ask."""
    now = here(environ, directory)
    database = db_ask.database(now)
    if database is None:
        return [], []
    if operation == "cleanup":
        older = dumps.existing(now.project.directory, database.name)[given["keep"] :]
        return (db_ask.of_cleanup(now, database, older), ["--yes"]) if older else ([], [])
    if given["file"] and not given["in_place"]:
        return [], []
    if given["file"]:
        path, told = os.path.join(directory, given["file"]), ["--yes"]
    else:
        path = db_ask.chosen(now, None, database)
        told = ["--yes", path]  # the one that was asked about, should there be a newer one by then
    dumps.check(path)
    db.look(now, database, path, in_place=given["in_place"], trusted=given["trust_dump"])
    return db_ask.of_import(now, database, path, in_place=given["in_place"]), told
