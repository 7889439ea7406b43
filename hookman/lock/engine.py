"""The lock of a project where its containers are: a lease on the engine, outside the local lock.

The local lock comes first, so those on this machine wait in their order and only one of them asks the engine.
"""

from __future__ import annotations

import os
import time

from hookman.base import errors
from hookman.base.errors import Problem
from hookman.base.files import read_regular, replace_file
from hookman.base.flocks import is_locked
from hookman.base.lean import signal
from hookman.compose.engine_api import EngineError
from hookman.lock.keeper import Keeper, note_of
from hookman.lock.lease import Holder, Taker
from hookman.lock.local import ProjectLock
from hookman.lock.taking import Taking, lessee, times
from hookman.lock.volumes import NoVolumesError, Volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hookman.base.signals import Signals
    from hookman.compose.endpoint import Endpoint
    from hookman.compose.engine_id import EngineNote

NOTE = "lease"  # the file in a project's data directory
REFUSED = "lease-refused"


class LeaseError(errors.HookmanError):
    """The lock on the engine can't be had, or was lost."""

    exit_code = errors.EXIT_LOCK


class EngineLock(ProjectLock):
    """The local lock of a project, and while that is held the lease on its engine."""

    def __init__(
        self,
        directory: str,
        above: Iterable[str],
        *,
        endpoint: Endpoint,
        environ: Mapping[str, str],
        project: str,
        run: str,
        is_demanded: bool,
        note: EngineNote | None = None,
    ) -> None:
        super().__init__(directory, above)
        self.project = project
        self.endpoint = endpoint
        self.times = times(environ)
        self._volumes = Volumes(endpoint, environ, project)
        self._volumes.note = None if endpoint.socket else note  # a socket is asked while Compose runs
        self._run = run
        self._is_demanded = is_demanded
        self._directory = directory
        self._epoch = 0
        self._count = 0  # of the leases of this run
        self._keeper: Keeper | None = None
        self._signals: Signals | None = None

    @property
    def lease(self) -> str:
        """The project and the epoch, which hooks are told; "" without a lease."""
        return f"{self.project}.{self._epoch}" if self._epoch else ""

    @property
    def lost(self) -> str:
        """Why the lease was lost; "" if it was not."""
        return self._keeper.lost if self._keeper else ""

    @property
    def longest_grace(self) -> float:
        """How long a hook may take to end: the lease must not expire before."""
        return self.times.expiry / 6 if self._epoch else super().longest_grace

    def check(self) -> None:
        """Raises LeaseError if the lease was lost."""
        if self._keeper and self._keeper.look():
            raise LeaseError(
                f"the lock of {self.project} on the engine was lost: {self._keeper.lost}",
                "look at what was left (docker compose ps), then run the command again",
            )

    def acquire(self, command: str, timeout: float, signals: Signals, tell: Callable[[str], None]) -> float:
        """Take the local lock and the lease, as ProjectLock does; raises LeaseError too.

        Where the engine can't give a lease and nobody demanded one, `tell` that, and go on with the local lock.
        """
        waited = super().acquire(command, timeout, signals, tell)
        began = time.monotonic()
        try:
            self._take(command, timeout, waited, signals, tell)
        except (EngineError, NoVolumesError) as error:
            self._volumes.close()
            self._without(error, tell)
        except BaseException:
            self._volumes.close()
            super().release()
            raise
        return waited + time.monotonic() - began

    def release(self) -> None:
        """Give the lease back, then the local lock."""
        if self._keeper:
            self._keeper.look()
            self._keeper.give_back()
            self._epoch = 0
            if self._signals:
                self._signals.lost = None
        super().release()

    def _take(self, command: str, timeout: float, waited: float, signals: Signals, tell: Callable[[str], None]) -> None:
        self._count += 1
        run = self._run if self._count == 1 else f"{self._run}-{self._count}"
        who = lessee(run, command, self._directory, self.times.expiry)
        last, free = self._last()
        dead = last if is_locked(self.path) else ""  # else locks do not work here, and that run may live
        taker = Taker(run, self.times, free=free, dead=dead)
        self._note(run)
        Taking(self._volumes, taker, who, signals, tell).run(timeout, waited)
        try:
            os.unlink(os.path.join(self._directory, REFUSED))  # the next refusal is said again
        except OSError:
            pass
        holder = Holder.of(taker)
        self._epoch = taker.epoch
        note = os.path.join(self._directory, NOTE)
        self._keeper = keeper = Keeper(holder, self._volumes, who, self.path, note)
        self._signals = signals

        def lost() -> bool:
            was_lost = bool(keeper.lost)
            if keeper.look() and not was_lost and signals.command:
                _end(signals.command, keeper.grace)
            return bool(keeper.lost)

        signals.lost = lost

    def _last(self) -> tuple[str, int]:
        """Which run had the lease last from here, and which epoch was free then; "" and 0 if that is not known."""
        try:
            told = read_regular(os.path.join(self._directory, NOTE), 64 * 1024).decode("utf-8", "surrogateescape")
            run, free, identity = told.rstrip("\n").split("\t")
            return (run, int(free)) if identity == self._volumes.identity else ("", 0)
        except (OSError, ValueError):
            return "", 0

    def _note(self, run: str) -> None:
        try:
            replace_file(os.path.join(self._directory, NOTE), note_of(run, 0, self._volumes))
        except OSError:
            pass

    def _without(self, error: EngineError | NoVolumesError, tell: Callable[[str], None]) -> None:
        """There is no lease: an error where it was demanded, else one line."""
        from hookman.compose.unreachable import place

        why, fix = self._volumes.why(error, self.times.expiry / 3)
        what = f"no lock on the engine ({place(self.endpoint)}): {why}"
        if self._is_demanded:
            super().release()
            raise LeaseError(what, f'{fix}; or do without it: lock = "local" in hookman.toml')
        said = os.path.join(self._directory, REFUSED)
        if isinstance(error, NoVolumesError):
            if os.path.exists(said):
                return
            try:
                replace_file(said, b"")
            except OSError:
                pass
        fix += '; or lock = "local" in hookman.toml, where nobody else uses that engine'
        tell(Problem(what=f"{what}. Only this machine's own lock counts", fix=fix).line)


def _end(pid: int, grace: float) -> None:
    """End the command itself: SIGTERM now, SIGKILL after `grace` seconds."""

    def kill(*_: object) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass

    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        return
    signal.signal(signal.SIGALRM, kill)
    signal.setitimer(signal.ITIMER_REAL, grace)
