"""What hookman db asks before it replaces or deletes something that the user did not name."""

from __future__ import annotations

import os
import time

from hookman.base.errors import HookmanError, UsageError
from hookman.base.messages import say, shown
from hookman.base.signals import Signals
from hookman.compose.project import working_directory
from hookman.database import dumps
from hookman.database.connection import MARIADB, database_of
from hookman.database.progress import size
from hookman.hooks import skips
from hookman.run import terminal
from hookman.run.operation import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.database.connection import Database
    from hookman.hooks.scope import Scope

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def database(now: Scope) -> Database | None:
    """The database that a project means; None if it means none. Raises ConfigError."""
    operation = prepare(now, "db_export", [], skips.Skips(), run="")
    return database_of({**operation.surroundings.root_dotenv, **operation.surroundings.dotenv, **now.environ})


def chosen(now: Scope, file: str | None, database: Database | None) -> str:
    """The absolute path of the dump that is meant (C90 to C92); "" where there is no database and none is named.

    Raises HookmanError.
    """
    if file is not None:
        return os.path.join(working_directory(now.environ), file)
    if database is None:
        return ""
    newest = dumps.existing(now.project.directory, database.name)
    if not newest:
        raise HookmanError(
            f"there is no dump {dumps.file_name(database.name)}_*.sql in {now.project.directory} "
            "(where * is the time of an export: YYYYmmdd_HHMMSS)",
            "hookman db import FILE, or create one: hookman db export",
        )
    return newest[0]


def of_import(now: Scope, database: Database, path: str, *, in_place: bool) -> list[str]:
    """What an import would do, in lines."""
    how = ", in place: everything in it is dropped first" if in_place else ""
    return [
        f"import would replace the database {shown(database.name)} {server_of(database, now.environ)}",
        f"  with the dump {about(path)}{how}",
    ]


def of_cleanup(now: Scope, database: Database, paths: list[str]) -> list[str]:
    """What a cleanup would do, in lines."""
    of = f"the database {shown(database.name)} {server_of(database, now.environ)}"
    return [f"cleanup would delete these dumps of {of}:", *(f"  {about(path)}" for path in paths)]


def agreed(what: list[str], command: str) -> bool:
    """Tell the user `what` would happen, and ask. True if the user agrees.

    Raises UsageError where there is no terminal to ask at. It names `command`, to be typed again with --yes.
    """
    if not (terminal.Terminal().ours and os.isatty(2)):
        told = "\nhookman: ".join([*what, "nothing was done, because there is no terminal to ask you"])
        raise UsageError(told, f"if you agree: {command} --yes")
    with Signals() as signals:
        is_agreed = terminal.confirm(
            "".join(f"hookman: {line}\n" for line in what) + "hookman: do that? [y/N] ", signals
        )
    if not is_agreed:
        say("nothing was done")
    return is_agreed


def server_of(database: Database, environ: Mapping[str, str]) -> str:
    """The server of a database, in words."""
    if database.service:
        return f"in the container of the service {shown(database.service)}"
    variable = "MYSQL_HOST" if database.kind == MARIADB else "PGHOST"
    host = database.host or environ.get(variable, "")
    at = f"on {shown(host)}" if host else "on the default server of its client"
    return f"{at}, port {database.port}" if database.port else at


def about(path: str) -> str:
    """A file as a question names it: its path, size and age."""
    found = os.stat(path)
    return f"{shown(path)} ({size(found.st_size)}, {_age(time.time() - found.st_mtime)})"


def _age(seconds: float) -> str:
    for name, length in UNITS:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {name}{'s' if count > 1 else ''} old"
    return "less than a minute old"


def check_unchanged(
    asked: Database | None, environ: Mapping[str, str], database: Database, values: Mapping[str, str]
) -> None:
    """Raise HookmanError if the user was `asked` about another database than the one after the pre hook."""
    if asked and database != asked:
        raise HookmanError(
            f"you were asked about the database {asked.name} {server_of(asked, environ)}, but the pre hook "
            f"changed it to {database.name} {server_of(database, values)}; nothing was imported",
            "if this is right, add: --yes",
        )
