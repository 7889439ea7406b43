"""One attempt of a hook: how its process ended. Most hooks have one."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.hooks.planned import PlannedHook
    from hookman.run.hook_process import Ended


@record
class Attempt:
    """How an attempt of `hook` ended, and where its output is."""

    hook: PlannedHook  # with the name by which it failed
    ended: Ended
    started: float  # seconds since 1970
    output: str  # the name of the file
    problem: Problem | None = None  # if more is known than how its process ended
    made: list[dict[str, Any]] = []  # noqa: RUF012 (frozen): all attempts, if there were several
