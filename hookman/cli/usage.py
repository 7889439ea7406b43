"""Mistakes on the command line of our own commands, as a Problem: click's errors in hookman's words."""

from __future__ import annotations

import click

from hookman.base.errors import Problem, UsageError
from hookman.base.records import replaced
from hookman.base.suggestion import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from click.shell_completion import CompletionItem


def no_command(name: str, known: Iterable[str], path: str = "hookman") -> UsageError:
    """The error for a command that does not exist, with the nearest one that does."""
    near = nearest(name, known)
    question = f". Did you mean {near!r}?" if near else ""
    typed = f"{path} {name}".removeprefix("hookman ")
    return UsageError(f"there is no command {typed!r}{question}", f"{path} {near or '--help'}")


class Group(click.Group):
    """A group of commands that suggests the nearest one for a wrong name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion for a misspelt name."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            raise no_command(args[0], known, ctx.command_path)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """As click does, with complete descriptions: click cuts them after 45 characters."""
        found = super().shell_complete(ctx, incomplete)
        for item in found:
            command = self.get_command(ctx, item.value) if item.type == "plain" else None
            if command is not None and not item.value.startswith("-"):
                item.help = command.get_short_help_str(limit=200)
        return found


class TakesNumbers(click.Command):
    """A command whose options are flags, and whose arguments may be negative numbers: click takes -5 for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the flags first and -- after them."""
        if "--" not in args and any(map(_is_negative, args)):
            flags = [word for word in args if word.startswith("-") and not _is_negative(word)]
            args = [*flags, "--", *(word for word in args if word not in flags)]
        return super().parse_args(ctx, args)


def _is_negative(word: str) -> bool:
    return word[:1] == "-" and word[1:].replace(".", "", 1).isdecimal()


def problem_of(error: click.ClickException, words: Sequence[str]) -> Problem:
    """What is wrong with the command line `words`, and what to type."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else " ".join(["hookman", *words[:1]])
    name, message = path.removeprefix("hookman "), error.format_message().rstrip(".")
    problem = Problem(what=f"{name}: {message[:1].lower()}{message[1:]}", fix=f"{path} --help")
    if context is None:
        return problem
    if isinstance(error, click.NoSuchOption):
        return replaced(problem, what=f"{name} has no option {error.option_name}{_nearest_option(error, context)}")
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Problem(what=f"{name}: {_name(error.param)} is missing", fix=_usage(context))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return replaced(problem, what=f"{name}: {_name(error.param)} {_wanted(error)}")
    if message.startswith("Got unexpected extra argument"):
        extra = message.partition("(")[2].removesuffix(")")
        return Problem(what=f"{name}: there are too many arguments: {extra}", fix=_usage(context))
    return problem


def _nearest_option(error: click.NoSuchOption, context: click.Context) -> str:
    options = [
        option for parameter in context.command.get_params(context) for option in parameter.opts if option[:2] == "--"
    ]
    near = nearest(error.option_name, options)
    return f". Did you mean {near}?" if near else ""


def _usage(context: click.Context) -> str:
    """The form of the command, as --help shows it."""
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])


def _name(parameter: click.Parameter) -> str:
    """An option or an argument as its user knows it."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.metavar or (parameter.name or "").upper()


def _wanted(error: click.BadParameter) -> str:
    """What the value must be."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"must be one of {', '.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange):
        return f"must be a whole number of {kind.min} or more"
    return f"is wrong: {error.message.rstrip('.')}"
