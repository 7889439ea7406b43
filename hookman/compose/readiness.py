"""When is an attached `up` up? The judge: it is told events and lists, and starts nothing.

Measured rules (docs/design/traps.md E): Compose attaches to each container when all creating and
recreating is done, so the first `attach` (or `start`) event says that the containers are those
of this `up`. From then on, after each event that can change the answer, a list is asked for and
each service judged: running (and healthy where it has a check), or ended with 0 in this very run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARKERS = ("attach", "start")
TELLING = ("attach", "start", "die", "health_status", "destroy", "rename")
SERVICE = "com.docker.compose.service"
AFTER_EVENT = 0.02  # seconds to let the events of one change come in before looking
SETTLED = 0.35  # seconds that everything must have been up: a crash at the start is not up
LOOK = 2.0  # seconds after which to look without an event
STOP_SIGNALS = ("2", "3", "9", "15")  # those that stop a container; others, such as HUP, tell it something


class Readiness:
    """Judges the containers of one attached `up`. Times are those of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.services: set[str] | None = None  # of this `up`; None: all of the project
        self.completing: set[str] = set()  # those that must end with 0
        self.next_look: float | None = None  # None: not before an event
        self.created: float | None = None  # when all creating was done
        self.waits_for = ""  # the containers that were not up at the last look, with their states
        self._ended_well: set[str] = set()  # container ids
        self._stopped: set[str] = set()
        self._removed = False  # has somebody removed a container since all creating was done?
        self._good_since: float | None = None

    def event(self, event: dict[str, Any], now: float) -> None:
        """Take an event of one of the project's containers."""
        action = str(event.get("Action", "")).partition(":")[0]
        actor = _table(event.get("Actor"))
        container, attributes = str(actor.get("ID", "")), _table(actor.get("Attributes"))
        if action in MARKERS and self.created is None:
            self.created = now
            self._stopped.clear()  # those were replaced
        if action == "start":
            self._ended_well.discard(container)
            self._stopped.discard(container)
        if action == "kill" and attributes.get("signal", "15") in STOP_SIGNALS:
            self._stopped.add(container)  # somebody stops it: how it ends then says nothing
        if action == "die" and attributes.get("exitCode") == "0":
            self._ended_well |= {container} - self._stopped
        if action == "destroy" and self.created is not None:
            self._removed = True
        if self.created is not None and action in TELLING:
            self.next_look = now + AFTER_EVENT

    @property
    def stopped(self) -> bool:
        """Has somebody stopped a container since it was started?"""
        return bool(self._stopped)

    def were_up(self, containers: list[dict[str, Any]]) -> bool:
        """Once Compose has ended with 0: had all of them come up? So with one-shots alone, and with none at all."""
        mine = self._mine(containers)
        return not self._removed and all(map(self._is_up, mine)) and (self.created is not None or not mine)

    def look(self, containers: list[dict[str, Any]], now: float) -> bool:
        """Are all of them up, and have been for a moment? `containers` is the engine's list."""
        mine = self._mine(containers)
        self.waits_for = ", ".join(sorted({self._shown(container) for container in mine if not self._is_up(container)}))
        if not mine or self.waits_for:
            self._good_since = None
            self.next_look = now + LOOK
            return False
        if self._good_since is None:
            self._good_since = now
        if now - self._good_since >= SETTLED:
            return True
        self.next_look = self._good_since + SETTLED
        return False

    def _mine(self, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            container for container in containers if self.services is None or self._service(container) in self.services
        ]

    def _shown(self, container: dict[str, Any]) -> str:
        """A container that is not up, for people: web (unhealthy)."""
        state, status = str(container.get("State", "")), str(container.get("Status", ""))
        if state == "running":
            health = status.rpartition("(")[2].rstrip(")") if "(" in status else "has not ended"
            return f"{self._service(container)} ({health.removeprefix('health: ')})"
        ending = status.partition(")")[0] + ")" if status.startswith("Exited (") else state
        return f"{self._service(container)} ({ending.lower().replace(' (', ' ').rstrip(')')})"

    def _is_up(self, container: dict[str, Any]) -> bool:
        if self._id(container) in self._stopped:
            return False
        if container.get("State") == "running":
            status = str(container.get("Status", ""))
            healthy = ("(health" not in status and "(unhealthy)" not in status) or "(healthy)" in status
            return healthy and self._service(container) not in self.completing
        return container.get("State") == "exited" and self._id(container) in self._ended_well

    @staticmethod
    def _id(container: dict[str, Any]) -> str:
        return str(container.get("Id", ""))

    @staticmethod
    def _service(container: dict[str, Any]) -> str:
        return str(_table(container.get("Labels")).get(SERVICE, ""))


def _table(value: object) -> dict[str, Any]:
    """`value`, or an empty table where an engine sends something else."""
    return value if isinstance(value, dict) else {}


def services_of(config: dict[str, Any], named: list[str]) -> tuple[set[str], set[str]]:
    """The services that an `up` of `named` (all, if none) brings up, and those of them that must end with 0.

    `config` is what `docker compose config --format json` shows.
    """
    services: dict[str, Any] = config.get("services") or {}
    found: set[str] = set()
    completing: set[str] = set()
    waiting = list(named or services)
    while waiting:
        name = waiting.pop()
        if name in found or name not in services:
            continue
        found.add(name)
        needs = _needs(services[name])
        completing |= {service for service, how in needs.items() if how == "service_completed_successfully"}
        waiting += needs
    own = {name for name in found if "provider" not in services[name]}
    return own, completing & own


def _needs(service: dict[str, Any]) -> dict[str, str]:
    """What a service needs: service → condition."""
    needs = {name: need.get("condition", "") for name, need in (service.get("depends_on") or {}).items()}
    for link in service.get("links") or []:
        needs.setdefault(link.partition(":")[0], "")
    for key in ("network_mode", "ipc", "pid"):
        kind, _, name = str(service.get(key) or "").partition(":")
        if kind == "service":
            needs.setdefault(name, "")
    for volume in service.get("volumes_from") or []:
        if not volume.startswith("container:"):
            needs.setdefault(volume.partition(":")[0], "")
    return needs
