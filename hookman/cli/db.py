"""hookman db export, import, cleanup: a project's database, with hooks around it (CONTRACT C87 to C98)."""

from __future__ import annotations

import os
import time

import click

from hookman.cli.here import Here, here, operation_on
from hookman.compose import commandline
from hookman.compose.oracle import Config
from hookman.compose.project import working_directory
from hookman.consent import not_enabled
from hookman.database import dumps
from hookman.database.mariadb import MariaDb
from hookman.database.postgres import Postgres
from hookman.database.progress import Progress, size
from hookman.database.settings import MARIADB, POSTGRES, Database, database_of, engine_of
from hookman.errors import HookmanError
from hookman.hooks import plan
from hookman.messages import say
from hookman.runner.events import Operation
from hookman.runner.journal import Journal, new_run_id
from hookman.runner.lifecycle import operate
from hookman.runner.signals import Signals
from hookman.shim import real
from hookman.shim.front import data_directory, project_lock, show_plan
from hookman.shim.install import docker_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO, TypeVar

    from hookman.database.client import Client

    T = TypeVar("T")

EXPORT = "db_export"
IMPORT = "db_import"
NO_DATABASE = "no database (DB_NAME is not set): nothing to do but the pre hook"

skip_option = click.option("--skip-hooks", is_flag=True, help="Run no hooks.")
dry_option = click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")


@click.group(name="db", short_help="Export and import this project's database, with hooks.")
def db() -> None:
    """Export and import the PostgreSQL, MariaDB or MySQL database of this project, with its hooks.

    Which one, say DB_NAME, DB_HOST, DB_PORT, DB_USER and DB_PASSWORD, or DB_URL, in your
    shell or in .env; DB_ENGINE where neither URL, images nor port tell the kind. It takes
    the database's client programs: yours, or with DB_SERVICE those in that service's
    container.
    """


@db.command(name="export", short_help="Write a dump: NAME_YYYYmmdd_HHMMSS.sql.")
@click.option("--gzip", "zipped", is_flag=True, help="Pack it.")
@skip_option
@dry_option
@click.pass_obj
def export(environ: dict[str, str], *, zipped: bool, skip_hooks: bool, dry_run: bool) -> int:
    """Write a dump of the database into the project's directory.

    It has its name only once it is whole. hook_pre_db_export gets nothing,
    hook_post_db_export the dump's path.
    """
    now = here(environ)
    database = _database(now)
    path = dumps.new_path(now.project.directory, database.name, zipped=zipped) if database else ""

    def act(database: Database, values: Mapping[str, str], signals: Signals) -> None:
        _dump(_server(now, database, values, signals), path)
        say(f"exported {database.name} to {path} ({size(os.path.getsize(path))})")

    steps = f"dump {database.name if database else ''} to {path}"
    return _carry_out(now, database, EXPORT, [], [path], act, steps, skip_hooks=skip_hooks, dry_run=dry_run)


