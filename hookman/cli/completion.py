"""hookman completion: complete our commands with TAB in bash, zsh and fish."""

from __future__ import annotations

import os

import click
from click.shell_completion import get_completion_class

from hookman.base.errors import EXIT_FAILED, HookmanError, UsageError
from hookman.base.files import replace_file
from hookman.base.messages import say
from hookman.cli.usage import Group
from hookman.install.completions import SHELLS, installed, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

shell_argument = click.argument("shell", required=False, type=click.Choice(list(SHELLS)))


@click.group(cls=Group, short_help="Complete hookman's commands with TAB in bash, zsh and fish.")
def group() -> None:
    """Let your shell complete hookman's commands, options, events, hooks, stacks and run ids."""


@group.command(name="install", short_help="Write the completion to where your shell finds it.")
@shell_argument
@click.pass_obj
def install_(environ: dict[str, str], shell: str | None) -> None:
    """Write the completion for SHELL (default: yours) to where SHELL finds it. None of your own files change."""
    name = shell or _shell(environ)
    path = place(name, environ)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace_file(path, _script(name).encode(), 0o644)
    except OSError as error:
        raise HookmanError(f"can't write {path}: {error.strerror}", "make it writable") from error
    click.echo(f"wrote {path}")
    if more := SHELLS[name].needs:
        click.echo(more.format(path=path, folder=os.path.dirname(path)))
    click.echo("It works in shells that you start from now on.")


@group.command(name="uninstall", short_help="Remove the completion again.")
@shell_argument
@click.pass_obj
def uninstall_(environ: dict[str, str], shell: str | None) -> int:
    """Remove the completion for SHELL (default: those of all shells).

    The exit code is 1 if there was none.
    """
    found = {name: path for name, path in installed(environ).items() if shell in (None, name)}
    if not found:
        say(f"no completion{f' for {shell}' if shell else ''} is installed")
        return EXIT_FAILED
    for name, path in found.items():
        try:
            os.unlink(path)
        except OSError as error:
            raise HookmanError(f"can't remove {path}: {error.strerror}", "make its directory writable") from error
        click.echo(f"removed {path}")
        if name != "fish":
            click.echo(f"If you added a line for it to ~/.{name}rc, remove that line.")
    return 0


@group.command(short_help="Print the completion for a shell.")
@shell_argument
@click.pass_obj
def show(environ: dict[str, str], shell: str | None) -> None:
    """Print the completion for SHELL (default: yours)."""
    click.echo(_script(shell or _shell(environ)), nl=False)


def _shell(environ: Mapping[str, str]) -> str:
    name = os.path.basename(environ.get("SHELL", ""))
    if name not in SHELLS:
        raise UsageError(
            f"your shell ({name or 'SHELL is not set'}) is not known",
            f"name it: {', '.join(SHELLS)}",
        )
    return name


def _script(shell: str) -> str:
    from hookman.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise HookmanError(f"this version of click can't complete in {shell}", "pip install -U click")
    text = kind(cli, {}, "hookman", "_HOOKMAN_COMPLETE").source() + "\n"
    # click's script for fish ends a description at its first comma.
    text = text.replace('string split "," $completion', 'string split -m 1 "," $completion')
    # Its test whether zsh has loaded the file by itself is true only for the first TAB: the second one did nothing.
    return text.replace("$zsh_eval_context[-1] == loadautofunc", "$funcstack[1] == _hookman")
