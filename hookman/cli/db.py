"""hookman db export, import, cleanup: a project's database, with hooks around it (CONTRACT C87 to C98)."""

from __future__ import annotations

import errno
import os
import shlex
import time

import click

from hookman.base.errors import EXIT_FAILED, HookmanError
from hookman.base.messages import say, shown
from hookman.base.records import replaced
from hookman.base.signals import Signals
from hookman.cli import db_ask
from hookman.cli.context import here
from hookman.cli.usage import Group
from hookman.compose import commandline, locate
from hookman.compose.oracle import ComposeConfig
from hookman.compose.project import working_directory
from hookman.compose.steps import Ended
from hookman.database import dumps, gitignore, imports, programs, scan
from hookman.database.connection import MARIADB, POSTGRES, Database, database_of, kind_of
from hookman.database.mariadb import MariaDb
from hookman.database.postgres import Postgres
from hookman.database.progress import Progress, size
from hookman.front.main import show_plan
from hookman.hooks import plan, planned, skips
from hookman.hooks.enabling import not_enabled
from hookman.hooks.scope import Scope
from hookman.install.shims import docker_config
from hookman.log.writer import new_run_id
from hookman.run.carry_out import carry_out
from hookman.run.operation import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hookman.compose.project import Project
    from hookman.compose.steps import Step
    from hookman.database.client import Client
    from hookman.hooks.environment import Surroundings
    from hookman.run.operation import Operation

    Work = Callable[[Operation, Database, Mapping[str, str], Signals], str]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
EXPORT = "db_export"
IMPORT = "db_import"
NO_DATABASE = "no database (DB_NAME is not set): only the pre hook runs"

skip_option = click.option("--skip-hooks", is_flag=True, help="Run no hooks.")
yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")
dry_option = click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")


@click.group(cls=Group, name="db", short_help="Export and import this project's database, with hooks.")
def db() -> None:
    """Export and import the PostgreSQL, MariaDB or MySQL database of this project, with its hooks.

    DB_NAME, DB_HOST, DB_PORT, DB_USER and DB_PASSWORD, or DB_URL, say which database it
    is. Set them in your shell or in .env. Set DB_ENGINE too if URL, images and port do
    not show the kind of the database. hookman uses the client programs on this machine,
    or, with DB_SERVICE, those in the container of that service.
    """


@db.command(name="export", short_help="Write a dump: NAME_YYYYmmdd_HHMMSS.sql.")
@click.option("--gzip", "zipped", is_flag=True, help="Compress the dump.")
@skip_option
@dry_option
@click.pass_obj
def export(environ: dict[str, str], *, zipped: bool, skip_hooks: bool, dry_run: bool) -> int:
    """Write a dump of the database into the project's directory.

    The file gets its name only when it is complete, and only you may read it.
    hook_pre_db_export gets no argument, hook_post_db_export gets the path of the dump.
    """
    now = here(environ)
    database = db_ask.database(now)
    path = dumps.new_path(now.project.directory, database.name, zipped=zipped) if database else ""

    def work(operation: Operation, database: Database, values: Mapping[str, str], signals: Signals) -> str:
        path = _dump(operation, _server(operation, database, values, signals), zipped=zipped)
        say(f"exported {database.name} to {path} ({size(os.path.getsize(path))})")
        return path

    steps = f"dump {database.name if database else ''} to {path}"
    return _carry_out(now, database, EXPORT, [], work, steps, skip_hooks=skip_hooks, dry_run=dry_run)