@db.command(name="import", short_help="Replace the database by a dump.")
@click.argument("file", required=False)
@click.option("--in-place", is_flag=True, help="For a user who may not create databases; asks, and exports before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@skip_option
@dry_option
@click.pass_obj
def import_(
    environ: dict[str, str], file: str | None, *, in_place: bool, yes: bool, skip_hooks: bool, dry_run: bool
) -> int:
    """Replace the database by the dump FILE (none: the newest in the project).

    The dump is loaded into a database of its own first; only when it is whole does that
    take the old one's place. If anything fails the old one is as it was. Both hooks
    get the dump's path.
    """
    now = here(environ)
    database = _database(now)
    path = _chosen(now, file, database)
    if path:
        dumps.check(path)
    if in_place and not yes and not dry_run and not click.confirm("Replace the content of the database in place?"):
        return 1

    def act(database: Database, values: Mapping[str, str], signals: Signals) -> None:
        server = _server(now, database, values, signals)
        if in_place:
            before = dumps.new_path(now.project.directory, database.name, zipped=False)
            _dump(server, before)
            say(f"exported {database.name} to {before}, should you want it back")
            try:
                _load(server, path, server.load_in_place)
            except HookmanError:
                if server.restores:
                    signals.clear()  # a Ctrl-C that ended the load must not end this too
                    _load(server, before, server.load_in_place)
                    say(f"the import failed, so {before} was loaded again")
                raise
        else:
            for left in server.left_behind():
                server.drop(left)
                say(f"removed {left}, which an import that was killed had left")
            server.swap(_load(server, path, server.load_beside))
        say(f"imported {path} into {database.name}")

    steps = f"load {path} {'into' if in_place else 'beside, then in place of'} {database.name if database else ''}"
    return _carry_out(now, database, IMPORT, [path], [path], act, steps, skip_hooks=skip_hooks, dry_run=dry_run)


@db.command(name="cleanup", short_help="Remove all dumps but the newest.")
@click.option("--keep", type=click.IntRange(min=1), default=1, show_default=True, help="How many to keep.")
@dry_option
@click.pass_obj
def cleanup(environ: dict[str, str], *, keep: int, dry_run: bool) -> None:
    """Remove this database's dumps from the project's directory, but for the newest. No other file is touched."""
    now = here(environ)
    database = _database(now)
    if database is None:
        raise HookmanError("DB_NAME is not set, so there is no telling which dumps are meant", "Set it in .env.")
    for path in dumps.existing(now.project.directory, database.name)[keep:]:
        if not dry_run:
            os.unlink(path)
        click.echo(f"{'would remove' if dry_run else 'removed'}  {path}")


def _database(now: Here) -> Database | None:
    operation = operation_on(now, EXPORT, [], run="", skip=plan.Skips())
    return database_of({**operation.where.root_dotenv, **operation.where.dotenv, **now.environ})


def _server(now: Here, database: Database, values: Mapping[str, str], signals: Signals) -> Postgres | MariaDb:
    config_dir = real.docker_config_dir(now.environ)
    compose = real.find_plugin(docker_config(now.environ).extra_dirs(), config_dir) or ""
    images: dict[str, str] = {}
    if not database.engine and compose and now.project.files:
        invocation = commandline.parse_standalone(["ps"])
        config = Config(compose, invocation, {**values, "PWD": now.project.directory}).answer() or {}
        images = {name: str(service.get("image", "")) for name, service in config.get("services", {}).items()}
    kinds: dict[str, type[Postgres | MariaDb]] = {POSTGRES: Postgres, MARIADB: MariaDb}
    kind = kinds[engine_of(database, images)]
    return kind(database, values, signals, compose=compose or real.COMPOSE, directory=now.project.directory)


def _dump(server: Client, path: str) -> None:
    with dumps.writing(path) as out, server.showing(Progress(f"exporting {server.database.name}", out.file)):
        server.dump(out.sql)


def _load(server: Client, path: str, load: Callable[[IO[bytes]], T]) -> T:
    """What `load` makes of the dump at `path`."""
    with dumps.reading(path) as source:
        progress = Progress(f"importing {server.database.name}", source.file, os.path.getsize(path))
        with server.showing(progress):
            return load(source.sql)


def _chosen(now: Here, file: str | None, database: Database | None) -> str:
    """The absolute path of the dump that is meant (C90 to C92); "" where there is no database and none is named."""
    if file is not None:
        return os.path.join(working_directory(now.environ), file)
    if database is None:
        return ""
    newest = dumps.existing(now.project.directory, database.name)
    if not newest:
        raise HookmanError(
            f"there is no dump {database.name}_*.sql in {now.project.directory}",
            "Name one: hookman db import FILE, or make one: hookman db export",
        )
    return newest[0]


def _carry_out(
    now: Here,
    database: Database | None,
    command: str,
    args: list[str],
    post_args: list[str],
    act: Callable[[Database, Mapping[str, str], Signals], None],
    steps: str,
    *,
    skip_hooks: bool,
    dry_run: bool,
) -> int:
    """Run a database operation under the lock, with its hooks and its record. Raises HookmanError."""
    skip = plan.skips(now.config, now.environ, skip_hooks=skip_hooks)
    if not now.enabled and not skip.everything:
        say(". ".join(not_enabled(now.project, now.environ, now.data)))
        skip = plan.Skips(everything="not enabled")
    if database is None and not skip.everything:
        skip = plan.Skips(names=(*skip.names, (plan.event_name(command, plan.POST), "no database")))
    if dry_run:
        show_plan(plan.plan_operation(now.project.directory, command, now.config, skip, now.environ))
        say(f"dry run: would {steps}" if database else NO_DATABASE)
        return 0
    operation = operation_on(now, command, args, run=new_run_id(), skip=skip, post_args=post_args)
    directory = data_directory(now.data, now.project)
    lock = project_lock(operation, directory)
    journal = Journal(directory, operation.where.run, operation.secrets, say, now.config.output_limit)
    with Signals() as signals:

        def work(values: Mapping[str, str], _when_up: Callable[[str], None]) -> int:
            return _work(operation, act, values, signals)

        journal.start(
            project=now.project.real,
            name=now.project.name,
            command=command,
            argv=["hookman", command, *args],
            cwd=working_directory(now.environ),
            skipped=skip.everything,
        )
        return operate(operation, signals, journal, lock, work)


def _work(
    operation: Operation,
    act: Callable[[Database, Mapping[str, str], Signals], None],
    values: Mapping[str, str],
    signals: Signals,
) -> int:
    values = {**operation.where.root_dotenv, **operation.where.dotenv, **values}
    database = database_of(values)
    if database is None:
        say(NO_DATABASE)
        return 0
    started = time.monotonic()
    try:
        act(database, values, signals)
    except OSError as error:
        raise HookmanError(f"{error.filename or operation.command}: {error.strerror}", "Is the disk full?") from error
    say(f"{operation.command} took {time.monotonic() - started:.1f} s")
    return 0
