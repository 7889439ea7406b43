"""hookman status: what is in front of Compose here, and who works on this project."""

from __future__ import annotations

import os

import click

from hookman.base import paths
from hookman.base.errors import ConfigError, Problem
from hookman.base.messages import shown
from hookman.cli import as_json, colour, engine_option, problems
from hookman.cli.colour import painted
from hookman.cli.context import here
from hookman.compose import locate
from hookman.compose.contexts import in_context, names
from hookman.compose.endpoint import endpoint
from hookman.hooks.enabling import enable_command
from hookman.install.diagnosis import shim_problem
from hookman.install.shims import docker_config
from hookman.lock.local import Claim, ProjectLock
from hookman.lock.places import lock_directories, lock_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.hooks.scope import Scope

PATIENCE = 10.0  # seconds for the engine to answer


@click.command(short_help="Show the shim, and who holds or waits for this project's lock.")
@engine_option.option
@as_json.option
@colour.option
@click.pass_obj
def command(environ: dict[str, str], context: str | None, *, is_json: bool) -> None:
    """Show the shim, the real Compose, whether this project is enabled, and who holds or waits for its lock."""
    status = look(engine_option.meant(environ, context))
    if is_json:
        as_json.show(status)
        return
    waiting = [_shown(claim) for claim in status["waiting"]] or ["nobody"]
    enabled = painted("yes", "good")
    if not status["enabled"]:
        enabled = f"{painted('no', 'warning')}. Fix: {_enable_command(environ)}"
    held = f"{painted('held', 'warning')} by {_shown(status['lock'])}" if status["lock"] else painted("free", "good")
    leased = _lease(status["lease"]) if "lease" in status else ""
    for name, value in (
        ("shim", _shim(status)),
        ("compose", status["compose"] or f"{painted('none', 'bad')}. Fix: hookman doctor"),
        ("project", f"{shown(status['project'])} ({shown(status['name'])})"),
        ("enabled", enabled),
        ("lock", held),
        *([("engine", leased)] if leased else []),
        ("waiting", f"\n{'':10}".join(waiting)),
        *(_elsewhere(other) for other in status.get("elsewhere", [])),
    ):
        click.echo(f"{name:<9} {value}")


def look(environ: Mapping[str, str]) -> dict[str, Any]:
    """The status as data; docs/json.md describes it. Raises HookmanError."""
    now = here(environ)
    try:
        extra = docker_config(environ).extra_dirs()
    except ConfigError:  # `problem` tells it
        extra = []
    own = os.path.join(paths.plugin_dir(now.data), locate.COMPOSE)
    shims = [own] if os.path.dirname(own) in extra else []
    directory = paths.project_data_dir(now.data, now.project.real)
    ours = _lock_directory(directory, environ)
    lock = ProjectLock(ours)
    holder = lock.holder_now()
    others = [found for path in lock_directories(directory) if path != ours and (found := _on_other(path, now))]
    problem = shim_problem(environ)
    return {
        "shim": next(filter(locate.is_shim, [*shims, locate.SYSTEM_SHIMS[0]]), None),
        **problems.key(problem),
        "compose": locate.find_plugin(extra, locate.docker_config_dir(environ)),
        "project": now.project.directory,
        "name": now.project.name,
        "enabled": now.enabled,
        "lock": _fields(holder) if holder else None,
        **leased(now, ours),
        "waiting": [_fields(waiter) for waiter in lock.waiters()],
        **({"elsewhere": others} if others else {}),
    }


def _lock_directory(directory: str, environ: Mapping[str, str]) -> str:
    """Where the lock is that `docker compose` takes here; if there is no such context, Compose says so."""
    try:
        return lock_directory(directory, endpoint({}, environ))
    except ConfigError:
        return directory


def _on_other(path: str, now: Scope) -> dict[str, Any] | None:
    """Who holds the project's lock on another engine; None if it is free."""
    lock = ProjectLock(path)
    holder = lock.holder_now()
    if holder is None:
        return None
    directory = paths.project_data_dir(now.data, now.project.real)
    here = [name for name in names(now.environ) if _lock_directory(directory, in_context(name, now.environ)) == path]
    waiting = [_fields(waiter) for waiter in lock.waiters()]
    return {"contexts": here, "lock": _fields(holder), "waiting": waiting}


def _elsewhere(other: dict[str, Any]) -> tuple[str, str]:
    """The line about another engine."""
    named = ", ".join(map(shown, other["contexts"])) or "another engine"
    waiting = "".join(f"; {_shown(claim)} waits" for claim in other["waiting"])
    return "elsewhere", f"{named}: {painted('held', 'warning')} by {_shown(other['lock'])}{waiting}"


def leased(now: Scope, directory: str) -> dict[str, Any]:
    """Who has the lock on the engine, under the key `lease`; no key where commands here do not look at it.

    The project's lock on this machine is in `directory`.
    """
    if now.settings.lock == "local":
        return {}
    from hookman.compose.engine_api import EngineError
    from hookman.lock import taking
    from hookman.lock.shared import is_shared
    from hookman.lock.volumes import NoVolumesError, Volumes

    try:
        where = endpoint({}, now.environ)
        is_own = where.is_default and now.settings.lock == "auto"
        if is_own and not is_shared(where.socket, now.project.name, directory):
            return {}
        volumes = Volumes(where, now.environ, now.project.name)
        holder = taking.holder(volumes, PATIENCE)
    except ConfigError as error:
        return {"lease": {"problem": error.problem.line}}
    except (EngineError, NoVolumesError) as error:
        return {"lease": {"problem": _told(volumes.why(error, PATIENCE))}}
    if holder is None:
        return {"lease": None}
    told = {name: getattr(holder, name) for name in ("state", "command", "pid", "since", "host", "user", "message")}
    return {"lease": {**told, "limit": holder.limit or None, "shown": taking.shown(holder)}}


def _told(why: tuple[str, str]) -> str:
    what, fix = why
    return Problem(what=what, fix=fix).line


def _lease(lease: dict[str, Any] | None) -> str:
    if lease is None:
        return painted("free", "good")
    if "problem" in lease:
        return f"{painted('unknown', 'warning')}: {shown(lease['problem'])}"
    return f"{painted('held', 'warning')} by {shown(lease['shown'])}"


def _shim(status: dict[str, Any]) -> str:
    """The shim, and why hooks do not run if it does not work."""
    problem = status.get("problem")
    if not problem:
        return str(status["shim"])
    told = painted(shown(problem["what"]), "bad")
    return f"{told}. Fix: {shown(problem['fix'])}" if problem["fix"] else told


def _fields(claim: Claim) -> dict[str, Any]:
    return {"command": claim.command, "pid": claim.pid, "since": claim.since, "host": claim.host}


def _enable_command(environ: Mapping[str, str]) -> str:
    now = here(environ)
    return enable_command(now.project, environ, now.data)


def _shown(fields: dict[str, Any]) -> str:
    return shown(Claim(**fields).shown())
