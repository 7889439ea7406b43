"""hookman log --follow: a line when a run or a hook starts, and one when it ends."""

from __future__ import annotations

import time

import click

from hookman.base.messages import shown
from hookman.cli.colour import marked, painted
from hookman.cli.log_rows import HOOK_MARKS, mark_of, summary, took, typed
from hookman.cli.table import columns, cut, duration
from hookman.compose.context import DEFAULT
from hookman.log.live import Watcher
from hookman.log.reader import problem_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from hookman.log.live import Change
    from hookman.log.news import News

LOOK_AGAIN = 0.3  # seconds between two looks at the log
NAME = 12  # columns that the names of projects have at least


def follow(news: News, takes: Callable[[dict[str, Any]], bool], *, with_project: bool) -> NoReturn:
    """Show what happens in the runs that are taken, until Ctrl-C."""
    watcher = Watcher(news, takes)
    width = NAME if with_project else 0
    while True:
        for change in watcher.look():
            width = max(width, len(shown(change.run.get("name")))) if with_project else 0
            click.echo(line(change, width))
        time.sleep(LOOK_AGAIN)


def line(change: Change, width: int) -> str:
    """A change as a line; the name of its project has `width` columns, 0 for none."""
    run = change.run
    facts = [
        painted(time.strftime("%H:%M:%S", time.localtime(change.at)), "quiet"),
        str(run.get("run")).rpartition("-")[2],
        *([shown(run.get("name")).ljust(width)] if width else []),
        _hook(change.hook, started=change.started) if change.hook else _run(run, started=change.started),
    ]
    return cut("  ".join(facts), columns())


def _run(run: dict[str, Any], *, started: bool) -> str:
    if started:
        context = str(run.get("context") or DEFAULT)
        return f"▶ {typed(run)}" + ("" if context == DEFAULT else f"  ({shown(context)})")
    return marked(f"{mark_of(run)} {shown(run.get('command'))}") + f"  {took(run)}, {shown(summary(run))}"


def _hook(hook: dict[str, Any], *, started: bool) -> str:
    name = f"{shown(hook.get('event'))}/{shown(hook.get('name'))}"
    if started:
        return f"… {name}"
    result = str(hook.get("result"))
    mark = HOOK_MARKS.get(result, "✘")
    problem = problem_of(hook)
    why = hook.get("reason") or (problem.what.rstrip().rpartition("\n")[2] if problem else "")
    facts = [result, *([duration(hook["seconds"])] if "seconds" in hook else []), *([str(why)] if why else [])]
    return marked(f"{mark} {name}") + f"  {shown(', '.join(facts))}"
