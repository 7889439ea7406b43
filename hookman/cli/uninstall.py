"""hookman uninstall: the shim taken away again."""

from __future__ import annotations

import os

import click

from hookman.base import paths
from hookman.install.shims import uninstall


@click.command(short_help="Take hookman away from `docker compose`.")
@click.option("--system", is_flag=True, help="What `hookman install --system` did; takes root.")
@click.pass_obj
def command(environ: dict[str, str], *, system: bool) -> None:
    """Take the shims away and put Docker's config.json back as it was.

    Projects, their hooks, the log and what you enabled stay.
    """
    if uninstall(environ, system=system):
        click.echo("hookman no longer stands in front of docker compose")
    else:
        click.echo("hookman was not installed")
    if not system and os.path.isdir(paths.plugin_dir(paths.SYSTEM_DIR)):
        click.echo("It is still there for all users: sudo hookman uninstall --system")
