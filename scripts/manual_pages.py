"""The manual pages, in the language of man: hookman.1, and one page a command (hookman-log.1)."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import click

VERBATIM = "\b\n"  # how click marks a block that must not be wrapped
EXIT_STATUS = {
    "0": "It worked. A command of Compose: Compose ended with 0, and no hook made it fail.",
    "1": "A hook failed, or what was asked for could not be done.",
    "2": "The command line is wrong.",
    "75": "Another operation on the project kept the lock for too long.",
    "78": "A settings file or a .env file is wrong.",
    "124": "A hook exceeded its time limit.",
    "128 + N": "The signal with the number N stopped it.",
}
FILES = {
    ".dde/hooks/project.up.pre/*.sh": "Scripts. Every command has such directories: pre, post, failed and always.",
    "hooks.sh": "Functions: hook_pre_up, hook_post_up and so on.",
    "hookman.toml": "Settings of a project, and declared hooks. Beside it hookman.local.toml is for you alone.",
    "~/.config/hookman/config.toml": "Your own settings for all projects.",
    "~/.local/share/hookman": "The shim, locks, the log, and what you enabled.",
    "~/.docker/config.json": "Docker's settings. cliPluginsExtraDirs names the directory of the shim.",
}


def pages(above: click.Context, every: list[click.Context], docs: Path) -> dict[str, str]:
    """File name → text; `every` has a context for each command, groups before what is in them."""
    variables = _variables((docs / "settings.md").read_text(encoding="utf-8"))
    own = [context for context in every if context.parent is above]
    found = {"hookman.1": _main_page(above, own, variables)}
    for context in own:
        inner = [other for other in every if other.parent is context]
        found[f"{_name(context)}.1"] = _command_page(
            context, inner, variables, [other for other in own if other is not context]
        )
    return found


def _main_page(above: click.Context, own: list[click.Context], variables: dict[str, str]) -> str:
    commands = {_name(context): context.command.get_short_help_str(limit=200) for context in own}
    return "".join(
        [
            _head("hookman", "a git-style hook manager for Docker Compose"),
            ".SH SYNOPSIS\n.B hookman\n.I COMMAND\n[\\fIARGUMENT\\fR...]\n",
            ".SH DESCRIPTION\n",
            _roff(above.command.help or ""),
            ".SH COMMANDS\nEach has a manual page of its own.\n",
            *(f".TP\n.BR {_escaped(name)} (1)\n{_escaped(meaning)}\n" for name, meaning in commands.items()),
            _list("EXIT STATUS", EXIT_STATUS),
            _list("ENVIRONMENT", variables),
            _list("FILES", FILES),
            ".SH SEE ALSO\n.BR docker (1)\n.PP\n.B hookman help\nshows the topics of the documentation.\n",
        ]
    )


def _command_page(
    one: click.Context, inner: list[click.Context], variables: dict[str, str], others: list[click.Context]
) -> str:
    parts = [
        _head(_name(one), one.command.get_short_help_str(limit=200).rstrip(".")),
        f".SH SYNOPSIS\n{_usage(one)}",
        *(f".br\n{_usage(other)}" for other in inner),
        ".SH DESCRIPTION\n",
        _roff(one.command.help or ""),
        _options(one),
    ]
    for other in inner:
        options = _options(other).replace(".SH OPTIONS\n", "")
        parts += [f'.SH "{_escaped(other.command_path).upper()}"\n', _roff(other.command.help or ""), options]
    see = sorted(
        ["hookman", *(_name(other) for other in others if other.info_name in SEE.get(one.info_name or "", ()))]
    )
    return "".join(
        [
            *parts,
            _list("EXIT STATUS", EXIT_STATUS),
            _list("ENVIRONMENT", variables),
            _list("FILES", FILES),
            ".SH SEE ALSO\n" + " ,\n".join(f".BR {_escaped(name)} (1)" for name in see) + "\n",
        ]
    )


SEE = {
    "init": ("enable", "list"),
    "install": ("uninstall", "doctor"),
    "uninstall": ("install", "completion"),
    "enable": ("disable", "review"),
    "disable": ("enable",),
    "list": ("test", "explain"),
    "test": ("list", "log"),
    "log": ("status",),
    "status": ("doctor", "log"),
    "doctor": ("status", "install"),
    "run": ("list",),
}


def _name(one: click.Context) -> str:
    return one.command_path.replace(" ", "-")


def _usage(one: click.Context) -> str:
    return f".B {_escaped(one.command_path)}\n{_escaped(' '.join(one.command.collect_usage_pieces(one)))}\n"


def _options(one: click.Context) -> str:
    options = [option for option in one.command.params if hasattr(option, "help")]
    records = [option.get_help_record(one) for option in options]
    told = [f".TP\n.B {_escaped(record[0])}\n{_escaped(record[1])}\n" for record in records if record]
    return ".SH OPTIONS\n" + "".join(told) if told else ""


def _head(name: str, meaning: str) -> str:
    return f".TH {_escaped(name).upper()} 1\n.SH NAME\n{_escaped(name)} \\- {_escaped(meaning)}\n"


def _list(title: str, meanings: dict[str, str]) -> str:
    told = (f".TP\n.B {_escaped(name)}\n{_escaped(meaning)}\n" for name, meaning in meanings.items())
    return f'.SH "{title}"\n' + "".join(told)


def _variables(settings: str) -> dict[str, str]:
    """The variables that docs/settings.md describes."""
    table = settings.partition("| variable |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| (.*) \|$", table, re.MULTILINE)
    return {names.replace("`", ""): f"{meaning[:1].upper()}{meaning[1:]}.".replace("`", "") for names, meaning in rows}


def _roff(text: str) -> str:
    """A help text in the language of man: paragraphs, and blocks (\\b) without changes."""
    parts = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith(VERBATIM):
            parts.append(f".PP\n.nf\n{_escaped(paragraph.removeprefix(VERBATIM))}\n.fi\n")
        else:
            parts.append(f".PP\n{_escaped(paragraph)}\n")
    return "".join(parts)


def _escaped(text: str) -> str:
    text = text.strip("\n").replace("\\", "\\e").replace("-", "\\-")
    lines = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text).split("\n")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)
