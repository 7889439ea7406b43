"""hookman enable: let the hooks of a project run on this machine."""

from __future__ import annotations

import click

from hookman import enabled
from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.errors import EXIT_FAILED, UsageError


@click.command(short_help="Let the hooks of a project run on this machine.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.option("--future", is_flag=True, help="Of a root: also every stack that comes later, such as a fresh clone.")
@click.option("--yes", is_flag=True, help="Enable without a question.")
@click.pass_obj
def command(environ: dict[str, str], directory: str | None, *, future: bool, yes: bool) -> int:
    """Let the hooks of the project in DIRECTORY (default: this one) run.

    A directory without a compose file whose subdirectories have some is a root: the
    stacks that are there now are listed, and enabled if you agree. One that comes
    later is not, unless you say --future; hidden directories and links never are.
    """
    what = offer(environ, directory)
    if future and what.kind != enabled.ROOT:
        raise UsageError(
            f"{what.project.directory} is no root of stacks, so --future means nothing there",
            "Leave --future out, or make it a root: hookman init --root",
        )
    again = typed("enable", environ, directory, *(["--future"] if future else []))
    if not agreed(warnings(what, future=future), "Enable it?", again, yes=yes):
        click.echo("nothing was enabled")
        return EXIT_FAILED
    done = carry_out(what, environ, future=future)
    for one in done:
        click.echo(f"enabled  {one}")
    click.echo(
        "Next: hookman list    (which hooks there are)" if done else f"{what.project.directory} is enabled already"
    )
    return 0
