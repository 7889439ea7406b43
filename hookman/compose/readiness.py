"""Decides whether containers are up. It gets events and lists, and starts nothing.

It is used beside an attached `up` and after a command that has ended, so the two can't differ.
Measured rules (docs/design/traps.md E): Compose attaches to each container when all creating and
recreating is done, so the first `attach` (or `start`) event says that the containers are those
of this `up`. From then on, after each event that can change the answer, a list is asked for and
each service judged: running (and healthy where it has a check), or ended with 0 in this very run.
A command that has ended well has started all of its containers, so no event has to say it.
"""

from __future__ import annotations

from hookman.compose.labels import service_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEALTHY, RUNNING, NONE = "healthy", "running", "none"  # what is waited for
MARKERS = ("attach", "start")
TELLING = ("attach", "start", "die", "health_status", "destroy", "rename")
AFTER_EVENT = 0.02  # seconds to let the events of one change come in before looking
SETTLED = 0.35  # seconds that a container without a health check must have run: a crash at the start is not up
LOOK = 2.0  # seconds after which to look without an event
STOP_SIGNALS = ("2", "3", "9", "15")  # those that stop a container; others, such as HUP, tell it something


class Readiness:
    """Judges the containers of one command. Times are those of one monotonic clock, in seconds.

    `wants` says what they must be. `ended` is when the command had started all of them, if it has ended; None for
    an attached `up`, whose events tell it.
    """

    def __init__(self, wants: str = HEALTHY, ended: float | None = None) -> None:
        self.wants = wants
        self.services: set[str] | None = None  # that count; None: all of the project
        self.completing: set[str] = set()  # those that must end with 0
        self.next_look = ended  # None: not before an event
        self.created = ended  # when all creating was done
        self.begun = ended  # when all had been started; the wait for them begins then
        self.waits_for = ""  # the containers that were not up at the last look, with their states
        self.died: list[dict[str, Any]] = []  # those that had ended badly at the last look
        self._is_after = ended is not None
        self._ended_well: set[str] = set()  # container ids
        self._ended_badly: set[str] = set()
        self._stopped: set[str] = set()
        self._crashed: set[str] = set()  # those that ended since they were started; the engine may start them again
        self.seen: set[str] = set()  # services that had a container at some look
        self._removed = False  # has somebody removed a container since all creating was done?
        self._good_since = ended

    def event(self, event: dict[str, Any], now: float) -> None:
        """Take an event of one of the project's containers."""
        action = str(event.get("Action", "")).partition(":")[0]
        actor = _table(event.get("Actor"))
        container, attributes = str(actor.get("ID", "")), _table(actor.get("Attributes"))
        if action in MARKERS and self.created is None:
            self.created = now
            self._stopped.clear()  # those were replaced
        if action == "start":
            for ended in (self._ended_well, self._ended_badly, self._stopped):
                ended.discard(container)
        if action == "kill" and attributes.get("signal", "15") in STOP_SIGNALS:
            self._stopped.add(container)  # somebody stops it: how it ends then says nothing
        if action == "die" and container not in self._stopped:
            self._end(container, str(attributes.get("exitCode", "")))
        if action == "destroy" and self.created is not None:
            self._removed = True
        if self.created is not None and action in TELLING:
            self.next_look = now + AFTER_EVENT

    def _end(self, container: str, code: str) -> None:
        """Note that a container has ended by itself."""
        (self._ended_well if code == "0" else self._ended_badly).add(container)
        if self.created is not None:
            self._crashed.add(container)

    @property
    def stopped(self) -> bool:
        """Has somebody stopped a container since it was started?"""
        return bool(self._stopped)

    def were_up(self, containers: list[dict[str, Any]]) -> bool:
        """After Compose has ended with 0: had all come up? True if there were only one-shots, or no containers."""
        mine = self._mine(containers)
        return not self._removed and all(map(self._is_up, mine)) and (self.created is not None or not mine)

    def look(self, containers: list[dict[str, Any]], now: float) -> bool:
        """Are all of them up, and have been for a moment? `containers` is the engine's list."""
        mine = self._mine(containers)
        self._note(mine, now)
        if self.waits_for or not (mine or self._is_after):
            self._good_since = None
            self.next_look = now + LOOK
            return False
        if self._good_since is None:
            self._good_since = now
        for_long = now - self._good_since >= SETTLED
        if self.wants != HEALTHY or all(self._has_settled(container, for_long=for_long) for container in mine):
            return True
        self.next_look = (now if for_long else self._good_since) + SETTLED
        return False

    def _has_settled(self, container: dict[str, Any], *, for_long: bool) -> bool:
        """Can it no longer crash at its start? It is healthy, has ended, or has run for a second or more.

        "Up 3 minutes" is by the engine's own clock. "Up Less than a second" tells nothing; then it must have been up
        `for_long`. For one that has crashed, and that the engine started again, that is too short.
        """
        status = str(container.get("Status", ""))
        if container.get("State") != "running" or _is_healthy(container):
            return True
        if status.startswith("Up ") and "Less than" not in status:
            return True
        return for_long and _id(container) not in self._crashed

    def _note(self, mine: list[dict[str, Any]], now: float) -> None:
        """Note what is not up, what died, and since when all have been started."""
        self._crashed |= {_id(container) for container in mine if container.get("State") == "restarting"}
        self.died = [container for container in mine if self._has_died(container)]
        there = set(map(service_of, mine))
        if self.services is not None:
            self.seen &= self.services
        gone = {f"{service} (gone)" for service in self.seen - there} if self._is_after else set()
        self.seen |= there
        bad = {_shown(container) for container in mine if not self._is_up(container)}
        self.waits_for = ", ".join(sorted(bad | gone))
        if self.begun is None and mine and all(map(self._has_begun, mine)):
            self.begun = now

    def _mine(self, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in containers if self.services is None or service_of(one) in self.services]

    def _has_begun(self, container: dict[str, Any]) -> bool:
        """Has it been started in this run?"""
        if container.get("State") == "exited":
            return self._is_after or _id(container) in self._ended_well | self._ended_badly | self._stopped
        return container.get("State") != "created"

    def _has_died(self, container: dict[str, Any]) -> bool:
        """Has it ended, and not as it should? One that the engine restarts is in another state."""
        if container.get("State") not in ("exited", "dead") or self._is_up(container):
            return False
        return self._is_after or _id(container) in self._ended_badly

    def _is_up(self, container: dict[str, Any]) -> bool:
        if self.wants == NONE:
            return self._has_begun(container)
        if _id(container) in self._stopped:
            return False
        if container.get("State") == "running":
            good = self.wants != HEALTHY or not _is_checked(container) or _is_healthy(container)
            return good and service_of(container) not in self.completing
        ended_well = _id(container) in self._ended_well or (self._is_after and exit_code(container) == "0")
        return container.get("State") == "exited" and ended_well


