"""What the system says about processes: from /proc, else from ps (POSIX; Linux and every BSD have `lstart`)."""

from __future__ import annotations

import os
import sys

from hookman.base.records import record
from hookman.base.system import PORTABLE

PS = ("pid", "ppid", "pgid", "stat", "lstart")


@record
class Process:
    """One process; `started` differs from that of every later process with the same number."""

    pid: int
    parent: int
    group: int
    ended: bool  # it waits to be reaped
    started: str
    stopped: bool = False  # by SIGSTOP or Ctrl-Z


if sys.platform == "linux" and not PORTABLE:

    def look(pid: int) -> Process:
        """The process with that number. Raises OSError: ProcessLookupError if there is none."""
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()  # proc(5): state, parent, group …
        except FileNotFoundError:
            if not os.path.exists("/proc/self/stat"):
                raise
            raise ProcessLookupError from None
        parent, group = int(fields[1]), int(fields[2])
        return Process(
            pid=pid,
            parent=parent,
            group=group,
            ended=fields[0] in (b"Z", b"X"),
            started=str(int(fields[19])),
            stopped=fields[0] == b"T",
        )

    def everyone() -> list[Process]:
        """All processes. Raises OSError."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    found.append(look(int(name)))
                except OSError:
                    continue  # it has just ended
        return found

    def environ(pid: int) -> list[bytes]:
        """The environment that a process began with, as NAME=value. Raises OSError."""
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")

    def space() -> str:
        """The namespace of our process numbers (a container has its own). Raises OSError."""
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")

else:

    def look(pid: int) -> Process:
        """The process with that number. Raises OSError: ProcessLookupError if there is none."""
        found = _ps(["-p", str(pid)])
        if not found:
            raise ProcessLookupError
        return found[0]

    def everyone() -> list[Process]:
        """All processes. Raises OSError."""
        return _ps(["-A"])

    def environ(pid: int) -> list[bytes]:
        """The environment that a process began with. It is not known here. Raises OSError."""
        raise PermissionError(pid)

    def space() -> str:
        """The namespace of our process numbers: there is only one here."""
        return "0"

    def _ps(which: list[str]) -> list[Process]:
        import subprocess

        argv = ["ps", *which, *(f"-o{name}=" for name in PS)]
        environ = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.stderr:
            raise OSError(done.stderr.decode("utf-8", "replace"))
        return [_process(*line.split(None, 4)) for line in done.stdout.decode("utf-8", "replace").splitlines()]

    def _process(pid: str, parent: str, group: str, state: str, started: str) -> Process:
        return Process(
            pid=int(pid),
            parent=int(parent),
            group=int(group),
            ended="Z" in state,
            started="-".join(started.replace(":", " ").split()),
            stopped="T" in state,
        )
