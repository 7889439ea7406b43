"""Taking a lease: who we are, asking the engine, waiting, and saying for whom."""

from __future__ import annotations

import os
import time

from hookman.base import durations, whoami
from hookman.base.errors import InterruptedRunError, LockTimeoutError
from hookman.base.waiting import readable
from hookman.compose.engine_api import EngineError
from hookman.lock.epochs import CLOSED, FREE, HELD, Ask, Times
from hookman.lock.identity import lock_identity
from hookman.lock.keeper import clock
from hookman.lock.local import Claim
from hookman.lock.volumes import Lessee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.base.signals import Signals
    from hookman.lock.lease import Taker
    from hookman.lock.volumes import Volumes

# How many seconds a lease lasts that nobody renews. For tests alone: all who share an engine must agree.
EXPIRY = "HOOKMAN_LEASE_EXPIRY"


def times(environ: Mapping[str, str]) -> Times:
    """How long things take."""
    try:
        return Times(expiry=max(0.5, min(float(environ.get(EXPIRY, "")), 600.0)))
    except ValueError:
        return Times()


def lessee(run: str, command: str, directory: str, expiry: float) -> Lessee:
    """Ourselves, as the labels of a lease tell others; our lock is in `directory`."""
    return Lessee(
        run=run,
        state=HELD,
        user=whoami.user(),
        host=whoami.host(),
        pid=os.getpid(),
        command=" ".join(command.split()),
        since=int(time.time()),
        place=lock_identity(directory),
        expiry=expiry,
    )


def shown(who: Lessee) -> str:
    """Who has a lease, for people."""
    if who.state == CLOSED:
        until = f", for {durations.shown(who.limit)}" if who.limit else ""
        said = f": {who.message}" if who.message else ""
        when = time.strftime("%H:%M:%S", time.localtime(who.since))
        return f"maintenance ({who.user} on {who.host}, since {when}{until}){said}"
    if not who.host:
        return "a volume that hookman did not create"
    claim = Claim(command=who.command or "another command", pid=who.pid, since=who.since, host=who.host)
    return f"{claim.shown()[:-1]}, user {who.user})" if who.user else claim.shown()


class Taking:
    """Takes a lease: asks, waits, and says for whom."""

    def __init__(
        self, volumes: Volumes, taker: Taker, who: Lessee, signals: Signals, tell: Callable[[str], None]
    ) -> None:
        self.volumes = volumes
        self.taker = taker
        self.who = who
        self.signals = signals
        self.tell = tell
        self.patience = taker.times.expiry / 3  # with an engine that does not answer
        self._told = ""
        self._answered = False

    def run(self, timeout: float, waited: float) -> None:
        """Return once it has it. Raises LockTimeoutError, InterruptedRunError, EngineError and NoVolumesError."""
        until = clock() + timeout - waited if timeout else 0.0
        self.signals.on_signal = self._woken
        try:
            while not self.taker.epoch:
                now = clock()
                if number := self.signals.look():
                    raise InterruptedRunError(number)
                if until and now >= until and self._answered:
                    raise self._too_late(timeout)
                ask = self.taker.next(now)
                if isinstance(ask, Ask):
                    self._ask(ask)
                else:
                    self._wait(ask - now)
        finally:
            self.signals.on_signal = None

    def _woken(self) -> None:
        if self.signals.received:
            raise InterruptedRunError(self.signals.received)

    def _ask(self, ask: Ask) -> None:
        sent = clock()
        try:
            answer = self.volumes.ask(ask, self.who, self.patience if not self._answered else self.patience / 3)
        except EngineError as error:
            if not self._answered:
                raise
            self._say(f"waiting for the engine ({error})")
            self.taker.failed(clock())
            return
        self._answered = True
        self.taker.answered(answer, sent, clock())
        holder = self.taker.holder
        is_waited_for = holder and holder.state != FREE and not (holder.run and holder.run == self.taker.dead)
        if not self.taker.epoch and holder and is_waited_for:
            which = "" if holder.state == CLOSED else ", which has the lock on the engine"
            self._say(f"waiting for {shown(Lessee.of(holder))}{which}")

    def _say(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.tell(text)

    def _wait(self, seconds: float) -> None:
        seconds *= 0.7 + 0.6 * os.urandom(1)[0] / 255  # so that waiters do not ask in step
        readable([self.signals.wakeup], seconds)
        self.signals.drain()

    def _too_late(self, timeout: float) -> LockTimeoutError:
        holder = self.taker.holder
        who = shown(Lessee.of(holder)) if holder else "another operation"
        fix = "wait until that has ended, or end it; lock_timeout in hookman.toml sets the limit"
        if holder and holder.state == CLOSED:
            fix = "wait until the maintenance has ended; hookman unlock ends it"
        return LockTimeoutError(f"no lock on the engine after {timeout:g} s: it is held by {who}", fix)


def holder(volumes: Volumes, patience: float) -> Lessee | None:
    """Who has the lease now, or locked the project for maintenance; None if it is free.

    Raises EngineError and NoVolumesError.
    """
    try:
        answer = volumes.ask(Ask(), Lessee(run="", state=FREE), patience)
    finally:
        volumes.close()
    top = max(answer.volumes, key=lambda one: one.epoch, default=None)
    return None if top is None or top.state == FREE or top.is_over else Lessee.of(top)
