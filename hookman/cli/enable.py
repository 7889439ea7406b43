"""hookman enable: let the hooks of a project run on this machine."""

from __future__ import annotations

import os

import click

from hookman import enabled, paths
from hookman.cli.here import resolve
from hookman.cli.review import approve_all
from hookman.compose.project import FILE_NAMES, Project


@click.command(short_help="Let the hooks of a project run on this machine.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.pass_obj
def command(environ: dict[str, str], directory: str | None) -> None:
    """Let the hooks of the project in DIRECTORY (default: this one) run.

    A directory without a compose file whose subdirectories have some is a root: all
    its stacks are enabled.
    """
    project = resolve(environ, directory)
    kind = kind_of(project)
    if enabled.enable(paths.data_dir(environ), project.real, kind):
        what = "all stacks in " if kind == enabled.ROOT else ""
        approve_all(project, environ)
        click.echo(f"enabled  {what}{project.directory}")
        click.echo("Next: hookman list    (which hooks there are)")
    else:
        click.echo(f"{project.directory} is enabled already")


def kind_of(project: Project) -> str:
    """Is this directory a project, or a root of stacks?"""
    if project.files:
        return enabled.PROJECT
    try:
        below = [os.path.join(project.directory, name) for name in os.listdir(project.directory)]
    except OSError:
        return enabled.PROJECT
    stacks = (os.path.exists(os.path.join(path, name)) for path in below for name in FILE_NAMES)
    return enabled.ROOT if any(stacks) else enabled.PROJECT
