"""The guardian: kills a hook's process group should hookman itself be killed (docs/design/traps.md F6).

A death signal (prctl) would reach the hook alone, not what it started; so a small sh waits on a pipe that only hookman
holds. Only then it reads a second pipe, in which there are lines about the hooks that run. So a hook wakes nobody:
hookman writes its lines into that pipe, and takes them out when the hook has ended.
"""

from __future__ import annotations

import os

from hookman.base.lean import signal
from hookman.base.spawn import NULL, spawn
from hookman.base.system import IS_LINUX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.lock.local import ProjectLock

SCRIPT = os.path.join(os.path.dirname(__file__), "guardian.sh")
LONGEST = 10**9  # tenths of a second; every sh can count so far
PROC = "/proc" if IS_LINUX else ""


class Guardian:
    """Watches over the hooks of one event, from the first until `close`. Several may run at the same time."""

    def __init__(self, lock: ProjectLock | None = None) -> None:
        self._lock = lock  # held until the hook of a killed hookman is gone
        self._pid = 0
        self._life = -1  # the pipe that ends with hookman
        self._reading, self._writing = -1, -1  # the one with the lines
        self._size = 0  # bytes that are in it
        self._told: dict[int, bytes] = {}  # the lines about the hooks that run, each with a number of its own

    def before(self, token: str, grace: float) -> int:
        """A hook with `token` in its environment is about to start; `grace` is in seconds. Returns its number here."""
        number = 0
        while number in self._told:
            number += 1
        line = f"hook {number} {token} {min(round(grace * 10), LONGEST)}\n".encode()
        self._told[number] = line
        if self._lives():
            self._tell(line)
        else:
            try:
                self._start()
            except OSError:  # out of descriptors or processes: the hook itself will say so
                self._close_pipes()
        return number

    def started(self, number: int, group: int) -> None:
        """The hook with this number has this process group."""
        line = f"group {number} {group}\n".encode()
        self._told[number] += line
        self._tell(line)

    def ended(self, number: int) -> None:
        """The hook has ended; what it left running may live on (C69)."""
        del self._told[number]
        past = self._size
        # What is still true comes before the past is taken out, because hookman may be killed in between.
        is_told = self._tell_all()
        if past:
            os.read(self._reading, past)
            self._size -= past
        if not is_told:
            self._tell_all()  # now there is room

    def close(self) -> None:
        """End the guardian. If a hook still runs, it ends that."""
        self._close_pipes()
        if self._pid:
            # One that somebody has stopped does not end by itself.
            os.kill(self._pid, signal.SIGCONT if self._told else signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _lives(self) -> bool:
        """Is there a guardian? If somebody has stopped it, it goes on."""
        if not self._pid:
            return False
        pid, status = os.waitpid(self._pid, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            os.kill(pid, signal.SIGCONT)
        elif pid:
            self._pid = 0
            self._close_pipes()
        return bool(self._pid)

    def _start(self) -> None:
        """Start one that knows of all hooks that run. Raises OSError."""
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        theirs, self._life = os.pipe()
        descriptors = {0: self._reading, 1: NULL, 2: NULL}
        if self._lock and self._lock.descriptor != -1:
            descriptors[3] = self._lock.descriptor
        descriptors[4] = theirs  # last: ours has a higher number, because the other pipe came first
        try:
            # A session of its own: nothing that a terminal sends reaches it.
            self._pid = spawn("/bin/sh", ["sh", SCRIPT, PROC], {"PATH": os.defpath}, descriptors, session=True)
        finally:
            os.close(theirs)
        self._tell_all()

    def _tell_all(self) -> bool:
        return all(self._tell(lines) for lines in self._told.values())

    def _tell(self, lines: bytes) -> bool:
        """Put the lines about a hook into the pipe: all of them, or none if it is full. The hook runs all the same."""
        try:
            self._size += os.write(self._writing, lines)
        except OSError:
            return False
        return True

    def _close_pipes(self) -> None:
        for end in (self._life, self._reading, self._writing):
            if end != -1:
                os.close(end)
        self._life = self._reading = self._writing = -1
        self._size = 0
