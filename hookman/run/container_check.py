"""After a hook in a container has ended: did it end by itself, and is the container still the one it was?

The client of `docker exec` ends with 0 if somebody sends it SIGTERM or SIGINT, and with 137 if the container goes.
"""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.compose.engine_api import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.compose.engine_api import Connection

STOPPED = "was stopped or replaced while the hook ran in it"
GONE = " 404 "  # in the engine's answer


class ContainerCheck:
    """A container in which `words` are about to run."""

    def __init__(self, engine: Connection, container: str, name: str, words: list[str]) -> None:
        self._engine = engine
        self._path = f"/containers/{container}/json"
        self._name = name
        self._words = words
        found = self._look()
        self._started = _state(found).get("StartedAt")
        self._others = set(found.get("ExecIDs") or ())

    def still_runs(self) -> bool:
        """Do the words still run, although their client has ended?"""
        try:
            fresh = set(self._look().get("ExecIDs") or ()) - self._others
            return any(self._is_ours(self._engine.get(f"/exec/{one}/json")) for one in fresh)
        except EngineError:
            return False

    def problem(self, place: str) -> Problem | None:
        """What happened to the container meanwhile; None if nothing did. `place` is the hook's."""
        try:
            state = _state(self._look())
        except EngineError as error:
            gone = GONE in f"{error} "
            what = f"{self._name} {STOPPED}" if gone else f"the engine can't be asked any more ({error})"
            return Problem(what=what, where=place)
        if state.get("Running") and state.get("StartedAt") == self._started:
            return None
        return Problem(what=f"{self._name} {STOPPED}", where=place)

    def _look(self) -> dict[str, Any]:
        return self._engine.get(self._path)

    def _is_ours(self, found: dict[str, Any]) -> bool:
        process = found.get("ProcessConfig")
        if not found.get("Running") or not isinstance(process, dict):
            return False
        return [process.get("entrypoint"), *(process.get("arguments") or ())] == self._words


def _state(found: dict[str, Any]) -> dict[str, Any]:
    state = found.get("State")
    return state if isinstance(state, dict) else {}