def exit_code(container: dict[str, Any]) -> str:
    """The exit code of a container that has ended; "" for another."""
    status = str(container.get("Status", ""))
    return status.partition("(")[2].partition(")")[0] if status.startswith("Exited (") else ""


def _shown(container: dict[str, Any]) -> str:
    """A container that is not up, for people: web (unhealthy)."""
    state, status = str(container.get("State", "")), str(container.get("Status", ""))
    if state == "running":
        health = status.rpartition("(")[2].rstrip(")") if "(" in status else "has not ended"
        return f"{service_of(container)} ({health.removeprefix('health: ')})"
    ending = status.partition(")")[0] + ")" if status.startswith("Exited (") else state
    return f"{service_of(container)} ({ending.lower().replace(' (', ' ').rstrip(')')})"


def _is_checked(container: dict[str, Any]) -> bool:
    status = str(container.get("Status", ""))
    return "(health" in status or "(unhealthy)" in status


def _is_healthy(container: dict[str, Any]) -> bool:
    return "(healthy)" in str(container.get("Status", ""))


def _id(container: dict[str, Any]) -> str:
    return str(container.get("Id", ""))


def _table(value: object) -> dict[str, Any]:
    """`value`, or an empty table where an engine sends something else."""
    return value if isinstance(value, dict) else {}