@db.command(name="import", short_help="Replace the database with a dump.")
@click.argument("file", required=False)
@click.option("--in-place", is_flag=True, help="For a user who may not create databases; asks, and exports first.")
@yes_option
@click.option("--trust-dump", is_flag=True, help="Allow the dump to change the server, run programs and use files.")
@skip_option
@dry_option
@click.pass_obj
def import_(
    environ: dict[str, str],
    file: str | None,
    *,
    in_place: bool,
    yes: bool,
    trust_dump: bool,
    skip_hooks: bool,
    dry_run: bool,
) -> int:
    """Replace the database with the dump FILE.

    Without FILE, hookman takes the newest dump of this database in the project, and asks
    first. Dumps are the files NAME_YYYYmmdd_HHMMSS.sql and .sql.gz.

    hookman first loads the dump into a new database. The new database replaces the old one
    only when it is complete. If anything fails, the old one stays as it was. Both hooks get
    the path of the dump.

    hookman refuses a dump that works on another database, before any hook runs. It also
    refuses a dump that changes the server or its accounts (such as CREATE USER), or that
    makes the client program run programs or use files (such as psql's \\!), unless you say
    --trust-dump.
    """
    now = here(environ)
    database = db_ask.database(now)
    path = db_ask.chosen(now, file, database)
    if path:
        dumps.check(path)
    seen = None
    if path and database and not dry_run:
        seen = look(now, database, path, in_place=in_place, trusted=trust_dump)
    asked = database if (file is None or in_place) and not yes and not dry_run else None
    if asked:
        flags = [flag for flag, given in (("--in-place", in_place), ("--trust-dump", trust_dump)) if given]
        typed = shlex.join(["hookman", "db", "import", *flags, *([file] if file else [])])
        if not db_ask.agreed(db_ask.of_import(now, asked, path, in_place=in_place), typed):
            return EXIT_FAILED

    wanted = imports.Import(path=path, seen=seen, in_place=in_place, trusted=trust_dump)

    def work(operation: Operation, database: Database, values: Mapping[str, str], signals: Signals) -> str:
        db_ask.check_unchanged(asked, environ, database, values)
        server = _server(operation, database, values, signals)

        def export() -> str:
            return _dump(operation, server, zipped=False)

        imports.carry_out(wanted, server, now.settings.lock_timeout, export)
        say(f"imported {path} into {database.name}")
        return path

    name = database.name if database else ""
    steps = f"load {path} into {name}" if in_place else f"load {path} into a new database, and replace {name} with it"
    return _carry_out(now, database, IMPORT, [path], work, steps, skip_hooks=skip_hooks, dry_run=dry_run)


@db.command(name="cleanup", short_help="Remove all dumps except the newest.")
@click.option("--keep", type=click.IntRange(min=1), default=1, show_default=True, help="How many dumps to keep.")
@yes_option
@dry_option
@click.pass_obj
def cleanup(environ: dict[str, str], *, keep: int, yes: bool, dry_run: bool) -> int:
    """Remove the dumps of this database from the project's directory, except the newest.

    It asks first. Dumps are the files NAME_YYYYmmdd_HHMMSS.sql and .sql.gz. It touches no
    other file.
    """
    now = here(environ)
    database = db_ask.database(now)
    if database is None:
        raise HookmanError("DB_NAME is not set, so hookman can't tell which dumps you mean", "set it in .env")
    older = dumps.existing(now.project.directory, database.name)[keep:]
    if older and not yes and not dry_run:
        typed = f"hookman db cleanup{f' --keep {keep}' if keep > 1 else ''}"
        if not db_ask.agreed(db_ask.of_cleanup(now, database, older), typed):
            return EXIT_FAILED
    for path in older:
        if not dry_run:
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue  # another cleanup was faster
            except OSError as error:
                raise HookmanError(f"can't remove {path}: {error.strerror}", "make its directory writable") from error
        click.echo(f"{'would remove' if dry_run else 'removed'}  {path}")
    return 0


def look(now: Scope, database: Database, path: str, *, in_place: bool, trusted: bool) -> scan.Look:
    """What is in the dump at `path`, before anything is asked or run. Raises HookmanError if it is refused.

    Which server it is may change in the hooks; then it is looked at again.
    """
    kind = kind_of(database, _images(now.project, database, now.environ, _compose(now.environ)))
    seen = scan.look(path, kind)
    scan.refuse(seen, path, kind, trusted=trusted, in_place=in_place)
    return seen


