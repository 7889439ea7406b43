"""hookman run PATTERN db:import and db:cleanup: one question for all stacks, before anything runs on any."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, UsageError
from hookman.cli import db, db_ask
from hookman.cli.context import here
from hookman.compose.endpoint import endpoint
from hookman.database import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.database.connection import Database


def answers(
    operation: str, arguments: list[str], parts: Mapping[str, tuple[str, Mapping[str, str]]], *, typed: str
) -> dict[str, list[str]] | None:
    """What to tell hookman db on each part so that it need not ask; None where the user says no.

    `parts` are the directories and environments by label, `typed` is the command line. Raises UsageError where
    there is no terminal to ask at, and for a command line that hookman db does not take.
    """
    given = db.db.commands[operation].make_context(f"hookman run PATTERN db:{operation}", list(arguments)).params
    if operation == "export" or given["yes"] or given["dry_run"]:
        return {}
    what, told, asks = [], {}, False
    for label, (directory, environ) in parts.items():
        what.append(f"{label}:")
        try:
            lines, told[label] = _question(operation, given, directory, environ)
        except HookmanError as error:
            lines = [f"it will fail: {error.message}"]
        else:
            asks = asks or bool(told[label])
        what += lines or ["nothing to ask about"]
    if not asks:
        return {}
    return told if db_ask.agreed(what, typed) else None


def check_engines(operation: str, arguments: list[str], parts: Mapping[str, tuple[str, Mapping[str, str]]]) -> None:
    """Raises UsageError where a part has an engine of its own, and its database is not there. `parts` as above."""
    directories = [directory for directory, _ in parts.values()]
    takes_newest = operation == "import" and all(word.startswith("-") for word in arguments)
    for label, (directory, environ) in parts.items():
        database = db_ask.database(here(environ, directory))
        if database is None:
            continue
        is_on_several = directories.count(directory) > 1
        if is_on_several and takes_newest:
            raise UsageError(
                f"{label}: the newest dump may be of another engine", "name the file, or one engine: --context"
            )
        if not database.service:
            _check_server(label, database, environ, is_on_several=is_on_several)


def _check_server(label: str, database: Database, environ: Mapping[str, str], *, is_on_several: bool) -> None:
    """Raises UsageError where the server of a part's database is not in a container, and can't be meant."""
    server = db_ask.server_of(database, environ)
    if is_on_several:
        what = f"{label}: its database is {server}, the same for each engine"
        raise UsageError(what, "set DB_SERVICE, the service with the database on each engine, or name one --context")
    if _is_here(database, environ) and not endpoint({}, environ).socket:
        what = f"{label}: its database is {server}, which is this machine and not that engine"
        raise UsageError(what, "set DB_SERVICE, the service with the database, or DB_HOST, its server")


def _is_here(database: Database, environ: Mapping[str, str]) -> bool:
    """Is the database's server on this machine, or a socket?"""
    defaults = (environ.get("PGHOST", ""), environ.get("MYSQL_HOST", ""))
    host = database.host or next(filter(None, defaults), "")
    return host in ("", "localhost", "::1") or host.startswith(("/", "127."))


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
