"""Waiting for what other processes do: a file, an end, a held lock."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.box import PATIENCE, Project, Result

# The body of a hook that goes on, and holds the lock, until somebody writes to the pipe `go`.
HOLD = "touch held; mkfifo go 2>/dev/null; read x <go"


def wait_until(condition: Callable[[], object], what: str, pause: float = 0.01) -> None:
    """Wait until the condition is true; `what` says what did not happen."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(pause)


def wait_until_engine(condition: Callable[[], object], what: str) -> None:
    """The same where the condition asks an engine, which costs it as much as the start of a process."""
    wait_until(condition, what, pause=0.1)


def wait_for(path: Path) -> None:
    """Wait until the file is there."""
    wait_until(path.exists, f"{path} did not appear")


def number_in(path: Path) -> int:
    """The number that a process writes into the file (`echo $$ >hook`); waits until it is complete."""
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"), f"no number in {path}")
    return int(path.read_text())


def wait_for_the_end_of(path: Path) -> None:
    """Wait until the process whose number is in the file has ended."""
    pid = number_in(path)
    wait_until(lambda: not alive(pid), f"{path.name} is still there")


def alive(pid: int) -> bool:
    """Does the process run? One that has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def up_over_its_limit(shop: Project, began: str) -> Result:
    """Run an `up` whose hook exceeds its time limit after it has created the file `began`.

    A hook of a busy machine may need longer for that: then it gets a longer limit.
    """
    for limit in (0.3, 1.5, 8, 40):
        shop.write("hookman.toml", f"timeout = {limit}\nfunction_timeout = {limit}\ngrace = 0.3\n")
        result = shop.compose("up", "-d")
        if (shop.path / began).exists():
            return result
    raise AssertionError(f"{began} did not appear")


def let_go(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    """Let the `up` that HOLD holds go on, and wait until it has ended."""
    wait_for(shop.path / "go")
    assert holder.poll() is None  # or nobody would ever read what we write
    (shop.path / "go").write_text("\n")
    assert holder.wait(PATIENCE) == 0
