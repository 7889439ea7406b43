"""One lock per project: operations that change it come one after the other (DESIGN 1.5).

flock on a file that is never removed: the kernel frees it when its holder dies, and gives
it to waiters in the order they came. Taken here by hand rather than with filelock, which
costs 33 ms to import and polls; the file is the same, so filelock can hold it too.
"""

from __future__ import annotations

import fcntl
import os
import time

from hookman.base import process_identity, processes
from hookman.base.errors import InterruptedRunError, LockTimeoutError, Problem
from hookman.base.files import open_regular, read_regular
from hookman.base.flocks import Mark, is_locked
from hookman.base.lean import signal
from hookman.base.paths import make_private_dir
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hookman.base.signals import Signals

FILE_NAME = "lock"
LONGEST_NOTE = 4 * 1024 * 1024  # bytes; a command line can be long
LONGEST_WAIT = 1e9  # seconds; the kernel counts no further than some centuries


@record
class Claim:
    """Who holds a lock, or waits for it."""

    command: str
    pid: int
    since: int  # seconds since the epoch
    host: str
    identity: str = ""  # see process_identity.py

    def is_here(self) -> bool:
        """Is it a process that runs on this machine, in this container?"""
        return self.host == os.uname().nodename and process_identity.is_alive(self.identity)

    def shown(self) -> str:
        """For people."""
        clock = time.strftime("%H:%M:%S", time.localtime(self.since))
        return f"`{self.command}` (pid {self.pid} on {self.host}, since {clock})"