def _server(
    operation: Operation, database: Database, values: Mapping[str, str], signals: Signals
) -> Postgres | MariaDb:
    """The database's server; `values` is Compose's environment. Raises ConfigError."""
    scope = operation.scope
    compose = _compose(scope.environ)
    images = _images(scope.project, database, values, compose)
    kinds: dict[str, type[Postgres | MariaDb]] = {POSTGRES: Postgres, MARIADB: MariaDb}
    kind = kinds[kind_of(database, images)]
    own = values if database.service else programs.callers(operation.surroundings, values)
    return kind(database, own, signals, compose=compose or locate.COMPOSE, directory=scope.project.directory)


def _images(project: Project, database: Database, values: Mapping[str, str], compose: str) -> dict[str, str]:
    """The images of the project's services, if the kind of the database is not known without them."""
    if database.kind or not compose or not project.files:
        return {}
    invocation = commandline.parse_standalone(["ps"])
    config = ComposeConfig(compose, invocation, {**values, "PWD": project.directory}, project).answer() or {}
    return {name: str(service.get("image", "")) for name, service in config.get("services", {}).items()}


def _compose(environ: Mapping[str, str]) -> str:
    """The real Compose, "" if there is none."""
    return locate.find_plugin(docker_config(environ).extra_dirs(), locate.docker_config_dir(environ)) or ""


def _dump(operation: Operation, server: Client, *, zipped: bool) -> str:
    """Write a new dump, and return its path. Raises HookmanError and OSError."""
    name = server.database.name
    while True:
        # While this waited for the lock, another export may have taken the name that was free then.
        path = dumps.new_path(operation.scope.project.directory, name, zipped=zipped)
        try:
            with dumps.writing(path) as out, server.showing(Progress(f"exporting {name}", out.file)):
                server.dump(out.sql)
            break
        except dumps.TakenError:
            continue
    callers = programs.callers(operation.surroundings, operation.surroundings.process)
    if problem := gitignore.advice(path, server.database.name, callers):
        say(problem.line)
    return path


def _carry_out(
    now: Scope,
    database: Database | None,
    command: str,
    args: list[str],
    work: Work,
    steps: str,
    *,
    skip_hooks: bool,
    dry_run: bool,
) -> int:
    """Run a database operation under the lock, with its hooks and its record. Raises HookmanError."""
    skip = skips.skips(now.settings, now.environ, skip_hooks=skip_hooks)
    if not now.enabled and not skip.everything:
        problem = not_enabled(now.project, now.environ, now.data)
        say(problem.line)
        skip = skips.Skips(everything="not enabled")
    if database and not now.enabled:
        where = db_ask.server_of(database, now.environ)
        say(f"the project's settings and yours name the database {shown(database.name)} {where}")
    if database is None and not skip.everything:
        skip = skips.Skips(names=(*skip.names, (planned.event_name(command, planned.POST), "no database")))
    if dry_run:
        show_plan(plan.plan_operation(now, command, skip))
        say(f"dry run: would {steps}" if database else NO_DATABASE)
        return 0
    operation = prepare(now, command, args, skip, run=new_run_id())

    def act(now: Surroundings, values: Mapping[str, str], signals: Signals) -> Iterator[Step]:
        path = _work(replaced(operation, surroundings=now), work, values, signals)
        yield Ended(exit_code=0, post_args=[path] if path else None)

    return carry_out(operation, act, argv=["hookman", command, *args], cwd=working_directory(now.environ), locks=True)


def _work(operation: Operation, work: Work, values: Mapping[str, str], signals: Signals) -> str:
    """Do what the operation is for; the path of its dump, "" where there is no database."""
    surroundings = operation.surroundings
    database = database_of({**surroundings.root_dotenv, **surroundings.dotenv, **values})
    if database is None:
        say(NO_DATABASE)
        return ""
    started = time.monotonic()
    try:
        path = work(operation, database, values, signals)
    except OSError as error:
        fix = "make room on the disk" if error.errno in FULL else "make that file and its directory writable for you"
        raise HookmanError(f"{error.filename or operation.command}: {error.strerror}", fix) from error
    say(f"{operation.command} took {time.monotonic() - started:.1f} s")
    return path
