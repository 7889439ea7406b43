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


class Readiness:
    """Judges the containers of one attached `up`. Times are those of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.services: set[str] | None = None  # of this `up`; None: all of the project
        self.completing: set[str] = set()  # those that must end with 0
        self.next_look: float | None = None  # None: not before an event
        self.created: float | None = None  # when all creating was done
        self._ended_well: set[str] = set()  # container ids
        self._stopped: set[str] = set()
        self._good_since: float | None = None

    def event(self, event: dict[str, Any], now: float) -> None:
        """Take an event of one of the project's containers."""
        action = str(event.get("Action", "")).partition(":")[0]
        container = str(event.get("Actor", {}).get("ID", ""))
        if action in MARKERS and self.created is None:
            self.created = now
        if action == "start":
            self._ended_well.discard(container)
            self._stopped.discard(container)
        if action == "kill":  # somebody stops it: how it ends then says nothing
            self._stopped.add(container)
        if action == "die" and event["Actor"].get("Attributes", {}).get("exitCode") == "0":
            self._ended_well |= {container} - self._stopped
        if self.created is not None and action in TELLING:
            self.next_look = now + AFTER_EVENT

    def were_up(self, containers: list[dict[str, Any]]) -> bool:
        """Once Compose has ended with 0: had all of them come up? So with one-shots alone."""
        return self.created is not None and self._good(containers)

    def look(self, containers: list[dict[str, Any]], now: float) -> bool:
        """Are all of them up, and have been for a moment? `containers` is the engine's list."""
        good = self._good(containers)
        if not good:
            self._good_since = None
            self.next_look = now + LOOK
            return False
        if self._good_since is None:
            self._good_since = now
        if now - self._good_since >= SETTLED:
            return True
        self.next_look = self._good_since + SETTLED
        return False

    def _good(self, containers: list[dict[str, Any]]) -> bool:
        mine = [one for one in containers if self.services is None or self._service(one) in self.services]
        return bool(mine) and all(map(self._is_up, mine))

    def _is_up(self, container: dict[str, Any]) -> bool:
        if container.get("State") == "running":
            status = str(container.get("Status", ""))
            healthy = ("(health" not in status and "(unhealthy)" not in status) or "(healthy)" in status
            return healthy and self._service(container) not in self.completing
        return container.get("State") == "exited" and container.get("Id") in self._ended_well

    @staticmethod
    def _service(container: dict[str, Any]) -> str:
        return str((container.get("Labels") or {}).get(SERVICE, ""))


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
        completing |= {one for one, how in needs.items() if how == "service_completed_successfully"}
        waiting += needs
    own = {name for name in found if "provider" not in services[name]}
    return own, completing & own


def _needs(service: dict[str, Any]) -> dict[str, str]:
    """What a service needs: service → condition."""
    needs = {name: one.get("condition", "") for name, one in (service.get("depends_on") or {}).items()}
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
