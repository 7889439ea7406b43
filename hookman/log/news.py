"""What is new in the logs of all projects, for the commands that show runs while they happen."""

from __future__ import annotations

from hookman.log import reader, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class News:
    """Looks again and again. A log that has not changed since the last look is not read.

    `project` is as in reader.all_runs. `known` are runs that have ended, which are no news.
    """

    def __init__(self, data: str, since: float, project: str = "", known: Iterable[str] = ()) -> None:
        self._data = data
        self._project = project
        self._since = since  # runs that ended before this moment are no news
        self._stamps: dict[str, tuple[int, int]] = {}
        self._told = set(known)  # the runs that have ended
        self._going: set[str] = set()  # those that were under way at the last look

    def look(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The runs under way, the oldest first, and those that have ended since the last look."""
        going: list[dict[str, Any]] = []
        ended: list[dict[str, Any]] = []
        for directory in reader.directories(self._data, self._project):
            # In this order: a run that ends meanwhile is in both, and none is in neither.
            going += map(reader.understood, store.under_way(directory))
            stamp = store.stamp(directory)
            if stamp != self._stamps.get(directory):
                self._stamps[directory] = stamp
                ended += self._ended(directory)
        self._told.update(str(run["run"]) for run in ended)
        going = [run for run in going if run["run"] not in self._told]
        ended += self._killed([run for run in going if run.get("result") != reader.RUNNING])
        going = [run for run in going if run.get("result") == reader.RUNNING]
        self._going = {str(run["run"]) for run in going}
        return sorted(going, key=_began), sorted(ended, key=lambda run: float(run.get("ended", "inf")))

    def _ended(self, directory: str) -> list[dict[str, Any]]:
        found = []
        for run in store.finished(directory):
            if float(run.get("ended", run.get("started", 0))) < self._since:
                break
            if run["run"] not in self._told:
                found.append(reader.understood(run))
        return found

    def _killed(self, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those killed since: they are told once, and not again when the next run puts them into the log."""
        fresh = [run for run in runs if run["run"] in self._going or _began(run) >= self._since]
        self._told.update(str(run["run"]) for run in fresh)
        return fresh


def _began(run: dict[str, Any]) -> float:
    return float(run.get("started", 0))