class ProjectLock:
    """The lock of one project on one engine, which is in `directory` (places.py).

    `above` are the directories of the locks of projects whose hooks started us. They are held
    until we have ended.
    """

    def __init__(self, directory: str, above: Iterable[str] = ()) -> None:
        self.path = os.path.join(directory, FILE_NAME)
        self.above = tuple(above)
        self._file: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file that is locked, which a process may inherit to hold the lock as well; -1 if it is not ours."""
        return -1 if self._file is None else self._file

    def acquire(self, command: str, timeout: float, signals: Signals, tell: Callable[[str], None]) -> float:
        """Take the lock for `command` and return how many seconds that took.

        While it waits it has `tell` say who holds the lock. Raises LockTimeoutError after
        `timeout` seconds (0: never) and where two runs would wait for each other, InterruptedRunError
        at a signal, HeldAboveError if the holder waits for us, and OSError where there can be no lock.
        """
        started = time.monotonic()
        make_private_dir(os.path.dirname(self.path))
        file = open_regular(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        try:
            self._lock(file, command, timeout, signals, tell)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        if self._is_free_to_others():
            what = f"locks do not work on the file system of {self.path}, so other operations may run at the same time"
            tell(Problem(what=what, where=self.path, fix="set HOOKMAN_DATA_DIR to a local directory").line)
        os.ftruncate(file, 0)
        os.pwrite(file, _note_of(command), 0)
        return time.monotonic() - started

    def _lock(self, file: int, command: str, timeout: float, signals: Signals, tell: Callable[[str], None]) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if self.holder_pid() in _ancestors(os.getpid()):
                raise HeldAboveError from None
            tell(f"waiting for {self.holder() or 'another operation on this project'}")
            self._wait_named(file, command, timeout, signals)

    @property
    def lease(self) -> str:
        """What hooks are told of a lock that is on the engine as well (engine.py); "" for this one."""
        return ""

    @property
    def lost(self) -> str:
        """Why the lock was lost; "" if it was not. This one can't be."""
        return ""

    @property
    def longest_grace(self) -> float:
        """How many seconds a hook may take to end."""
        return LONGEST_WAIT

    def check(self) -> None:
        """Raises HookmanError if the lock was lost."""

    def release(self) -> None:
        """Give the lock back, if we have it."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            fcntl.flock(self._file, fcntl.LOCK_UN)  # for a guardian's copy too
            os.close(self._file)
            self._file = None

    def holder(self) -> str:
        """Who holds the lock according to its note: command, pid, since when, host; "" if there is no note."""
        held = self.held_by()
        return held.shown() if held else ""

    def held_by(self) -> Claim | None:
        """Who holds the lock according to its note; None if there is no note."""
        return _claim(self.path)

    def holder_now(self) -> Claim | None:
        """Who holds the lock now; None if it is free."""
        return self.held_by() if is_locked(self.path) else None

    def waiters(self) -> list[Claim]:
        """Who waits for the lock, the longest first."""
        folder = self._waiting()
        try:
            paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        except OSError:
            return []
        claims = [(_changed(path), claim) for path in paths if is_locked(path) and (claim := _claim(path))]
        return [claim for _, claim in sorted(claims, key=lambda changed_and_claim: changed_and_claim[0])]

    def _waiting(self) -> str:
        return os.path.join(os.path.dirname(self.path), "waiting")

    def _wait_named(self, lock: int, command: str, timeout: float, signals: Signals) -> None:
        """Wait, and leave a note that says so; the note counts while we live and hold its lock."""
        note = Mark(self._waiting(), _note_of(command))
        try:
            self._end_deadlock()
            self._wait(lock, timeout, signals)
        finally:
            note.remove()

    def _end_deadlock(self) -> None:
        """Raises LockTimeoutError if the holder waits, by way of others or not, for a lock that we keep from it."""
        chain, seen = [self], set[int]()
        while (holder := chain[-1].holder_pid()) and holder not in seen:
            seen.add(holder)
            blocked_by = self._wanted_by(holder)
            if blocked_by is None:
                return
            if os.path.dirname(blocked_by.path) in self.above:
                raise LockTimeoutError(
                    f"deadlock: this call waits for {', whose hooks wait for '.join(lock.holder() for lock in chain)}, "
                    "whose hooks wait for the project whose hooks made this call",
                    "change one of these projects' hooks so that it does not call the other project",
                )
            chain.append(blocked_by)

    def _wanted_by(self, pid: int) -> ProjectLock | None:
        """The lock that a process, or a process that it started, waits for; None if there is none."""
        from hookman.lock.places import lock_directories, projects_folder

        projects = projects_folder(os.path.dirname(self.path))
        for name in os.listdir(projects):
            for directory in lock_directories(os.path.join(projects, name)):
                lock = ProjectLock(directory)
                if any(pid in (waiter.pid, *_ancestors(waiter.pid)) for waiter in lock.waiters() if waiter.is_here()):
                    return lock
        return None

    def _is_free_to_others(self) -> bool:
        """Can somebody else take the lock that we have? Some network file systems only pretend to lock."""
        return not is_locked(self.path)

    def holder_pid(self) -> int:
        """The holder's process; 0 if it has ended, or is none on this machine and in this container."""
        held = self.held_by()
        return held.pid if held and held.is_here() else 0

    def _wait(self, file: int, timeout: float, signals: Signals) -> None:
        """Wait for our turn, in the kernel's queue, until `timeout` seconds or a signal."""
        asleep = True

        def wake(*_: object) -> None:
            nonlocal asleep
            if asleep:  # only the first of several signals ends the call; the others find it ended
                asleep = False
                raise _WokenError

        old = signal.signal(signal.SIGALRM, wake)
        try:
            signals.on_signal = wake
            if signals.look():  # it came before anybody was there to be woken
                wake()
            # One alarm at the end, no polling: a waiter that looks again and again loses its turn.
            signal.setitimer(signal.ITIMER_REAL, min(timeout, LONGEST_WAIT))
            fcntl.flock(file, fcntl.LOCK_EX)
            asleep = False
        except _WokenError:
            if signals.received:
                raise InterruptedRunError(signals.received) from None
            raise LockTimeoutError(
                f"no lock after {timeout:g} s: it is held by {self.holder() or 'another operation'}",
                "wait until that has ended, or end it; lock_timeout in hookman.toml sets the limit",
            ) from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signals.on_signal = None
            signal.signal(signal.SIGALRM, old)


def _changed(path: str) -> int:
    """When the file was last written, in nanoseconds; 0 if it has gone meanwhile."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _note_of(command: str) -> bytes:
    words = (" ".join(command.split()), os.getpid(), int(time.time()), os.uname().nodename, process_identity.own())
    return ("\t".join(map(str, words)) + "\n").encode("utf-8", "surrogateescape")


def _claim(path: str) -> Claim | None:
    """What a note says; None if it says nothing."""
    try:
        note = read_regular(path, LONGEST_NOTE).decode("utf-8", "surrogateescape")
        command, pid, since, host, *more = note.rstrip("\n").split("\t")
        return Claim(command=command, pid=int(pid), since=int(since), host=host, identity=more[0] if more else "")
    except (OSError, ValueError):
        return None


class HeldAboveError(Exception):
    """The lock's holder is waiting for this very process: it is part of the holder's run."""


def _ancestors(pid: int) -> list[int]:
    """The processes above a process, nearest first, as far as the system tells."""
    found: list[int] = []
    while pid > 1:
        try:
            pid = processes.look(pid).parent
        except OSError:
            break
        found.append(pid)
    return found


class _WokenError(Exception):
    """Ends the blocking call; never seen outside."""
