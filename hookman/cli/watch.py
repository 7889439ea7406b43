"""hookman watch: what runs now, in all projects."""

from __future__ import annotations

import os
import shutil
import sys
import time

import click

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.quoting import shell_quoted
from hookman.cli import as_json, colour
from hookman.cli.watch_frame import PAST, Scene, lines
from hookman.lock.local import ProjectLock
from hookman.lock.places import lock_directories
from hookman.log.news import News
from hookman.log.reader import all_runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLAIN = (100_000, 1000)  # columns and lines of a frame where there is no terminal


@click.command(short_help="Show what runs now in all projects, live.")
@as_json.option
@colour.option
@click.pass_context
def command(context: click.Context, *, is_json: bool) -> int:
    """Show what runs now in all projects, live: hooks with clocks, who waits for a lock, and what the hooks print.

    q or Ctrl-C leaves. Where the output is not a terminal, it prints what runs now, and ends.

    The live view needs the library rich, which comes with the extra `ui` of the package:
    `pipx install '.[ui]'` in a checkout, or `pipx inject hookman-compose rich`. Without it,
    `hookman watch | cat` shows what runs now.
    """
    data = paths.data_dir(context.obj)
    scenes = Scenes(data)
    if is_json:
        as_json.show(_document(scenes.next()))
        return 0
    if not os.isatty(1) or context.obj.get("TERM", "dumb") == "dumb":
        size = shutil.get_terminal_size(PLAIN)
        for line in lines(data, scenes.next(), size.columns, max(size.lines, PLAIN[1]), is_live=False):
            click.echo(line)
        return 0
    try:
        from hookman.cli.watch_live import LiveView
    except ImportError as error:
        raise HookmanError(
            "the live view needs the library rich, which is not installed",
            f"{shell_quoted(sys.executable)} -m pip install rich",
        ) from error

    def frame(columns: int, height: int) -> list[str]:
        found = lines(data, scenes.next(), columns, height, is_live=True)
        return found if context.color else [click.unstyle(line) for line in found]

    return LiveView(frame).run()


class Scenes:
    """What runs now, again and again; and the last runs that have ended."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._news = News(data, time.time())
        self._ended = _last(data)

    def next(self) -> Scene:
        """What there is now."""
        going, ended = self._news.look()
        known = {run["run"] for run in ended}
        self._ended = [*reversed(ended), *(run for run in self._ended if run["run"] not in known)][:PAST]
        projects = dict.fromkeys(str(run.get("project")) for run in going)
        waiting = {project: found for project in projects if (found := self._waiting(project))}
        return Scene(runs=going, waiting=waiting, ended=self._ended, now=time.time())

    def _waiting(self, project: str) -> list[dict[str, Any]]:
        locks = map(ProjectLock, lock_directories(paths.project_data_dir(self._data, project)))
        return [
            {"command": claim.command, "pid": claim.pid, "since": claim.since, "host": claim.host}
            for lock in locks
            for claim in lock.waiters()
        ]


def _last(data: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for run in all_runs(data):
        if "ended" in run:
            found.append(run)
        if len(found) == PAST:
            break
    return found


def _document(scene: Scene) -> dict[str, Any]:
    return {"runs": [{**run, "waiting": scene.waiting.get(str(run.get("project")), [])} for run in scene.runs]}
