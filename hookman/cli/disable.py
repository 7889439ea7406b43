"""hookman disable: stop running a project's hooks."""

from __future__ import annotations

import os

import click

from hookman.base import paths
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.consent import marks
from hookman.hooks.enabling import meant


@click.command(short_help="Stop running a project's hooks.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.pass_obj
def command(environ: dict[str, str], directory: str | None) -> None:
    """Stop running the hooks of the project in DIRECTORY (default: this project).

    For a root, this also disables the stacks that were enabled with it. The hooks stay
    where they are. `docker compose` runs as if hookman were not there.
    """
    data = paths.data_dir(environ)
    project = meant(environ, data, directory)
    taken_back = marks.disable(data, project.real)
    for path in taken_back:
        click.echo(f"disabled  {shown(path)}")
    if not taken_back:
        click.echo(f"{shown(project.directory)} was not enabled")
    if marks.is_enabled(data, project.real):
        root = shell_quoted(os.path.dirname(project.directory))
        click.echo(
            f"It is still enabled, because its root enables new stacks. To disable the root: hookman disable {root}"
        )
