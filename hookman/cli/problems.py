"""How the commands show a problem on the terminal: what is wrong, and below it how to fix it."""

from __future__ import annotations

import click

from hookman.base.messages import shown
from hookman.cli.colour import marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.base.errors import Problem


def lines(problem: Problem, *, placed: bool = True) -> list[str]:
    """What is wrong (with its place if `placed`), then how to fix it. Each line can be printed."""
    text = problem.placed if placed else problem.what
    fix = f"\nFix: {problem.fix}" if problem.fix else ""
    return [shown(line) for line in f"{text}{fix}".split("\n")]


def show(mark: str, problem: Problem, part: str = "") -> None:
    """Print a problem behind a mark; `part` is what was looked at, "" if the problem names it itself."""
    head = f"{marked(mark)} {shown(part)}: " if part else f"{marked(mark)} "
    click.echo(head + "\n    ".join(lines(problem, placed=not part)))


def document(problem: Problem) -> dict[str, str]:
    """A problem for --json."""
    return {"what": problem.what, "where": problem.where, "fix": problem.fix}


def key(problem: Problem | None) -> dict[str, Any]:
    """The key of --json with a problem; nothing where there is none."""
    return {"problem": document(problem)} if problem else {}
