"""All processes of a hook: its process group, and what it started in other groups and sessions.

They are found by their parents and, if there is /proc, by the HOOK_ID in their environment.
"""

from __future__ import annotations

import os

from hookman.base import processes
from hookman.base.lean import signal

HOOK_ID = "HOOKMAN_HOOK_ID"  # in the environment of a hook, and of all that it starts
# Where a process outside the group comes from, by its environment.
OURS, ANOTHER, UNKNOWN = "ours", "another", "unknown"


class ProcessTree:
    """The processes of the hook with the process group `group` and the HOOK_ID `token`.

    Processes `outside` the group count only if that is true.
    """

    def __init__(self, group: int, token: str, *, outside: bool) -> None:
        self.group = group
        self.outside = outside
        self._mark = f"{HOOK_ID}=".encode()
        self._own = f"{HOOK_ID}={token}".encode()
        self._origins: dict[tuple[int, str], str] = {}
        self._outside: dict[int, str] = {}  # process → when it started: those that are known outside the group
        self._group_lives = True

    def look(self) -> None:
        """Find the processes that exist now. A child can be found only while its parent lives, so look early."""
        try:
            table = {process.pid: process for process in processes.everyone() if not process.ended}
        except OSError:  # no list of processes: ask with a signal
            self._group_lives = self.signal_group(0)
            return
        inside = {pid for pid, process in table.items() if process.group == self.group}
        self._group_lives = bool(inside)
        if not self.outside:
            return
        members = inside | {pid for pid, began in self._outside.items() if pid in table and table[pid].started == began}
        members |= {pid for pid, process in table.items() if self._origin(pid, process.started) == OURS}
        fresh = members
        while fresh:
            fresh = {pid for pid, process in table.items() if process.parent in fresh} - members
            members |= fresh
        self._outside = {pid: table[pid].started for pid in members - inside}

    def lives(self) -> bool:
        """Was a process left at the last look?"""
        return self._group_lives or bool(self._outside)

    def signal_group(self, number: int) -> bool:
        """Signal the group; False if it is empty."""
        try:
            os.killpg(self.group, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # a process of another user is in it (sudo)
        return True

    def signal_outside(self, number: int) -> None:
        """Signal those outside the group. The hooks of a run nested in this one are ended by their own hookman."""
        for pid, began in self._outside.items():
            if number != signal.SIGKILL and self._origin(pid, began) == ANOTHER:
                continue
            try:
                os.kill(pid, number)
            except OSError:
                continue

    def _origin(self, pid: int, began: str) -> str:
        """What the process's environment says; it is read once."""
        if (pid, began) not in self._origins:
            try:
                lines = processes.environ(pid)
            except OSError:
                lines = []
            marked = any(line.startswith(self._mark) for line in lines)
            self._origins[pid, began] = OURS if self._own in lines else ANOTHER if marked else UNKNOWN
        return self._origins[pid, began]
