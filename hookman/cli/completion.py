"""hookman completion: complete our commands with TAB in bash, zsh and fish."""

from __future__ import annotations

import os

import click
from click.shell_completion import get_completion_class

from hookman.base.errors import HookmanError, UsageError
from hookman.base.files import replace_file
from hookman.cli.usage import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Where each shell looks by itself: below which variable, its default below the home, the file, and what else it needs.
PLACES = {
    "bash": (
        ("XDG_DATA_HOME", ".local/share"),
        "bash-completion/completions/hookman",
        "It needs the package bash-completion. Without that, add to ~/.bashrc: source {path}",
    ),
    "zsh": (
        ("XDG_DATA_HOME", ".local/share"),
        "zsh/site-functions/_hookman",
        "Add to ~/.zshrc, before compinit: fpath=({folder} $fpath)",
    ),
    "fish": (("XDG_CONFIG_HOME", ".config"), "fish/completions/hookman.fish", ""),
}
shell_argument = click.argument("shell", required=False, type=click.Choice(list(PLACES)))


@click.group(cls=Group, short_help="Complete hookman's commands with TAB in bash, zsh and fish.")
def group() -> None:
    """Let your shell complete hookman's commands, options, events, hooks, stacks and run ids."""


@group.command(short_help="Write the completion to where your shell finds it.")
@shell_argument
@click.pass_obj
def install(environ: dict[str, str], shell: str | None) -> None:
    """Write the completion for SHELL (default: yours) to where SHELL finds it. None of your own files change."""
    name = shell or _shell(environ)
    (variable, default), file, more = PLACES[name]
    base = environ.get(variable) or os.path.join(os.path.expanduser("~"), default)
    path = os.path.join(base, file)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace_file(path, _script(name).encode(), 0o644)
    except OSError as error:
        raise HookmanError(f"can't write {path}: {error.strerror}", "make it writable") from error
    click.echo(f"wrote {path}")
    if more:
        click.echo(more.format(path=path, folder=os.path.dirname(path)))
    click.echo("It works in shells that you start from now on.")


@group.command(short_help="Print the completion for a shell.")
@shell_argument
@click.pass_obj
def show(environ: dict[str, str], shell: str | None) -> None:
    """Print the completion for SHELL (default: yours)."""
    click.echo(_script(shell or _shell(environ)), nl=False)


def _shell(environ: Mapping[str, str]) -> str:
    name = os.path.basename(environ.get("SHELL", ""))
    if name not in PLACES:
        raise UsageError(
            f"your shell ({name or 'SHELL is not set'}) is not known",
            f"name it: {', '.join(PLACES)}",
        )
    return name


def _script(shell: str) -> str:
    from hookman.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise HookmanError(f"this version of click can't complete in {shell}", "pip install -U click")
    return kind(cli, {}, "hookman", "_HOOKMAN_COMPLETE").source() + "\n"
