"""Runs that go on: what has happened in them between two looks at the log."""

from __future__ import annotations

from hookman.base.records import record
from hookman.log.news import News
from hookman.log.reader import RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


@record
class Change:
    """A run or one of its hooks began or ended."""

    run: dict[str, Any]  # its record, as far as it is
    hook: dict[str, Any] | None  # None: it is about the run itself
    started: bool  # False: it ended
    at: float  # seconds since the epoch


class Watcher:
    """Looks at the log again and again. `takes` says which runs are of interest."""

    def __init__(self, news: News, takes: Callable[[dict[str, Any]], bool]) -> None:
        self._news = news
        self._takes = takes
        self._told: dict[str, set[tuple[int, bool]]] = {}  # by run: the hooks whose start or end was told; -1: the run

    def look(self) -> list[Change]:
        """What happened since the last look, and all that happened in runs that are new to us, in its order."""
        going, ended = self._news.look()
        found: list[Change] = []
        for run in filter(self._takes, [*ended, *going]):
            told = self._told.setdefault(run["run"], set())
            found += [change for key, change in _changes(run) if key not in told]
            told.update(key for key, _ in _changes(run))
        for run in ended:
            self._told.pop(run["run"], None)
        return sorted(found, key=lambda change: change.at)


def ended_at(run: dict[str, Any]) -> float:
    """When the run ended, in seconds since the epoch; when it began, if that is not known."""
    return float(run.get("ended") or run.get("started") or 0)


def _changes(run: dict[str, Any]) -> Iterator[tuple[tuple[int, bool], Change]]:
    """All that happened in a run until now, each with a key that stays the same.

    Hooks are in the order in which they ended, then those that run in the order in which they began. So the number of
    one that ended stays, and there are as many that were told to have begun as have.
    """
    began = float(run.get("started") or 0)
    yield (-1, True), Change(run=run, hook=None, started=True, at=began)
    at = began
    for number, hook in enumerate(run.get("hooks", [])):
        started = float(hook.get("started") or at)
        if hook.get("result") != "skipped":
            yield (number, True), Change(run=run, hook=hook, started=True, at=started)
        at = max(at, started)
        if hook.get("result") != RUNNING:
            at = max(at, started + float(hook.get("seconds") or 0))
            yield (number, False), Change(run=run, hook=hook, started=False, at=at)
    if run.get("result") != RUNNING:
        yield (-1, False), Change(run=run, hook=None, started=False, at=max(at, ended_at(run)))
