"""What a hook waits for before it starts, and what has been waited for already (DESIGN 1.10).

How it waits is in until_ready.py, which a run loads only if there is something to wait for.
"""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.base.records import record
from hookman.compose.steps import Wait
from hookman.hooks.planned import POST, RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.display import Display
    from hookman.run.operation import Operation
    from hookman.settings.hookman_toml import Settings

NONE = "none"
ORDER = (NONE, "running", "healthy")  # each is more than the one before
STARTING = ("up", "start", "restart", "scale")  # the commands after which services run that did not run before


@record
class NotReady:
    """The services did not come up, so the hook does not run."""

    problem: Problem = Problem(what="it was stopped")
    timed_out: bool = False
    interrupted: int = 0  # the signal that ended the wait, else 0


class Waits:
    """The waits of one run. Within a phase, hooks wait for the same thing only once."""

    def __init__(self, signals: Signals, journal: Journal, display: Display) -> None:
        self.signals = signals
        self.journal = journal
        self.display = display
        self.waited = 0.0  # seconds that an attached `up` has waited already, in vain
        self.asked = False  # the engine, before the last hook
        self._event = ""
        self._found: dict[str, str] = {}  # service ("" for all that the command touches) → what it is

    def before(
        self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None], *, beside: bool, most: float
    ) -> NotReady | None:
        """Wait until what the hook waits for is there; None if it is, or if there is nothing to wait for.

        `beside`: Compose has the terminal. `most`: seconds that this may take, whatever is set; 0 for no such limit.
        """
        if self._event != hook.event:
            self._event, self._found = hook.event, {}
        self.asked = False
        wants, service = wanted(hook, op.scope.settings, op.lookup.invocation), str(hook.keys.get("service", ""))
        if wants == NONE or max(map(ORDER.index, self._known(service))) >= ORDER.index(wants):
            return None
        from hookman.run.until_ready import Patience, until_ready

        self.asked = True
        limit = limit_of(hook, op.scope.settings)
        patience = Patience(limit=min(limit or most, most or limit), waited=self.waited, beside=beside)
        found, ready = until_ready(self, hook, op, exports, wants, patience)
        self.waited = 0.0
        if found is None:
            self._found.update(dict.fromkeys([service, *ready], wants))
        return found

    def found(self, event: str, wants: str, waited: float) -> None:
        """Note what an attached `up` found: all that it touches is what `wants` says, or it `waited` in vain."""
        self._event, self._found, self.waited = event, {"": wants}, waited

    def _known(self, service: str) -> list[str]:
        return [NONE, *([self._found[service]] if service in self._found else [])]


def wanted(hook: PlannedHook, settings: Settings, invocation: Invocation | None = None) -> str:
    """What the hook waits for: healthy, running or none. `invocation` is the command line, where there is one."""
    if invocation and invocation.switched("no-start"):
        return NONE
    default = settings.wait if hook.phase == POST and hook.event.split(".")[1] in STARTING else NONE
    return str(hook.keys.get("wait", default))


def limit_of(hook: PlannedHook, settings: Settings) -> float:
    """How many seconds the hook waits; 0 for no limit."""
    return float(hook.keys.get("wait_timeout", settings.wait_timeout))


def facts(hook: PlannedHook, settings: Settings, invocation: Invocation | None = None) -> dict[str, Any]:
    """What the hook waits for and how long, for JSON; nothing if it does not wait."""
    wants = wanted(hook, settings, invocation)
    return {} if wants == NONE else {"wait": wants, "wait_timeout": limit_of(hook, settings)}


def of_attached(op: Operation, hooks: Iterable[PlannedHook]) -> Wait:
    """What an attached `up` waits for before the first of its post `hooks`; one of a service waits for that itself."""
    first = next((hook for hook in hooks if hook.phase == POST and hook.action == RUN), None)
    settings = op.scope.settings
    if first is None:
        return Wait(wants=settings.wait, limit=settings.wait_timeout)
    wants = NONE if first.keys.get("service") else wanted(first, settings)
    return Wait(wants=wants, limit=limit_of(first, settings))
