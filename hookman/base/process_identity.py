"""Which process is meant. A number alone may mean another process later, or in another container."""

from __future__ import annotations

import os

from hookman.base import processes


def own() -> str:
    """The identity of this process."""
    return _identity(os.getpid())


def is_alive(identity: str) -> bool:
    """Does the process with that identity still run, in this container? False for a text that is not an identity."""
    pid = identity.partition(":")[0]
    if not (pid.isascii() and pid.isdigit() and len(pid) < 10 and int(pid)):
        return False
    return identity == _identity(int(pid))


def _identity(pid: int) -> str:
    """The process's number, when it started and its namespace; "" if it is gone.

    Where neither is known it is the number alone.
    """
    try:
        process = processes.look(pid)
        return "" if process.ended else f"{pid}:{process.started}:{processes.space()}"
    except ProcessLookupError:
        return ""
    except OSError:
        return f"{pid}:0:0" if _exists(pid) else ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's
    return True
