"""The lock of one run: which one it is, and how it is taken, checked and given back (DESIGN 1.5, 1.11).

How locks work is in the room lock. Most runs take the local one; what the engine needs is loaded only for its own.
"""

from __future__ import annotations

import time

from hookman.base import errors
from hookman.base.messages import redactor, say
from hookman.compose.context import DEFAULT
from hookman.lock.local import HeldAboveError, ProjectLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.base.signals import Signals
    from hookman.compose.engine_id import EngineNote
    from hookman.log.writer import Journal
    from hookman.run.operation import Operation

WAITING = "waiting for "  # how a lock begins to say who has it


class RunLock:
    """The `lock` of one run; None if it takes none. `had` is the lock once the run had it."""

    def __init__(self, lock: ProjectLock | None, operation: Operation, signals: Signals, journal: Journal) -> None:
        self.had: ProjectLock | None = None
        self._lock = lock
        self._operation = operation
        self._signals = signals
        self._journal = journal

    def take(self, tell: Callable[[str], None]) -> float | None:
        """Take the lock, and return how many seconds that took. `tell` says who has it, if it is not free.

        Where there can be none (an unwritable directory) warn and go on without.
        None where this is part of a run that has it, not through a hook but through Compose: a
        provider that calls `docker compose`, or a `docker-compose` that does. As in a hook (C75)
        such a call runs no hooks and takes no lock. Raises HookmanError.
        """
        lock, operation = self._lock, self._operation
        if lock is None:
            return 0.0
        began = time.time()
        told: list[str] = []

        def keep(text: str) -> None:
            told.append(text)
            tell(text)

        try:
            command = " ".join(map(redactor.shown, operation.args)) or operation.command
            waited = lock.acquire(command, operation.scope.settings.lock_timeout, self._signals, keep)
        except HeldAboveError:
            return None
        except OSError as error:
            what = (
                f"there is no lock ({error.strerror}: {error.filename}), so other operations may run at the same time"
            )
            say(errors.Problem(what=what, where=lock.path, fix="make it writable, or set HOOKMAN_DATA_DIR").line)
            return 0.0
        self.had = lock
        holders = [text.removeprefix(WAITING) for text in told if text.startswith(WAITING)]
        waited_for = {"waited_for": holders[0]} if holders else {}
        self._journal.phase("lock", seconds=round(waited, 3), started=round(began, 3), **waited_for)
        return waited

    def check(self) -> None:
        """Raises HookmanError if the lock on the engine was lost: others may have it now, so nothing more is done."""
        if self._lock:
            self._lock.check()

    def lost(self) -> errors.HookmanError | None:
        """The error of a lock that was lost; None if it was not."""
        if self._lock and self._lock.lost:
            try:
                self._lock.check()
            except errors.HookmanError as error:
                return error
        return None

    def give_back(self) -> None:
        """Let others have it."""
        if self._lock:
            self._lock.release()


def lock_of(operation: Operation, journal: Journal, directory: str, above: list[str], note: EngineNote) -> ProjectLock:
    """The project's lock, on the engine as well where the settings say so. Raises HookmanError, which is recorded."""
    is_own_engine = (note.host, note.context) == ("", DEFAULT)
    if is_own_engine and operation.scope.settings.lock == "local":
        return ProjectLock(directory, above)
    from hookman.run.lock_choice import chosen

    try:
        return chosen(operation, directory, above, note)
    except errors.HookmanError as error:
        journal.problem(error.problem)
        journal.end("failed", error.exit_code, operation.scope.settings.keep_runs)
        raise
