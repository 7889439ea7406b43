"""hookman enable: let a project's hooks run on this machine."""

from __future__ import annotations

import os

import click

from hookman.base.errors import EXIT_FAILED, UsageError
from hookman.base.messages import shown
from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.cli.next_step import next_step
from hookman.consent import marks


@click.command(short_help="Let a project's hooks run on this machine.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.option(
    "--future", is_flag=True, help="For a root: also enable every stack that comes later, such as a fresh clone."
)
@click.option(
    "--trust-owner",
    is_flag=True,
    help="Trust the owner of the directory as you trust yourself: under sudo, or in a container.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="Also run what other users may write: on file systems without owners and modes (9p, drvfs, vfat, CIFS).",
)
@click.option("--yes", is_flag=True, help="Enable without asking.")
@click.pass_obj
def command(
    environ: dict[str, str], directory: str | None, *, future: bool, trust_owner: bool, shared: bool, yes: bool
) -> int:
    """Let the hooks of the project in DIRECTORY (default: this project) run.

    A directory is a root if it has no compose file but its subdirectories have some. Then
    hookman lists the stacks that are there now, and enables them if you agree. It does
    not enable stacks that come later, unless you say --future. Hidden directories and
    links never belong to a root.

    Hooks that other users may change do not run. hookman says so at once, and shows the
    command that fixes it. If it can't be fixed, --trust-owner and --shared accept it for
    this directory, until `hookman disable`.
    """
    what = offer(environ, directory)
    if future and what.kind != marks.ROOT:
        raise UsageError(
            f"{shown(what.project.directory)} is not a root of stacks, so --future means nothing there",
            "leave --future out, or make it a root: hookman init --root",
        )
    flags = {"--future": future, "--trust-owner": trust_owner, "--shared": shared}
    again = typed("enable", environ, directory, *(flag for flag, given in flags.items() if given))
    if not agreed(warnings(what, future=future), "Enable it?", again, yes=yes):
        click.echo("nothing was enabled")
        return EXIT_FAILED
    more = {"owner": str(os.stat(what.project.real).st_uid)} if trust_owner else {}
    done = carry_out(what, environ, future=future, **more, **({"shared": "1"} if shared else {}))
    for path in done:
        click.echo(f"enabled  {path}")
    if not done:
        click.echo(f"{shown(what.project.directory)} is enabled already")
    click.echo(next_step(what.project, environ, is_root=what.kind == marks.ROOT))
    return 0
