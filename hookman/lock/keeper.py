"""Keeps a lease for as long as its run lasts: a process of its own, so nothing that the run waits for is in the way.

It renews the lease, and gives it back at the run's word or when the run was killed and its hooks are gone. If it loses
the lease, or the run has been stopped (SIGSTOP) for so long that others must not wait any more, it tells the run,
which then ends its hooks and Compose. A run that does not end in time is killed.
"""

from __future__ import annotations

import os
import time

from hookman.base import processes
from hookman.base.files import replace_file
from hookman.base.flocks import is_locked
from hookman.base.lean import signal
from hookman.base.waiting import readable
from hookman.compose.engine_api import EngineError
from hookman.lock.epochs import Ask
from hookman.lock.volumes import NoVolumesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.lock.lease import Giver, Holder
    from hookman.lock.volumes import Lessee, Volumes

LOOK = 0.5  # seconds between looks at the run, and at the clock after a suspended machine woke up
GIVE_BACK = b"give back\n"
GONE = b"gone\n"
LOST = b"lost\t"
KEPT = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGPIPE, signal.SIGIO)


def clock() -> float:
    """Seconds that go on while the machine is suspended, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Keeper:
    """The run's side. `lost` says why once the lease is lost."""

    def __init__(self, holder: Holder, volumes: Volumes, who: Lessee, lock_path: str, note: str) -> None:
        import mmap

        self.lost = ""
        self._is_given_back = False
        self._times = holder.times
        self._patience = holder.times.expiry / 10
        self._deadline = mmap.mmap(-1, 32)  # the keeper says here when the run must have stopped
        _write(self._deadline, holder.deadline)
        order, self._order = os.pipe()
        self._news, news = os.pipe()
        run = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _Process(holder, volumes, who, run, order, news, self._deadline, lock_path, note).main()
            finally:
                os._exit(0)
        os.close(order)
        os.close(news)
        os.set_blocking(self._news, False)
        volumes.close()  # it is the keeper's now

    def look(self) -> bool:
        """Has the lease been lost?"""
        if not self.lost and not self._is_given_back:
            told = self._told()
            if told is not None:
                self.lost = told
            elif clock() >= _read(self._deadline):
                self.lost = "it was not renewed in time"
        return bool(self.lost)

    @property
    def grace(self) -> float:
        """Seconds between SIGTERM and SIGKILL for what must end now, before somebody else may have the lease."""
        end = _read(self._deadline) + self._times.expiry - self._times.stop
        return max(0.01, min(self._times.expiry / 6, end - clock()))

    def _told(self) -> str | None:
        """Why the lease is lost, as the keeper tells; None if it is not."""
        try:
            data = os.read(self._news, 4096)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            return f"the process that renews it (pid {self.pid}) was killed"
        return data.removeprefix(LOST).decode("utf-8", "replace").strip()

    def give_back(self) -> None:
        """Have the lease given back. An engine that does not answer is not waited for: then the lease expires."""
        if self._is_given_back:
            return
        self._is_given_back = True  # from now on its end is no loss
        try:
            os.write(self._order, GIVE_BACK)
            readable([self._news], self._patience)
        except OSError:
            pass
        os.close(self._order)
        os.close(self._news)


