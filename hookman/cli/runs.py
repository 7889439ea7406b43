"""Past runs, for the commands that show them."""

from __future__ import annotations

import os

from hookman import paths
from hookman.runner import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

GOOD = ("ok", "skipped")  # results of hooks that are no failure


def all_runs(data: str, *, failed: bool = False) -> Iterator[dict[str, Any]]:
    """Every run in the log of every project, newest first; `failed` as in history.runs."""
    folder = os.path.join(data, "projects")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for run in history.newest_of([history.runs(os.path.join(folder, name), failed=failed) for name in names]):
        if run.get("v", history.VERSION) > history.VERSION:
            run = {**run, "result": f"written by a newer hookman (format {run['v']})"}  # noqa: PLW2901
        yield run


def went_wrong(run: dict[str, Any]) -> bool:
    """Did anything in this run fail, a post hook that only warned included?"""
    hooks = run.get("hooks", [])
    return run.get("result") != "ok" or any(hook.get("result") not in GOOD for hook in hooks)


def command_line(run: dict[str, Any]) -> list[str]:
    """What was typed."""
    argv = [str(word) for word in run.get("argv", [])]
    return argv if argv[:1] == ["hookman"] else ["docker", *argv]


def output_of(data: str, run: dict[str, Any], hook: dict[str, Any]) -> Iterator[bytes]:
    """The lines that a hook of a run printed."""
    if not hook.get("output"):
        return
    directory = paths.project_data_dir(data, run.get("project", ""))
    try:
        with open(os.path.join(directory, history.OUTPUT, str(run["run"]), hook["output"]), "rb") as file:
            yield from file
    except OSError:
        yield b"(its output is gone)"
