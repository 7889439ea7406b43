"""hookman uninstall: the shim taken away again."""

from __future__ import annotations

import click

from hookman.shim.install import uninstall


@click.command(short_help="Take hookman away from `docker compose`.")
@click.pass_obj
def command(environ: dict[str, str]) -> None:
    """Take the shim away and put Docker's config.json back as it was.

    Projects, their hooks, the log and what you enabled stay.
    """
    if uninstall(environ):
        click.echo("hookman no longer stands in front of docker compose")
    else:
        click.echo("hookman was not installed")
