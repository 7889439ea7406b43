"""What the keys of a hook in a container need of each other. Loaded only where a table has one of them."""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.settings.hookman_toml import IN_CONTAINER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

EXEC, RUN = "exec", "run"


def mode_at(phase: str, table: Mapping[str, Any]) -> str:
    """How the hook with this table gets into a container in `phase`: into one that runs, or one of its own."""
    return str(table.get("mode") or (RUN if phase == "pre" else EXEC))


def check(name: str, table: Mapping[str, Any], place_of: Callable[[str], str]) -> None:
    """Check a complete table that has keys about containers; `place_of` says where one is set. Raises ConfigError."""
    if "service" not in table:
        key = next(key for key in IN_CONTAINER if key in table)
        raise _error(place_of(key), f"{name} has {key}, but no service", 'say in which service: service = "web"')
    if "run" not in table:
        what = f"{name} has service, but no run: scripts and functions run on the host"
        raise _error(place_of("service"), what, "declare a hook with run, or remove service")
    modes = {mode_at(event.rpartition(".")[2], table) for event in table["on"]}
    if table.get("replicas") == "all" and RUN in modes:
        what = f"{name} has replicas, but runs in one new container"
        fix = "remove replicas" if table.get("mode") == RUN else 'set mode = "exec": in pre the default is "run"'
        raise _error(place_of("replicas"), what, fix)


def _error(place: str, what: str, fix: str) -> ConfigError:
    return ConfigError(f"{place}: {what}", fix, place)
