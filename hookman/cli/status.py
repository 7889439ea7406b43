"""hookman status: what is in front of Compose here, and who works on this project."""

from __future__ import annotations

import json
import os

import click

from hookman.base import paths
from hookman.base.messages import shown
from hookman.cli import colour
from hookman.cli.colour import painted
from hookman.cli.context import here
from hookman.compose import locate
from hookman.hooks.enabling import enable_command
from hookman.install.shims import docker_config
from hookman.lock.local import Claim, ProjectLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@click.command(short_help="Show the shim, and who holds or waits for this project's lock.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md describes it).")
@colour.option
@click.pass_obj
def command(environ: dict[str, str], *, as_json: bool) -> None:
    """Show the shim, the real Compose, whether this project is enabled, and who holds or waits for its lock."""
    status = look(environ)
    if as_json:
        click.echo(json.dumps(status))
        return
    waiting = [_shown(claim) for claim in status["waiting"]] or ["nobody"]
    enabled = painted("yes", "good")
    if not status["enabled"]:
        enabled = f"{painted('no', 'warning')}; to let its hooks run: {_enable_command(environ)}"
    held = f"{painted('held', 'warning')} by {_shown(status['lock'])}" if status["lock"] else painted("free", "good")
    none = painted("none", "bad")
    for name, value in (
        ("shim", status["shim"] or f"{none}; to install it: hookman install"),
        ("compose", status["compose"] or f"{none}; to find out why: hookman doctor"),
        ("project", f"{shown(status['project'])} ({shown(status['name'])})"),
        ("enabled", enabled),
        ("lock", held),
        ("waiting", f"\n{'':10}".join(waiting)),
    ):
        click.echo(f"{name:<9} {value}")


def look(environ: Mapping[str, str]) -> dict[str, Any]:
    """The status as data; docs/json.md describes it. Raises HookmanError."""
    now = here(environ)
    extra = docker_config(environ).extra_dirs()
    own = os.path.join(paths.plugin_dir(now.data), locate.COMPOSE)
    shims = [own] if os.path.dirname(own) in extra else []
    lock = ProjectLock(paths.project_data_dir(now.data, now.project.real))
    holder = lock.holder_now()
    return {
        "shim": next(filter(locate.is_shim, [*shims, locate.SYSTEM_SHIMS[0]]), None),
        "compose": locate.find_plugin(extra, locate.docker_config_dir(environ)),
        "project": now.project.directory,
        "name": now.project.name,
        "enabled": now.enabled,
        "lock": _fields(holder) if holder else None,
        "waiting": [_fields(one) for one in lock.waiters()],
    }


def _fields(claim: Claim) -> dict[str, Any]:
    return {"command": claim.command, "pid": claim.pid, "since": claim.since, "host": claim.host}


def _enable_command(environ: Mapping[str, str]) -> str:
    now = here(environ)
    return enable_command(now.project, environ, now.data)


def _shown(fields: dict[str, Any]) -> str:
    return shown(Claim(**fields).shown())
