"""Killing runs at random moments, and what is left of them."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from tests.support.box import Project

PATIENCE = 30.0  # seconds until what must end has ended


def runner_of(docker: int) -> int | None:
    """The process that docker started for us: the shim, and then the runner in its place."""
    try:
        children = [
            child
            for thread in Path(f"/proc/{docker}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return None
    return int(children[0]) if children else None


def at_work_in(directory: Path) -> list[str]:
    """What still runs in a directory, by its command line; guardians included."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")) != directory:
                continue
            if (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def left_in(directory: Path) -> list[str]:
    """What runs there although all must have ended."""
    deadline = time.monotonic() + PATIENCE
    while (left := at_work_in(directory)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def run_and_disturb(shop: Project, moments: random.Random, longest: float) -> str:
    """One `up -d`, and what happens to it within `longest` seconds, at a random moment: kill, TERM, INT or nothing."""
    what = moments.choice(["kill", "kill", "TERM", "INT", "nothing"])
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    time.sleep(moments.uniform(0, longest))  # the random moment
    runner = runner_of(process.pid)
    try:
        if what == "kill" and runner:
            os.kill(runner, signal.SIGKILL)
        elif what in ("TERM", "INT"):
            os.killpg(process.pid, signal.SIGTERM if what == "TERM" else signal.SIGINT)
    except ProcessLookupError:
        pass
    process.wait(PATIENCE)
    return what
