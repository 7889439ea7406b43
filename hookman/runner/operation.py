"""An operation: what is to be run, as data."""

from __future__ import annotations

from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.config import Config
    from hookman.environment import Surroundings
    from hookman.hooks.plan import PlannedHook, Skips


@record
class Operation:
    """What is to be run: one command on one project, and everything that its hooks need."""

    command: str  # up, db_export
    args: list[str]  # what its functions get
    post_args: list[str] | None = None  # what they get in the post phase, where that is something else
    where: Surroundings
    # Looks at the project again, where it was and after these exports of functions.
    again: Callable[[Surroundings, Mapping[str, str | None]], Surroundings]
    config: Config
    skip: Skips
    planned: list[PlannedHook] | None = None  # the pre hooks, if they were planned a moment ago
    attached: bool = False  # an `up` that stays in the foreground: post hooks run beside it
    post_hooks: bool = False  # there were some when the run began
