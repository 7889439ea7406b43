"""The guardian: kills a hook's process group should hookman itself be killed (docs/design/traps.md F6).

A death signal (prctl) would reach the hook alone, not what it started; so a small sh waits on
a pipe that only hookman holds.
"""

from __future__ import annotations

import os
import sys

from hookman.base.lean import signal
from hookman.base.spawn import NULL, spawn
from hookman.base.system import PORTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.lock.local import ProjectLock

SCRIPT = os.path.join(os.path.dirname(__file__), "guardian.sh")
LONGEST = 10**9  # tenths of a second; every sh can count so far
# Tells the guardian which process is the hook, until it is told the group.
HOOK_ID = "HOOKMAN_HOOK_ID"
PROC = "/proc" if sys.platform == "linux" and not PORTABLE else ""


class Guardian:
    """Watches over the hooks of one event, from the first until `close`. Several may run at the same time."""

    def __init__(self, lock: ProjectLock | None = None) -> None:
        self._lock = lock  # held until the hook of a killed hookman is gone
        self._pipe = -1
        self._pid = 0
        self._told: dict[int, list[str]] = {}  # the lines about the hooks that run, each with a number of its own

    def before(self, token: str, grace: float) -> int:
        """A hook with `token` in its environment is about to start; `grace` is in seconds. Returns its number here."""
        number = next(number for number in range(len(self._told) + 1) if number not in self._told)
        line = f"hook {number} {token} {min(round(grace * 10), LONGEST)}"
        if self._pipe != -1:
            os.kill(self._pid, signal.SIGCONT)  # somebody may have stopped it
            if not self._tell(line):
                self._end(signal.SIGKILL)  # it has not read for long
        if self._pipe == -1:
            try:
                self._start()
            except OSError:  # out of descriptors or processes: the hook itself will say so
                pass
            for told in [*(told for lines in self._told.values() for told in lines), line]:
                self._tell(told)
        self._told[number] = [line]
        return number

    def started(self, number: int, group: int) -> None:
        """The hook with this number has this process group."""
        line = f"group {number} {group}"
        self._told[number].append(line)
        self._tell(line)

    def ended(self, number: int) -> None:
        """The hook has ended; what it left running may live on (C69)."""
        del self._told[number]
        self._tell(f"done {number}")

    def close(self) -> None:
        """End the guardian. If a hook still runs, it ends that."""
        if self._pipe != -1:
            # One that somebody has stopped does not end by itself.
            self._end(signal.SIGCONT if self._told else signal.SIGKILL)

    def _end(self, number: int) -> None:
        os.close(self._pipe)
        os.kill(self._pid, number)
        os.waitpid(self._pid, 0)
        self._pipe = -1

    def _start(self) -> None:
        theirs, ours = os.pipe()
        descriptors = {0: theirs, 1: NULL, 2: NULL}
        if self._lock and self._lock.descriptor != -1:
            descriptors[3] = self._lock.descriptor
        try:
            # A session of its own: nothing that a terminal sends reaches it.
            self._pid = spawn("/bin/sh", ["sh", SCRIPT, PROC], {"PATH": os.defpath}, descriptors, session=True)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        os.set_blocking(ours, False)
        self._pipe = ours

    def _tell(self, line: str) -> bool:
        """Write a line to it; False if it does not read. The hook runs all the same."""
        try:
            os.write(self._pipe, f"{line}\n".encode())
        except OSError:
            return False  # there is none, somebody killed it, or stopped it
        return True
