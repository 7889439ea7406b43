"""Past runs, for the commands that show them."""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.base.errors import Problem
from hookman.base.messages import say
from hookman.log import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

GOOD = ("ok", "skipped")  # results of hooks that are no failure
RUNNING = "running"  # the result of a run under way, and of its hook that runs
COMPOSE = "docker-compose"  # the first word of a record's argv, if that was typed; else it is docker's arguments
RERUN = ["hookman", "rerun"]


def all_runs(
    data: str, *, project: str = "", failed: bool = False, tell: Callable[[str], None] = store.nobody
) -> Iterator[dict[str, Any]]:
    """Every run in the log of every project, newest first; `failed` and `tell` as in store.runs.

    `project`: only of the one with that real path.
    """
    sources = [store.runs(directory, failed=failed, tell=tell) for directory in directories(data, project)]
    return map(understood, store.newest_of(sources))


def runs_named(data: str, part: str) -> list[dict[str, Any]]:
    """The runs of any project whose id is, or begins or ends with, `part`. The id itself names one alone."""
    found = [understood(run) for directory in directories(data) for run in store.run_named(directory, part)]
    found = list({str(run["run"]): run for run in reversed(found)}.values())  # one that just ended was there twice
    return [run for run in found if run["run"] == part] or found


def directories(data: str, project: str = "") -> list[str]:
    """The data directories of all projects, or of the one with that real path."""
    if project:
        return [paths.project_data_dir(data, project)]
    folder = os.path.join(data, "projects")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []


def understood(run: dict[str, Any]) -> dict[str, Any]:
    """The run; of one in a format that is newer than we know, no result is claimed."""
    if run.get("v", store.VERSION) > store.VERSION:
        return {**run, "result": f"written by a newer hookman (format {run['v']})"}
    return run


class Spoilt:
    """Lines of the log that are not records of runs. They are reported once, at the end."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}

    def note(self, what: str) -> None:
        """Take the path of a log with one more such line, or a sentence about it."""
        self._found[what] = self._found.get(what, 0) + 1

    def say(self) -> None:
        """Report them."""
        for what, count in self._found.items():
            if os.path.basename(what) != store.LOG:
                say(what)
            else:
                lines = (
                    f"{count} lines of {what} are not records of runs"
                    if count > 1
                    else f"1 line of {what} is not a record of a run"
                )
                fix = "remove from it what hookman did not write"
                say(Problem(what=f"{lines}, so they are left out", where=what, fix=fix).line)
        self._found = {}


def went_wrong(run: dict[str, Any]) -> bool:
    """Did anything in this run fail, a post hook that only warned included?"""
    return run.get("result") not in ("ok", RUNNING) or bool(failures(run))


def failures(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The hooks of a run that did not go well, the first one first."""
    return [hook for hook in run.get("hooks", []) if hook.get("result") not in (*GOOD, RUNNING)]


def problem_of(record: dict[str, Any]) -> Problem | None:
    """What went wrong with a run or a hook; None where nothing did, or that is not known."""
    said = record.get("problem") or {}
    what, where, fix = (str(said.get(key, "")) for key in ("what", "where", "fix"))
    return Problem(what=what, where=where, fix=fix) if what else None


def reason_of(hook: dict[str, Any]) -> str:
    """Why a hook was skipped, or else its exit code."""
    return str(hook.get("reason") or (f"exit code {hook['exit_code']}" if "exit_code" in hook else ""))


def in_container(hook: dict[str, Any]) -> str:
    """Where a hook ran, if it was in a container: in shop-web-1 (shop-web), in a new container of web."""
    if not hook.get("service"):
        return ""
    if not hook.get("container"):
        return f"in a new container of {hook['service']}"
    return f"in {hook['container']} ({hook.get('image')})"


def who_and_where(run: dict[str, Any]) -> str:
    """Who ran it, where, and with which docker context, as far as its record says: me on laptop, context edge-1."""
    user = str(run.get("user", ""))
    if run.get("caller"):
        user += f" (called by {run['caller']})"
    parts = [f"{user} on {run['host']}" if run.get("host") else user]
    parts += [f"context {run['context']}"] if run.get("context") else []
    parts += [f"engine {run['engine']}"] if run.get("engine") else []
    return ", ".join(filter(None, parts))


def command_line(run: dict[str, Any]) -> list[str]:
    """The command line that was typed."""
    argv = [str(word) for word in run.get("argv", [])]
    return argv if argv[:1] in (["hookman"], [COMPOSE]) else ["docker", *argv]


def is_rerun(run: dict[str, Any]) -> bool:
    """Was it `hookman rerun`?"""
    return command_line(run)[:2] == RERUN


def output_of(data: str, run: dict[str, Any], hook: dict[str, Any], most: int = 0) -> Iterator[bytes]:
    """The lines that a hook of a run printed; those of the last `most` bytes if that is not 0."""
    if not hook.get("output"):
        return
    directory = paths.project_data_dir(data, run.get("project", ""))
    try:
        yield from store.output_lines(directory, run["run"], hook["output"], most)
    except OSError:
        yield b"(its output is gone)"
