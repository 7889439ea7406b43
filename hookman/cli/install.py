"""hookman install: the shim in front of `docker compose`."""

from __future__ import annotations

import sys

import click

from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.cli.next_step import next_step
from hookman.consent import marks
from hookman.install.shims import install


@click.command(short_help="Put hookman in front of `docker compose`.")
@click.option("--standalone", is_flag=True, help="Also in front of the `docker-compose` command.")
@click.option("--system", is_flag=True, help="For all users of this machine; needs root.")
@click.option("--yes", is_flag=True, help="Enable what is in this directory without asking.")
@click.pass_obj
def command(environ: dict[str, str], *, standalone: bool, system: bool, yes: bool) -> None:
    """Put hookman in front of `docker compose`, for this user.

    It writes a small plugin into a directory of its own, and names that directory in
    Docker's config.json. Nothing is replaced. In a project it also enables the project;
    if that is more than one project, it asks first. If you run it again, it changes
    nothing. `hookman uninstall` removes it again. `hookman doctor` checks it.

    With --standalone, it puts a link named docker-compose into ~/.local/bin or ~/bin,
    whichever is before the real one on your PATH. With --system, it puts links into
    /usr/local/lib/docker/cli-plugins and /usr/local/bin, and keeps what was there.
    """
    done = install(environ, standalone=standalone, system=system)
    for installed in done:
        if installed.changed:
            click.echo(f"installed  {installed.shim}")
            click.echo(f"named in   {installed.place}")
            click.echo(f"starts     {installed.compose}")
    if not any(installed.changed for installed in done):
        click.echo("hookman is installed already")
    if system:
        click.echo("Next: as yourself, in one of your projects: hookman init, or hookman enable")
    else:
        _enable_here(environ, yes=yes)


def _enable_here(environ: dict[str, str], *, yes: bool) -> None:
    """Enable the project that we are in, if we are in one, and say what to do next."""
    what = offer(environ, None)
    if what.is_empty:
        click.echo("Next: in one of your projects: hookman init")
        return
    lines = warnings(what)
    if lines and not yes and not sys.stdin.isatty():  # the shim is in its place: that was what the user asked for
        click.echo("\n".join([*lines, "None of this was enabled."]))
        click.echo(f"Next: if you agree: {typed('enable', environ, None)} --yes")
        return
    if agreed(lines, "Enable it?", "", yes=yes):
        for path in carry_out(what, environ):
            click.echo(f"enabled    {path}")
        click.echo(next_step(what.project, environ, is_root=what.kind == marks.ROOT))
    else:
        click.echo("nothing was enabled. Next: in one of your projects: hookman enable")
