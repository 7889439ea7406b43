"""All processes of a hook: its process group, and what it started in groups and sessions of its own.

They are known by descent, and where there is /proc by the HOOK_ID in their environment.
"""

from __future__ import annotations

import os

from hookman.base import processes
from hookman.base.lean import signal
from hookman.run.guardian import HOOK_ID

# Where a process outside the group comes from, by its environment.
OURS, ANOTHER, UNKNOWN = "ours", "another", "unknown"


class Family:
    """The processes of the hook whose group is `group`, and which has `token` for its HOOK_ID.

    Unless those `outside` the group count too, it is the group alone.
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
        """Find out who there is now. Children are known as long as their parents live: look before these end."""
        try:
            table = {one.pid: one for one in processes.everyone() if not one.ended}
        except OSError:  # nobody can say: the signal's word must do
            self._group_lives = self.signal_group(0)
            return
        inside = {pid for pid, one in table.items() if one.group == self.group}
        self._group_lives = bool(inside)
        if not self.outside:
            return
        members = inside | {pid for pid, began in self._outside.items() if pid in table and table[pid].started == began}
        members |= {pid for pid, one in table.items() if self._origin(pid, one.started) == OURS}
        fresh = members
        while fresh:
            fresh = {pid for pid, one in table.items() if one.parent in fresh} - members
            members |= fresh
        self._outside = {pid: table[pid].started for pid in members - inside}

    def lives(self) -> bool:
        """Is anybody left, when last looked?"""
        return self._group_lives or bool(self._outside)

    def signal_group(self, number: int) -> bool:
        """Signal the group; False if nobody is in it."""
        try:
            os.killpg(self.group, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # somebody of another user is in it (sudo)
        return True

    def signal_outside(self, number: int) -> None:
        """Signal those outside the group. Hooks of another run, nested in this one, its own hookman ends."""
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
