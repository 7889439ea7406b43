"""Which runs of the log are shown: those of a project, that failed, of a user, on a machine, with a docker context."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.messages import shown
from hookman.base.records import record
from hookman.base.suggestion import did_you_mean
from hookman.log.reader import went_wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

SHOWN_NAMES = 8  # of what there is, where nothing is near to a wrong name


@record
class Choice:
    """Which runs are shown."""

    project: str | None  # only this one, by its name or directory
    directory: str  # the real one of the project whose log is read, "" for those of all
    failed: bool  # only those in which something failed
    after: float  # only those that ended after this moment, in seconds since 1970
    origin: dict[str, str] = {}  # noqa: RUF012 (frozen): only those with this user, host or context

    @property
    def is_every_run(self) -> bool:
        """Is no run left out, but for those of projects other than this one?"""
        return self.project is None and not self.failed and not self.after and not self.origin

    @property
    def is_of_several(self) -> bool:
        """May it be runs of several projects?"""
        return self.project is None and not self.directory

    def takes(self, run: dict[str, Any]) -> bool:
        """Is it a run of that project and origin, and did something fail in it, if that is asked for?"""
        of_project = self.project is None or (
            run.get("name") == self.project or run.get("project") == os.path.realpath(self.project)
        )
        has_origin = all(value in names(run, key) for key, value in self.origin.items())
        return of_project and has_origin and (not self.failed or went_wrong(run))

    def unknown_origin(self, runs: Iterable[dict[str, Any]]) -> Problem | None:
        """What is wrong with a user, host or context that none of the `runs` has; None if each has one."""
        there: dict[str, dict[str, None]] = {key: {} for key in self.origin}
        for run in runs:
            for key, found in there.items():
                found.update(dict.fromkeys(names(run, key)))
        for key, value in self.origin.items():
            if value not in there[key]:
                some = ", ".join(map(shown, list(there[key])[:SHOWN_NAMES]))
                otherwise = f"there are runs with: {some}" if some else f"no run here has a {key}"
                return Problem(
                    what=f"no run in the log has the {key} {value}", fix=did_you_mean(value, there[key], otherwise)
                )
        return None


def names(run: dict[str, Any], key: str) -> list[str]:
    """The names by which a run is found: for `user` also the one who called sudo. An old record has none."""
    found = [run.get(key), *([run.get("caller")] if key == "user" else [])]
    return [str(name) for name in found if name]
