"""hookman install: the shim in front of `docker compose`."""

from __future__ import annotations

import click

from hookman import enabled, paths
from hookman.cli.enable import kind_of
from hookman.cli.here import hooks_text, resolve
from hookman.hooks.scripts import HOOKS_DIR
from hookman.shim.install import install


@click.command(short_help="Put hookman in front of `docker compose`.")
@click.pass_obj
def command(environ: dict[str, str]) -> None:
    """Put hookman in front of `docker compose`, for this user.

    It writes a small plugin into a directory of its own and names that directory in
    Docker's config.json; nothing is replaced. Inside a project it also enables the
    project. Doing it twice changes nothing; `hookman uninstall` takes it back.
    """
    import os

    done = install(environ)
    if done.changed:
        click.echo(f"installed  {done.shim}")
        click.echo(f"named in   {done.config}")
        click.echo(f"starts     {done.real}")
    else:
        click.echo("hookman is installed already")
    project = resolve(environ)
    has_hooks = hooks_text(project.directory) or os.path.isdir(os.path.join(project.directory, HOOKS_DIR))
    kind = kind_of(project)
    if project.files or has_hooks or kind == enabled.ROOT:
        if enabled.enable(paths.data_dir(environ), project.real, kind):
            click.echo(f"enabled    {project.directory}")
        click.echo("Next: docker compose up -d    (what would run: hookman list)")
    else:
        click.echo("Next: in a project of yours: hookman init")