class _Process:
    """The keeper itself."""

    def __init__(
        self,
        holder: Holder,
        volumes: Volumes,
        who: Lessee,
        run: int,
        order: int,
        news: int,
        deadline: object,
        lock_path: str,
        note: str,
    ) -> None:
        self.holder = holder
        self.volumes = volumes
        self.who = who
        self.run = run
        self.order = order
        self.news = news
        self.deadline = deadline
        self.lock_path = lock_path
        self.note = note
        self.times = holder.times
        self.patience = self.times.expiry / 6
        self.orphaned = False  # the run was killed, and its hooks may be there still
        self.stopped_since: float | None = None

    def main(self) -> None:
        """Renew the lease until it is given back or lost."""
        self._stand_alone()
        while True:
            now = clock()
            if self.holder.is_late(now) or self._was_stopped(now):
                self._end_run()
                break
            if self.orphaned and not is_locked(self.lock_path):
                break
            ask = self.holder.next(now)
            if isinstance(ask, Ask):
                self._ask(ask)
            elif self._ordered(min(LOOK, max(0.0, ask - now))):
                break
        self._give_back()

    def _stand_alone(self) -> None:
        """Be nobody's foreground process, and hold nothing of the run open but what is ours."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in KEPT:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        ours = {0, 1, 2, self.order, self.news, self.volumes.fileno()}
        for name in os.listdir("/dev/fd"):
            if int(name) not in ours:
                try:
                    os.close(int(name))
                except OSError:
                    pass
        os.chdir("/")

    def _ordered(self, seconds: float) -> bool:
        """Wait for the run's word; True if the lease is to be given back now. A run that was killed says nothing."""
        if self.orphaned:
            time.sleep(min(seconds, self.times.expiry / 300))
            return False
        if not readable([self.order], seconds):
            return False
        if os.read(self.order, 64):
            return True
        self.orphaned = True
        return False

    def _ask(self, ask: Ask) -> None:
        """Ask the engine once, and tell the holder what came of it."""
        sent = clock()
        left = self.holder.deadline - sent
        try:
            answer = self.volumes.ask(ask, self.who, max(0.1, min(self.patience, left)))
        except (EngineError, NoVolumesError):
            self.holder.failed(clock())
            return
        if ask.create:
            self.holder.answered(answer, sent, clock())
            _write(self.deadline, self.holder.deadline)

    def _was_stopped(self, now: float) -> bool:
        """Has the run been stopped for so long that it counts as lost? Others would wait for ever."""
        if self.holder.lost or self.orphaned:
            return bool(self.holder.lost)
        try:
            stopped = processes.look(self.run).stopped
        except OSError:
            stopped = False
        if not stopped:
            self.stopped_since = None
        elif self.stopped_since is None:
            self.stopped_since = now
        elif now - self.stopped_since >= self.times.stop:
            self.holder.lost = f"hookman was stopped for {now - self.stopped_since:.0f} s"
        return bool(self.holder.lost)

    def _end_run(self) -> None:
        """Tell the run that the lease is lost, and wait until it has ended; kill it where it does not."""
        now = clock()
        if isinstance(ask := self.holder.next(now), Ask):
            self._ask(ask)  # take back what must not be there
        if self.orphaned:
            return
        try:
            os.write(self.news, LOST + self.holder.lost.encode() + b"\n")
        except OSError:
            pass
        for number in (signal.SIGCHLD, signal.SIGCONT):
            _kill(self.run, number)
        until = max(
            now + self.times.expiry / 60, min(now + self.patience * 1.5, self.holder.end - self.times.expiry / 30)
        )
        while (left := until - clock()) > 0:
            if self._ordered(left) or self.orphaned:
                return
        _kill(self.run, signal.SIGKILL)

    def _give_back(self) -> None:
        """Give the lease back, in some tries; where that fails it expires."""
        giver: Giver = self.holder.given_back()
        until = clock() + self.times.expiry
        while not giver.done and clock() < until:
            ask = giver.next()
            try:
                who = type(self.who)(**{**self.who.__dict__, "state": ask.state})
                giver.answered(self.volumes.ask(ask, who, self.patience))
            except (EngineError, NoVolumesError):
                time.sleep(self.times.poll)
        if giver.done and giver.epoch:
            self._note(giver.epoch)
        try:
            os.write(self.news, GONE)
        except OSError:
            pass
        if giver.to_remove:
            try:
                self.volumes.ask(Ask(remove=giver.to_remove), self.who, self.patience)
            except (EngineError, NoVolumesError):
                pass  # the next holder does it

    def _note(self, free: int) -> None:
        """Note which epoch says that the lease is free: who knows it takes the lease with one question."""
        try:
            replace_file(self.note, note_of(self.who.run, free, self.volumes))
        except OSError:
            pass


def note_of(run: str, free: int, volumes: Volumes) -> bytes:
    """What a project's data directory says of its last lease: by whom, which epoch is free, on which engine."""
    return f"{run}\t{free}\t{volumes.identity}\n".encode()


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _write(shared: object, seconds: float) -> None:
    shared[:32] = f"{seconds:.3f}".encode().ljust(32)  # type: ignore[index]  # an mmap


def _read(shared: object) -> float:
    return float(bytes(shared[:32]))  # type: ignore[index]  # an mmap
