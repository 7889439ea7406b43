"""Who ran a command, on which machine and with which docker context: the same keys in the record of each run."""

from __future__ import annotations

import os

from hookman.base import whoami
from hookman.compose.context import context_shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def origin(flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> dict[str, Any]:
    """These facts about a command with docker's global `flags`."""
    user = whoami.user()
    caller = whoami.caller(environ)
    facts = {"user": user, "uid": os.getuid(), "host": whoami.host(), "context": context_shown(flags, environ)}
    return {**facts, "caller": caller} if caller not in ("", user) else facts
