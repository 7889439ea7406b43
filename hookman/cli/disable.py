"""hookman disable: take the consent for a project's hooks back."""

from __future__ import annotations

import os

import click

from hookman.base import paths
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.consent import marks
from hookman.hooks.enabling import meant


@click.command(short_help="Let the hooks of a project run no more.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.pass_obj
def command(environ: dict[str, str], directory: str | None) -> None:
    """Take the consent for the project in DIRECTORY (default: this one) back.

    Of a root also that for the stacks that were enabled with it. Hooks stay where they
    are; `docker compose` runs as if hookman were not there.
    """
    data = paths.data_dir(environ)
    project = meant(environ, data, directory)
    taken_back = marks.disable(data, project.real)
    for one in taken_back:
        click.echo(f"disabled  {shown(one)}")
    if not taken_back:
        click.echo(f"{shown(project.directory)} was not enabled")
    if marks.is_enabled(data, project.real):
        root = shell_quoted(os.path.dirname(project.directory))
        click.echo(f"It is still enabled, as a stack that came to its root. To disable that: hookman disable {root}")
