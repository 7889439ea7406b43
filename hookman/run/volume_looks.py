"""Removes notes about volumes that are gone. So their hooks run again when there is a new volume of that name."""

from __future__ import annotations

import os

from hookman.base.messages import say
from hookman.compose.engine_api import EngineError
from hookman.hooks import environment, once, volume
from hookman.run.success_notes import read_note, volumes_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.hooks.environment import Surroundings


def forget_gone(now: Surroundings, exports: Mapping[str, str | None], invocation: Invocation) -> None:
    """Remove the project's notes whose volume is not on the engine now; `exports` are those of the hooks before.

    Where the engine does not answer, they stay: then Compose can't change a volume either.
    """
    folder = volumes_folder(now.data, now.project.name)
    if not os.path.isdir(folder):
        return
    environ = environment.for_compose(now, exports)
    try:
        notes = {path: read_note(path) for path in (os.path.join(folder, name) for name in os.listdir(folder))}
        engine = once.connected(invocation, environ)
        try:
            which = once.digest(once.engine_id(engine.get("/info")))
            noted = {path: note.get(volume.NAME, "") for path, note in notes.items() if note.get("engine") == which}
            there = volume.there(engine, sorted(set(noted.values()))) if noted else None
        finally:
            engine.close()
        for path, name in noted.items():
            if there is not None and name not in there:
                os.unlink(path)
    except EngineError:
        return
    except OSError as error:
        say(f"notes about volumes can't be removed ({error.strerror}): {folder}")
