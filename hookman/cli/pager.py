"""Printing lines: at once, or through a pager where they are more than the terminal shows."""

from __future__ import annotations

import itertools
import os
import shlex
import shutil
import subprocess

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LESS = "FRX"  # as git has it: end at once if all fits, show colours, leave the text on the screen


def show(lines: Iterable[str], environ: Mapping[str, str]) -> None:
    """Print the lines. Longer than the terminal is high, they go through $HOOKMAN_PAGER, $PAGER or less."""
    lines = iter(lines)
    pager = _pager(environ)
    first: list[str] = []
    if pager:
        first = list(itertools.islice(lines, shutil.get_terminal_size().lines - 1))
    beyond = list(itertools.islice(lines, 1)) if pager else []
    if beyond:
        _page(itertools.chain(first, beyond, lines), pager, environ)
        return
    for line in itertools.chain(first, lines):
        click.echo(line)


def _pager(environ: Mapping[str, str]) -> list[str]:
    """The pager to start; empty for none: stdin or stdout is no terminal, or the user wants none ("" or cat)."""
    if not (os.isatty(0) and os.isatty(1)) or environ.get("TERM", "dumb") == "dumb":
        return []
    wanted = environ.get("HOOKMAN_PAGER", environ.get("PAGER", "less"))
    try:
        words = shlex.split(wanted)
    except ValueError:
        return []
    found = shutil.which(words[0], path=environ.get("PATH")) if words and words[0] != "cat" else None
    return [found, *words[1:]] if found else []


def _page(lines: Iterable[str], pager: list[str], environ: Mapping[str, str]) -> None:
    """Give the lines to the pager, which the user may leave before all of them came."""
    coloured = click.get_current_context().color
    end, ours = os.pipe()
    process = subprocess.Popen(pager, stdin=end, env={"LESS": LESS, **environ})
    os.close(end)
    try:
        with os.fdopen(ours, "wb") as file:
            for line in lines:
                text = line if coloured else click.unstyle(line)
                file.write(text.encode("utf-8", "surrogateescape") + b"\n")
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    # Ctrl-C is the pager's: less ends a search with it, and goes on.
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            continue
