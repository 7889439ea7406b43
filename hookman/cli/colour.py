"""Whether our commands print colours, and which colour means what."""

from __future__ import annotations

import os

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

# By what a text means. The marks ✔ ✘ ! say it too, so that nothing is told by colour alone.
STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "warning": {"fg": "yellow"},
    "quiet": {"dim": True},
    "heading": {"bold": True},
}
MARKS = {"✔": "good", "✘": "bad", "!": "warning"}


def painted(text: str, meaning: str) -> str:
    """`text` in the colour of its meaning (a key of STYLES; "": none). click.echo leaves out what is not wanted."""
    return click.style(text, **STYLES[meaning]) if meaning and text else text


def meaning(mark: str) -> str:
    """What a mark means, as a key of STYLES; "" if that is nothing special."""
    return MARKS.get(mark, "")


def marked(text: str) -> str:
    """`text` that begins with a mark, all of it in the mark's colour."""
    return painted(text, meaning(text[:1]))


def option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the option --color to a command."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_decide,
        help="Print colours; auto: on a terminal. See also NO_COLOR and FORCE_COLOR.",
    )(command)


def _decide(context: click.Context, _: click.Parameter, choice: str) -> None:
    context.color = is_wanted(choice, context.obj, is_terminal=os.isatty(1))


def is_wanted(choice: str, environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Should colours be printed? `choice` is the value of --color, and stdout is a terminal or not.

    --color overrides NO_COLOR (no-color.org), which overrides FORCE_COLOR (force-color.org) and CLICOLOR_FORCE
    (bixense.com/clicolors), which override what suits the terminal.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0") or environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return is_terminal and environ.get("TERM", "dumb") != "dumb" and environ.get("CLICOLOR") != "0"
