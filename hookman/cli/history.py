"""How hooks ended in past runs, for the commands that show hooks."""

from __future__ import annotations

import itertools
import statistics

from hookman.base import paths
from hookman.hooks.scope import Scope
from hookman.log import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # (event, name) → the records of a hook, the newest first
    Past = dict[tuple[str, str], list[dict[str, Any]]]

LOOK_BACK = 200  # runs from which results and times are taken


def past_runs(now: Scope) -> Past:
    """How each hook ended in the last runs: (event, name) → its records, the newest first."""
    found: Past = {}
    runs = store.runs(paths.project_data_dir(now.data, now.project.real))
    for run in itertools.islice(runs, LOOK_BACK):
        for hook in run.get("hooks", []):
            found.setdefault((hook.get("event", ""), hook.get("name", "")), []).append(hook)
    return found


def median(records: list[dict[str, Any]]) -> float | None:
    """The median of a hook's times in seconds; None if it never ran."""
    seconds = [run["seconds"] for run in records if "seconds" in run]
    return round(statistics.median(seconds), 3) if seconds else None


def last(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How a hook ended the last time; None if it never ran."""
    return {key: records[0].get(key) for key in ("result", "exit_code", "seconds", "started")} if records else None
