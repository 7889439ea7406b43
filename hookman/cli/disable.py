"""hookman disable: take the consent for a project's hooks back."""

from __future__ import annotations

import click

from hookman import enabled, paths
from hookman.cli.here import resolve


@click.command(short_help="Let the hooks of a project run no more.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.pass_obj
def command(environ: dict[str, str], directory: str | None) -> None:
    """Take the consent for the project in DIRECTORY (default: this one) back.

    Its hooks stay where they are; `docker compose` runs as if hookman were not there.
    """
    project = resolve(environ, directory)
    data = paths.data_dir(environ)
    taken_back = enabled.disable(data, project.real)
    for one in taken_back:
        click.echo(f"disabled  {one}")
    if not taken_back:
        click.echo(f"{project.directory} was not enabled")
    if enabled.is_enabled(data, project.real):
        click.echo("It is still enabled as a stack of the root above it. To disable that: hookman disable ..")
