"""hookman install: the shim in front of `docker compose`."""

from __future__ import annotations

import click

from hookman import enabled, paths
from hookman.cli.enable import kind_of
from hookman.cli.here import hooks_text, resolve
from hookman.cli.review import approve_all
from hookman.hooks.scripts import HOOKS_DIR
from hookman.shim.install import install


@click.command(short_help="Put hookman in front of `docker compose`.")
@click.option("--standalone", is_flag=True, help="Also in front of the `docker-compose` command.")
@click.option("--system", is_flag=True, help="For all users of this machine; takes root.")
@click.pass_obj
def command(environ: dict[str, str], *, standalone: bool, system: bool) -> None:
    """Put hookman in front of `docker compose`, for this user.

    It writes a small plugin into a directory of its own and names that directory in
    Docker's config.json; nothing is replaced. Inside a project it also enables the
    project. Doing it twice changes nothing; `hookman uninstall` takes it back.
    `hookman doctor` says whether all is well.

    With --standalone, a link named docker-compose goes to ~/.local/bin or ~/bin,
    whichever your PATH has before the real one. With --system, links go to
    /usr/local/lib/docker/cli-plugins and /usr/local/bin, and what lay there is kept.
    """
    done = install(environ, standalone=standalone, system=system)
    for one in done:
        if one.changed:
            click.echo(f"installed  {one.shim}")
            click.echo(f"named in   {one.place}")
            click.echo(f"starts     {one.real}")
    if not any(one.changed for one in done):
        click.echo("hookman is installed already")
    if system:
        click.echo("Next: as yourself, in a project of yours: hookman init, or hookman enable")
    else:
        _enable_here(environ)


def _enable_here(environ: dict[str, str]) -> None:
    """Enable the project that we are in, if we are in one, and say what comes next."""
    import os

    project = resolve(environ)
    has_hooks = hooks_text(project.directory) or os.path.isdir(os.path.join(project.directory, HOOKS_DIR))
    kind = kind_of(project)
    if project.files or has_hooks or kind == enabled.ROOT:
        if enabled.enable(paths.data_dir(environ), project.real, kind):
            approve_all(project, environ)
            click.echo(f"enabled    {project.directory}")
        click.echo("Next: docker compose up -d    (what would run: hookman list)")
    else:
        click.echo("Next: in a project of yours: hookman init")
