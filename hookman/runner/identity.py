"""Which process is meant: a number alone is given to another process later, or in another container."""

from __future__ import annotations

import os


def own() -> str:
    """The identity of this process."""
    return _identity("self", os.getpid())


def is_alive(identity: str) -> bool:
    """Does the process with that identity still run, in this container? False for what is no identity."""
    pid = identity.partition(":")[0]
    if not (pid.isascii() and pid.isdigit() and len(pid) < 10 and int(pid)):
        return False
    return identity == _identity(pid, int(pid))


def stat_fields(pid: int | str) -> list[bytes]:
    """What the kernel says of a process after its name: state, parent, group … (proc(5)). Raises OSError."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()


def _identity(name: str, pid: int) -> str:
    """The process's number, when it started (ticks since the machine did) and its namespace; "" if it is gone.

    Without /proc (macOS) the number must do.
    """
    try:
        fields = stat_fields(name)
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return "" if os.path.exists("/proc/self/stat") or not _exists(pid) else f"{pid}:0:0"
    return "" if fields[0] in (b"Z", b"X") else f"{pid}:{int(fields[19])}:{space}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's
    return True
