"""hookman uninstall: remove the shim, and with --purge all that hookman keeps."""

from __future__ import annotations

import os
import sys

import click

from hookman.base import paths
from hookman.base.errors import EXIT_FAILED, HookmanError, UsageError
from hookman.base.messages import shown
from hookman.cli.ask import confirm
from hookman.database.progress import size
from hookman.install.leftovers import leftovers, must_be_idle, purge
from hookman.install.shims import uninstall

PROGRAM = "To remove the program itself: pipx uninstall hookman-compose (or as you installed it)"


@click.command(short_help="Remove hookman from `docker compose`.")
@click.option("--system", is_flag=True, help="Undo `hookman install --system`; needs root.")
@click.option("--purge", "purges", is_flag=True, help="Also remove consent, the log, settings and completions.")
@click.option("--yes", is_flag=True, help="With --purge: remove without asking.")
@click.pass_obj
def command(environ: dict[str, str], *, system: bool, purges: bool, yes: bool) -> int:
    """Remove the shims and put Docker's config.json back as it was.

    Your projects and their hooks stay. So do what you enabled, the log, your own settings
    and completions: hookman lists them, and --purge removes them too.
    """
    if system and purges:
        raise UsageError("--purge is for your own files, not for --system", "hookman uninstall --purge")
    if purges and not yes and not sys.stdin.isatty():
        raise HookmanError(
            "nothing was removed, because there is no terminal to ask you",
            "if you agree: hookman uninstall --purge --yes",
        )
    if purges:
        must_be_idle(paths.data_dir(environ))
    removed = uninstall(environ, system=system)
    click.echo("hookman is no longer in front of docker compose" if removed else "hookman was not installed")
    if not system and os.path.isdir(paths.plugin_dir(paths.SYSTEM_DIR)):
        click.echo("It is still installed for all users. To remove it: sudo hookman uninstall --system")
    return 0 if system else _rest(environ, purges=purges, yes=yes)


def _rest(environ: dict[str, str], *, purges: bool, yes: bool) -> int:
    """Show what is left, and remove it if that is wanted."""
    found = leftovers(environ)
    if found:
        click.echo(_heading(purges=purges, yes=yes))
        width = max(len(leftover.what) for leftover in found)
        for leftover in found:  # paths are complete, so that they can be copied
            click.echo(f"  {leftover.what:<{width}}  {size(leftover.size):>8}  {_place(leftover.path, environ)}")
    if not purges:
        if found:
            click.echo("To remove it: hookman uninstall --purge")
        return 0
    if found and not yes and not confirm("Remove all of it?"):
        click.echo("it stays")
        return EXIT_FAILED
    purge(environ)
    click.echo(PROGRAM)
    return 0


def _place(path: str, environ: dict[str, str]) -> str:
    """A path as people write it: ~ is the home directory."""
    home = environ.get("HOME", "").rstrip("/")
    return shown(f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path)


def _heading(*, purges: bool, yes: bool) -> str:
    if not purges:
        return "This stays:"
    return "Removed too:" if yes else "This would be removed:"
