"""An attached `docker compose up` on a real engine, and what its services and health checks are made of."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import wait_for

IMAGE = "image: hookman-busybox, network_mode: host, stop_grace_period: 0s"
SLEEPS = f"{{{IMAGE}, command: sleep 1000}}"


def project_with_a_post_hook(box: Box, tmp_path: Path) -> Project:
    """A project of its own name, whose post hook of `up` writes the states of its containers into the file `up`."""
    project = box.project(f"hm-{tmp_path.name.lower().replace('_', '-')[:40]}")
    project.script(
        "up.post",
        "a.sh",
        "docker compose ps -a --format '{{.Service}} {{.State}} {{.Health}}' | sort >up.new; mv up.new up",
    )
    return project


class Up:
    """An attached `up`, without a terminal and in a process group of its own."""

    def __init__(self, project: Project, *args: str, stdin: int = subprocess.DEVNULL) -> None:
        self.project = project
        self.process = project.start(
            "docker", "compose", "up", *args, stdin=stdin, stderr=subprocess.PIPE, own_group=True
        )

    def hooks_ran(self) -> list[str]:
        wait_for(self.project.path / "up")
        return [line.rstrip() for line in (self.project.path / "up").read_text().splitlines()]

    def wait_for_the_lock(self) -> None:
        """Wait until the post hooks are done and the lock is given back."""
        lock = next((self.project.box.data / "projects").glob("**/lock"))
        deadline = time.monotonic() + PATIENCE
        while lock.stat().st_size:
            assert time.monotonic() < deadline, "the lock is still held"
            time.sleep(0.01)

    def stop(self) -> int:
        """As Ctrl-C does it: SIGINT to the whole group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        self.err = self.process.communicate(timeout=60)[1].decode()
        return self.process.returncode
