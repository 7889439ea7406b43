"""Which lock an operation takes: that of its engine; the local one, or the one on the engine as well (DESIGN 1.11)."""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.compose.endpoint import endpoint
from hookman.lock.local import ProjectLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.compose.endpoint import Endpoint
    from hookman.compose.engine_id import EngineNote
    from hookman.run.operation import Operation

NAMES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")  # any other name Compose refuses


def chosen(operation: Operation, directory: str, above: list[str], note: EngineNote) -> ProjectLock:
    """The lock of the operation's project on its engine. Raises ConfigError.

    The project's data is in `directory`, that of the projects whose hooks started us is in those `above`. The `note`
    is about the engine.
    """
    now, kind = operation.surroundings, operation.scope.settings.lock
    try:
        where = endpoint(operation.lookup.invocation.docker_flags, now.process)
    except ConfigError:
        if kind != "local":
            raise
        return ProjectLock(directory, above)  # Compose itself says that there is no such context
    directory, *above = (_of_engine(one, where) for one in (directory, *above))
    if kind == "local" or not NAMES.issuperset(now.project.name):
        return ProjectLock(directory, above)
    is_demanded = kind == "engine"
    if where.is_default and not is_demanded:
        from hookman.lock.shared import is_shared

        if not is_shared(where.socket, now.project.name, directory):
            return ProjectLock(directory, above)
    from hookman.lock.engine import EngineLock

    return EngineLock(
        directory,
        above,
        endpoint=where,
        environ=now.process,
        project=now.project.name,
        run=now.run,
        is_demanded=is_demanded,
        note=note,
    )


def _of_engine(directory: str, engine: Endpoint) -> str:
    """Where a project's lock for the engine is."""
    if engine.is_default:
        return directory
    from hookman.lock.places import lock_directory

    return lock_directory(directory, engine)
