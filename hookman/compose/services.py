"""The services of a project: which need which, as Compose's `config` and the labels of its containers say it."""

from __future__ import annotations

from hookman.compose.labels import NEEDS, label_of, service_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

COMPLETED = "service_completed_successfully"


def with_needed(named: Iterable[str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """The services `named`, and all that they need; `needs` gives the services that one service needs directly."""
    found: set[str] = set()
    rest = list(named)
    while rest:
        name = rest.pop()
        if name not in found:
            found.add(name)
            rest += needs(name)
    return found


def services_of(config: dict[str, Any], named: list[str]) -> tuple[set[str], set[str]]:
    """The services that an `up` of `named` (all, if none) brings up, and those of them that must end with 0.

    `config` is what `docker compose config --format json` shows.
    """
    services: dict[str, Any] = config.get("services") or {}
    found = with_needed(named or services, lambda name: needs_of(services, name)) & services.keys()
    needs = [needs_of(services, name) for name in found]
    completing = {name for one in needs for name, how in one.items() if how == COMPLETED}
    own = {name for name in found if "provider" not in services[name]}
    return own, completing & own


def reached(containers: list[dict[str, Any]], named: list[str]) -> set[str]:
    """The services `named`, and all that they need according to the labels of their containers."""
    needs: dict[str, set[str]] = {}
    for container in containers:
        needs.setdefault(service_of(container), set()).update(_labelled(container))
    return with_needed(named, lambda name: needs.get(name, ()))


def completing_of(containers: list[dict[str, Any]], services: set[str] | None) -> set[str]:
    """The services that must end with 0, because one of `services` (None: any) needs that according to its labels."""
    mine = (one for one in containers if services is None or service_of(one) in services)
    return {name for one in mine for name, how in _labelled(one).items() if how == COMPLETED}


def _labelled(container: dict[str, Any]) -> Mapping[str, str]:
    """What the service of a container needs: service → condition."""
    parts = [part.split(":") for part in label_of(container, NEEDS).split(",") if part]
    return {part[0]: part[1] if len(part) > 1 else "" for part in parts}


def needs_of(services: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a service needs directly: service → condition, "" where the file names none.

    `services` are those that Compose's `config` shows.
    """
    service = services.get(name)
    if not isinstance(service, dict):
        return {}
    needs = _of_depends_on(service.get("depends_on"))
    for link in service.get("links") or []:
        needs.setdefault(link.partition(":")[0], "")
    for key in ("network_mode", "ipc", "pid"):
        kind, _, other = str(service.get(key) or "").partition(":")
        if kind == "service":
            needs.setdefault(other, "")
    for volume in service.get("volumes_from") or []:
        if not volume.startswith("container:"):
            needs.setdefault(volume.partition(":")[0], "")
    return needs


def fix_of_wrong_service(name: str, known: Sequence[str]) -> str:
    """How to fix the name of a service that the project does not have; it has those that are `known`."""
    from hookman.base.suggestion import did_you_mean

    return did_you_mean(name, known, f"the services are: {', '.join(known)}")


def _of_depends_on(value: object) -> dict[str, str]:
    if isinstance(value, list):
        return {name: "" for name in value if isinstance(name, str)}
    if not isinstance(value, dict):
        return {}
    return {name: need.get("condition", "") if isinstance(need, dict) else "" for name, need in value.items()}
