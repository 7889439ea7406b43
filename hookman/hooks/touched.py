"""Which services and profiles a command line touches, as Compose itself resolves the project."""

from __future__ import annotations

from hookman.base.records import record
from hookman.compose.services import needs_of, with_needed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation

    Model = Callable[[], Mapping[str, Any] | None]

WITH_DEPENDENCIES = ("up", "create", "run", "scale", "start", "watch")
ON_DEMAND = ("with-dependencies", "include-deps")  # flags of build, pull and push


@record
class Touched:
    """What a command line touches; `known` are all services of the project, empty if Compose did not say."""

    services: Everything | frozenset[str]
    profiles: Everything | frozenset[str]
    known: tuple[str, ...] = ()
    known_profiles: frozenset[str] = frozenset()  # of all services


class Everything:
    """Every name."""

    def __contains__(self, name: object) -> bool:
        return True


def touched(invocation: Invocation, environ: Mapping[str, str], model: Model) -> Touched:
    """What `invocation` touches; `environ` is what Compose uses, `model` gives its answer to `config`, or None."""
    named = invocation.services
    profiles = invocation.global_flags.get("profile") or environ.get("COMPOSE_PROFILES", "").split(",")
    active = {name.strip() for name in profiles if name.strip()}
    found = model()
    services = found.get("services") if found else None
    if not isinstance(services, dict):
        return Touched(services=frozenset(named) if named else Everything(), profiles=_profiles(active))
    for name in named:
        active |= set(_of(services, name, "profiles"))
    if named:
        reached = with_needed(named, lambda name: needs_of(services, name)) if reaches(invocation) else set(named)
    else:
        everything = _profiles(active)
        reached = {
            name
            for name in services
            if not (profiles := _of(services, name, "profiles")) or any(profile in everything for profile in profiles)
        }
    return Touched(
        services=frozenset(reached),
        profiles=_profiles(active),
        known=tuple(services),
        known_profiles=frozenset().union(*(_of(services, name, "profiles") for name in services)),
    )


def reaches(invocation: Invocation) -> bool:
    """Does the command touch what the named services depend on, too?"""
    if invocation.subcommand in WITH_DEPENDENCIES:
        return not invocation.switched("no-deps")
    return any(map(invocation.switched, ON_DEMAND))


def _of(services: Mapping[str, Any], name: str, key: str) -> list[str]:
    """The names that a service has under `key`: a list, or the keys of a table."""
    service = services.get(name)
    found = service.get(key) if isinstance(service, dict) else None
    return [name for name in found if isinstance(name, str)] if isinstance(found, (list, dict)) else []


def _profiles(active: set[str]) -> Everything | frozenset[str]:
    return Everything() if "*" in active else frozenset(active)
