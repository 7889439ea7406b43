"""Which lock an operation takes: the local one, or the one on the engine as well (DESIGN 1.11)."""

from __future__ import annotations

from hookman.compose.endpoint import endpoint
from hookman.lock.local import ProjectLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.operation import Operation


def chosen(operation: Operation, directory: str, above: list[str]) -> ProjectLock:
    """The lock of the operation's project, whose data is in `directory`. Raises ConfigError."""
    now = operation.surroundings
    where = endpoint(operation.lookup.invocation.docker_flags, now.process)
    is_demanded = operation.scope.settings.lock == "engine"
    if where.is_default and not is_demanded:
        from hookman.lock.shared import is_shared

        if not is_shared(where.socket, now.project.name, now.data):
            return ProjectLock(directory, above)
    from hookman.lock.engine import EngineLock

    return EngineLock(
        directory,
        above,
        endpoint=where,
        environ=now.process,
        project=now.project.name,
        run=now.run,
        data=now.data,
        is_demanded=is_demanded,
    )
