"""Runs as they go on: what is new in them between two looks at the log."""

from __future__ import annotations

import time

from hookman.base.records import record
from hookman.log.reader import all_runs, runs_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

LATE = 10.0  # seconds by which a record may come after the end that is in it


@record
class Event:
    """A run or one of its hooks began or ended."""

    run: dict[str, Any]  # its record, as far as it is
    hook: dict[str, Any] | None  # None: it is about the run itself
    started: bool  # False: it ended
    at: float  # seconds since the epoch


class Watcher:
    """Looks at the log again and again. `takes` says which runs are of interest; `project` as in reader.all_runs."""

    def __init__(self, data: str, project: str, takes: Callable[[dict[str, Any]], bool]) -> None:
        self._data = data
        self._project = project
        self._takes = takes
        self._since = time.time()  # when it looked last
        self._told: dict[str, set[tuple[int, bool]]] = {}  # by run: the hooks whose start or end was told; -1: the run
        self._ended: set[str] = set()

    def look(self) -> list[Event]:
        """What happened since the last look, and all that happened in runs that are new to us, in its order."""
        found: list[Event] = []
        for run in self._latest():
            told = self._told.setdefault(run["run"], set())
            for key, event in _events(run):
                if key not in told:
                    told.add(key)
                    found.append(event)
            if run.get("result") != "running":
                self._ended.add(run["run"])
                del self._told[run["run"]]
        return sorted(found, key=lambda event: event.at)

    def _latest(self) -> list[dict[str, Any]]:
        """The runs under way, and those that ended since the last look."""
        since, self._since = self._since, time.time()
        found = {}
        for run in all_runs(self._data, project=self._project):
            if run.get("result") != "running" and ended_at(run) < since - LATE:
                break
            if ended_at(run) >= since or run["run"] in self._told or run.get("result") == "running":
                found[run["run"]] = run
        # The record of a killed run has no end: it is among those of the time at which it began.
        killed = [run for name in self._told if name not in found for run in runs_named(self._data, name)]
        latest = [*found.values(), *killed]
        return [run for run in latest if run["run"] not in self._ended and self._takes(run)]


def ended_at(run: dict[str, Any]) -> float:
    """When the run ended, in seconds since the epoch; when it began, if that is not known."""
    return float(run.get("ended") or run.get("started") or 0)


def _events(run: dict[str, Any]) -> Iterator[tuple[tuple[int, bool], Event]]:
    """All that happened in a run until now, each with a key that stays the same."""
    began = float(run.get("started") or 0)
    yield (-1, True), Event(run=run, hook=None, started=True, at=began)
    at = began
    for number, hook in enumerate(run.get("hooks", [])):
        at = max(at, float(hook.get("started") or at))
        if hook.get("result") != "skipped":
            yield (number, True), Event(run=run, hook=hook, started=True, at=at)
        if run.get("result") != "running" or hook.get("result") != "interrupted" or "exit_code" in hook:
            at += float(hook.get("seconds") or 0)
            yield (number, False), Event(run=run, hook=hook, started=False, at=at)
    if run.get("result") != "running":
        yield (-1, False), Event(run=run, hook=None, started=False, at=max(at, ended_at(run)))
