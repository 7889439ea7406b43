"""Has somebody else a lease on a project, on this machine's own engine? Asked by every command with `lock = "auto"`.

So it costs as little as it can: one question on the engine's socket, no module that a command does not load anyway, and
no wait for an engine that is slow.
"""

from __future__ import annotations

import os
import time

from hookman.base.lean import json_value
from hookman.lock.identity import lock_identity, volume_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 0.5  # seconds
LONGEST = 1024 * 1024  # bytes


def is_shared(path: str, project: str, directory: str) -> bool:
    """Is there a lease that is not of the lock in `directory`, or a lock for maintenance, on the engine at `path`?

    Another one may be of another data directory, or of this one by another address of the engine.
    """
    name = volume_prefix(project)
    if not name.isascii() or not name.isprintable() or '"' in name or " " in name:
        return False  # no name of a project: Compose refuses it
    answer = _asked(path, f"/volumes?filters=%7B%22name%22%3A%5B%22{name}%22%5D%7D")
    if name.encode() not in answer:
        return False
    if len(answer) >= LONGEST:
        return True  # thousands of leases: not only our own
    try:
        volumes = json_value(answer.partition(b"\r\n\r\n")[2]).get("Volumes") or []
        return any(_counts(one, name, lock_identity(directory)) for one in volumes)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return False


def _counts(volume: dict[str, Any], name: str, ours: str) -> bool:
    labels = volume.get("Labels") or {}
    is_lease = str(volume.get("Name")).startswith(name) and "hookman.state" in labels
    return is_lease and (labels.get("hookman.place") != ours or labels["hookman.state"] == "closed")


def _asked(path: str, question: str) -> bytes:
    """What the engine answers; nothing if it can't be reached."""
    if not os.path.exists(path):
        return b""
    import _socket as socket  # the `socket` module costs 5 ms

    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    answer = b""
    try:
        until = time.monotonic() + PATIENCE
        end.settimeout(PATIENCE)
        end.connect(path)
        end.sendall(f"GET {question} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())  # 1.0: not in chunks
        while len(answer) < LONGEST and (left := until - time.monotonic()) > 0:
            end.settimeout(left)
            if not (data := end.recv(65536)):
                break
            answer += data
    except OSError:
        pass
    finally:
        end.close()
    return answer
