"""Who ran a command, on which machine, with which docker context and engine: the same keys in each record of a run."""

from __future__ import annotations

import os

from hookman.base import whoami
from hookman.compose.context import context_shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.engine_id import EngineNote


def origin(note: EngineNote, environ: Mapping[str, str]) -> dict[str, Any]:
    """These facts about a command that works on the engine of `note`."""
    user = whoami.user()
    caller = whoami.caller(environ)
    return {
        "user": user,
        "uid": os.getuid(),
        **({"caller": caller} if caller not in ("", user) else {}),
        "host": whoami.host(),
        "context": context_shown(note.host, note.context),
        **({"engine": note.id} if note.id else {}),
    }
