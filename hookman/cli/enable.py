"""hookman enable: let the hooks of a project run on this machine."""

from __future__ import annotations

import os

import click

from hookman.base.errors import EXIT_FAILED, UsageError
from hookman.base.messages import shown
from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.consent import marks


@click.command(short_help="Let the hooks of a project run on this machine.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.option("--future", is_flag=True, help="Of a root: also every stack that comes later, such as a fresh clone.")
@click.option(
    "--trust-owner",
    is_flag=True,
    help="Trust the user to whom the directory belongs as yourself: under sudo, or in a container.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="Run what others may write here, too: where a file system has no owners and modes (9p, drvfs, vfat, CIFS).",
)
@click.option("--yes", is_flag=True, help="Enable without a question.")
@click.pass_obj
def command(
    environ: dict[str, str], directory: str | None, *, future: bool, trust_owner: bool, shared: bool, yes: bool
) -> int:
    """Let the hooks of the project in DIRECTORY (default: this one) run.

    A directory without a compose file whose subdirectories have some is a root: the
    stacks that are there now are listed, and enabled if you agree. One that comes
    later is not, unless you say --future; hidden directories and links never are.

    What others may change does not run, and that is said at once, with the command that
    fixes it. Where it can't be fixed, --trust-owner and --shared accept it for this
    directory; `hookman disable` takes them back.
    """
    what = offer(environ, directory)
    if future and what.kind != marks.ROOT:
        raise UsageError(
            f"{shown(what.project.directory)} is no root of stacks, so --future means nothing there",
            "Leave --future out, or make it a root: hookman init --root",
        )
    flags = {"--future": future, "--trust-owner": trust_owner, "--shared": shared}
    again = typed("enable", environ, directory, *(flag for flag, given in flags.items() if given))
    if not agreed(warnings(what, future=future), "Enable it?", again, yes=yes):
        click.echo("nothing was enabled")
        return EXIT_FAILED
    more = {"owner": str(os.stat(what.project.real).st_uid)} if trust_owner else {}
    done = carry_out(what, environ, future=future, **more, **({"shared": "1"} if shared else {}))
    for one in done:
        click.echo(f"enabled  {one}")
    already = f"{shown(what.project.directory)} is enabled already"
    click.echo("Next: hookman list    (which hooks there are)" if done else already)
    return 0
