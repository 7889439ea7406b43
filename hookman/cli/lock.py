"""hookman lock and unlock: keep everybody's commands off a project for maintenance, with the lock on its engine."""

from __future__ import annotations

import uuid

import click

from hookman.base import durations, paths
from hookman.base.errors import HookmanError, UsageError
from hookman.base.messages import say, shown
from hookman.base.records import replaced
from hookman.base.signals import Signals
from hookman.cli import engine_option
from hookman.cli.context import here
from hookman.compose.endpoint import endpoint
from hookman.compose.engine_api import EngineError
from hookman.compose.unreachable import place
from hookman.hooks.enabling import has_hooks
from hookman.lock import taking
from hookman.lock.epochs import CLOSED, FREE, HELD, Ask
from hookman.lock.lease import AT_ONCE, Taker
from hookman.lock.places import lock_directory
from hookman.lock.volumes import Lessee, NoVolumesError, Volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.scope import Scope

PATIENCE = 10.0  # seconds for the engine to answer


@click.command(short_help="Keep everybody's commands off this project, for maintenance.")
@click.option("-m", "--message", default="", help="What the others see while they wait.")
@click.option("--for", "limit", metavar="TIME", help="How long it lasts at most, such as 2h. Without it: until unlock.")
@engine_option.option
@click.pass_obj
def lock(environ: dict[str, str], message: str, limit: str | None, context: str | None) -> None:
    """Lock this project on its engine, until `hookman unlock`.

    `docker compose up`, `down` and the other commands that change something then wait, on all machines that use this
    engine with hookman. They show who locked it, and your message. At `lock_timeout` they end with exit code 75.
    hookman first waits for a command that runs now. If you locked it before, the new message and time count.
    """
    now = here(engine_option.meant(environ, context))
    seconds = durations.seconds(limit) if limit is not None else 0.0
    if seconds is None or (limit is not None and seconds < 1):
        raise UsageError(f"--for {limit}: must be {durations.WANTED}, and 1 s or more", "write it like this: --for 2h")
    if now.settings.lock == "local":
        raise UsageError(
            'lock = "local" is set here, so no command looks at the engine',
            'hookman config set lock engine (or "auto", for an engine elsewhere)',
        )
    _check_project(now)
    volumes = _volumes(now)
    who = replaced(_ours(now, volumes, "lock"), state=CLOSED, message=message, limit=seconds)
    try:
        _take(now, volumes, who)
    except (EngineError, NoVolumesError) as error:
        raise _no_lock(volumes, error) from error
    finally:
        volumes.close()
    until = f" for {durations.shown(seconds)}" if seconds else ""
    ended = "hookman unlock" if context is None else f"hookman unlock --context {shown(context)}"
    click.echo(f"locked    {shown(now.project.name)}{until}. To end it: {ended}")


@click.command(short_help="End the maintenance of this project.")
@click.option("--force", is_flag=True, help="Also if somebody else locked it, or a command holds the lock.")
@engine_option.option
@click.pass_obj
def unlock(environ: dict[str, str], context: str | None, *, force: bool) -> None:
    """End what `hookman lock` began.

    With --force it also takes the lock from a command that holds it, on whatever machine that runs: its hooks and its
    Compose are stopped within 15 seconds.
    """
    now = here(engine_option.meant(environ, context))
    volumes = _volumes(now)
    ours = replaced(_ours(now, volumes, "unlock"), state=FREE)
    try:
        answer = volumes.ask(Ask(), ours, PATIENCE)
        top = max(answer.volumes, key=lambda one: one.epoch, default=None)
        if top is None or top.state == FREE:
            click.echo(f"{shown(now.project.name)} was not locked")
            return
        if not force:
            _check(Lessee.of(top), ours)
        answer = volumes.ask(Ask(create=top.epoch + 1, state=FREE), ours, PATIENCE)
        if answer.made is None or answer.made.run != ours.run:
            raise HookmanError("somebody else was faster", "look at it (hookman status), and try again")
        old = sorted(one.epoch for one in answer.volumes if one.epoch <= top.epoch)
        volumes.ask(Ask(remove=tuple(old[:AT_ONCE])), ours, PATIENCE)
    except (EngineError, NoVolumesError) as error:
        raise _no_lock(volumes, error) from error
    finally:
        volumes.close()
    click.echo(f"unlocked  {shown(now.project.name)}")


def _check_project(now: Scope) -> None:
    """Is there a project whose commands would wait? Raises UsageError if not."""
    where = now.project
    if not (where.files or has_hooks(where.directory) or now.environ.get("COMPOSE_PROJECT_NAME")):
        raise UsageError(
            f"{shown(where.directory)} has no compose file, so no command would wait for this lock",
            "change to the directory of a project; each stack of a root has a lock of its own",
        )


def _take(now: Scope, volumes: Volumes, who: Lessee) -> None:
    """Take the lease for `who`, after a command that holds it; in the place of an older lock of ours.

    Raises HookmanError if somebody else locked the project.
    """
    top = max(volumes.ask(Ask(), who, PATIENCE).volumes, key=lambda one: one.epoch, default=None)
    replaces = top is not None and top.state == CLOSED and not top.is_over
    if top and replaces:
        _check(Lessee.of(top), who)
    taker = Taker(who.run, taking.times(now.environ), state=CLOSED, dead=top.run if top and replaces else "")
    with Signals() as signals:
        taking.Taking(volumes, taker, who, signals, say).run(now.settings.lock_timeout, 0.0)


def _check(holder: Lessee, ours: Lessee) -> None:
    """May we take it? Raises HookmanError if not."""
    if holder.state == HELD:
        raise HookmanError(
            f"a command holds the lock: {taking.shown(holder)}",
            "wait until it has ended, or end it; hookman unlock --force takes the lock from it",
        )
    if (holder.user, holder.host) != (ours.user, ours.host):
        raise HookmanError(f"somebody else locked it: {taking.shown(holder)}", "ask them, or: hookman unlock --force")


def _ours(now: Scope, volumes: Volumes, command: str) -> Lessee:
    """Ourselves."""
    directory = lock_directory(paths.project_data_dir(now.data, now.project.real), volumes.endpoint)
    return taking.lessee(uuid.uuid4().hex, command, directory, taking.times(now.environ).expiry)


def _volumes(now: Scope) -> Volumes:
    return Volumes(endpoint({}, now.environ), now.environ, now.project.name)


def _no_lock(volumes: Volumes, error: EngineError | NoVolumesError) -> HookmanError:
    what, fix = volumes.why(error, PATIENCE)
    return HookmanError(f"no lock on the engine ({place(volumes.endpoint)}): {what}", fix)
