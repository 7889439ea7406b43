"""hookman uninstall: remove the shim."""

from __future__ import annotations

import os

import click

from hookman.base import paths
from hookman.install.shims import uninstall


@click.command(short_help="Remove hookman from `docker compose`.")
@click.option("--system", is_flag=True, help="Undo `hookman install --system`; needs root.")
@click.pass_obj
def command(environ: dict[str, str], *, system: bool) -> None:
    """Remove the shims and put Docker's config.json back as it was.

    Your projects, their hooks, the log and what you enabled stay.
    """
    if uninstall(environ, system=system):
        click.echo("hookman is no longer in front of docker compose")
    else:
        click.echo("hookman was not installed")
    if not system and os.path.isdir(paths.plugin_dir(paths.SYSTEM_DIR)):
        click.echo("It is still installed for all users. To remove it: sudo hookman uninstall --system")
