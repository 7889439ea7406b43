"""Compose's own hooks in the JSON of our commands."""

from __future__ import annotations

from hookman.base.messages import redactor
from hookman.compose.own_hooks import OwnHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMPOSE = "compose"  # their kind, and their action: Compose runs them


def own_key(hook: OwnHook, command: str) -> dict[str, Any]:
    """What --json says of one of them at `command`."""
    return {
        "event": f"project.{command}",
        "name": hook.name,
        "kind": COMPOSE,
        "path": hook.path,
        "action": COMPOSE,
        "service": hook.service,
        "hook": hook.kind,
        "command": redactor.shown(hook.command),
        "profiles": list(hook.profiles),
    }
