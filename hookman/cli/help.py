"""hookman help: the help of a command, or a page of the docs, on the terminal."""

from __future__ import annotations

import shutil
import sys

import click

from hookman.base.errors import UsageError
from hookman.base.resources import page
from hookman.base.suggestion import nearest
from hookman.cli import help_text

# The pages of docs/ that come with the package (pyproject.toml), in the order in which a new user needs them.
TOPICS = {
    "first-hook": "The first hook in two minutes.",
    "concepts": "The words that hookman uses, and what they mean.",
    "rules": "Which hooks run, when, in which order, and with what.",
    "settings": "Every key of hookman.toml, and every variable.",
    "hooks": "Every way to write a hook.",
    "contexts": "hookman run on many engines: --context, --rolling.",
    "notify": "[[notify]]: who is told of runs that fail.",
    "recipes": "Hooks for common tasks, to copy.",
    "export": "Traces and logs of each run, in a collector.",
    "troubleshooting": "What each message means, and what to do.",
    "json": "The formats of --json and of the log.",
    "security": "What may run, and who may change it.",
    "install": "Install, update and uninstall; for all users too.",
    "from-dde": "Moving from dde.",
    "from-kompose": "Moving from Kompose.",
}
WIDEST = 100  # columns; longer lines are hard to read


@click.command(name="help", short_help="Show the help of a command, or explain a topic.")
@click.argument("words", nargs=-1, metavar="[COMMAND | TOPIC]")
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of COMMAND, or the page of the docs about TOPIC.

    \b
    hookman help list        the same as hookman list --help
    hookman help settings    every key of hookman.toml
    """
    parent = context.find_root()
    if not words:
        click.echo(f"{parent.get_help()}\n\nTopics (hookman help TOPIC):")
        width = max(map(len, TOPICS))
        for name, meaning in TOPICS.items():
            click.echo(f"  {name:<{width}}  {meaning}")
    elif words[0] in TOPICS:
        _show(help_text.plain(page(words[0]), _columns(), TOPICS))
    else:
        click.echo(_of_command(parent, list(words)).get_help())


def _of_command(above: click.Context, words: list[str]) -> click.Context:
    """The context of a command or of one in a group. Raises UsageError."""
    found = above
    for word in words:
        group = found.command
        command = group.get_command(found, word) if isinstance(group, click.Group) else None
        if command is None:
            known = [*(group.list_commands(found) if isinstance(group, click.Group) else []), *TOPICS]
            near = nearest(word, known)
            question = f". Did you mean {near!r}?" if near else ""
            raise UsageError(
                f"there is no command and no topic {' '.join(words)!r}{question}",
                " ".join(filter(None, ["hookman help", near])),
            )
        found = click.Context(command, info_name=word, parent=found)
    return found


def _columns() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)


def _show(text: str) -> None:
    """Print a page; through a pager if the terminal is too small for it."""
    is_long = text.count("\n") >= shutil.get_terminal_size((80, 24)).lines
    if is_long and sys.stdout.isatty() and sys.stdin.isatty():
        click.echo_via_pager(text)
    else:
        click.echo(text, nl=False)
