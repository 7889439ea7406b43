"""The hooks that a run did not reach, because something went wrong before them."""

from __future__ import annotations

from hookman.base.errors import HookmanError
from hookman.hooks.planned import POST, PRE, RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.log.writer import Journal
    from hookman.run.hook_runner import HookRunner


def not_reached(runner: HookRunner, journal: Journal) -> list[dict[str, str]]:
    """Event and name of the hooks that would have followed; pre hooks only if the command itself did not run.

    What can't be planned any more (a hooks.sh that is broken, say) is left out.
    """
    phases = (POST,) if "compose" in journal.head else (PRE, POST)
    ended = {(hook["event"], hook["name"]) for hook in journal.hooks}
    try:
        planned = [hook for phase in phases for hook in runner.planned(phase) if hook.action == RUN and hook.certain]
    except HookmanError:
        return []
    return [{"event": hook.event, "name": hook.name} for hook in planned if (hook.event, hook.name) not in ended]
