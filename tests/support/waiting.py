"""Waiting for what other processes do: a file, an end, a held lock."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.support.box import Project

# The body of a hook that goes on, and holds the lock, until somebody writes to the pipe `go`.
HOLD = "touch held; mkfifo go 2>/dev/null; read x <go"


def wait_for(path: Path) -> None:
    """Wait until the file is there."""
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


def wait_for_the_end_of(path: Path) -> None:
    """Wait until the process whose number is in the file has ended."""
    pid = int(path.read_text())
    deadline = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < deadline, f"{path.name} is still there"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Does the process run? One that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def let_go(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    """Let the `up` that HOLD holds go on, and wait until it has ended."""
    wait_for(shop.path / "go")
    assert holder.poll() is None  # or nobody would ever read what we write
    (shop.path / "go").write_text("\n")
    assert holder.wait(30) == 0
