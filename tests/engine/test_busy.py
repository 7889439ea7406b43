"""An attached `docker compose up` on a machine that has too much to do.

HOOKMAN_LOAD=50 scripts/test tests/engine/test_busy.py
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.figures import show
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine

RUNS = int(os.environ.get("HOOKMAN_LOAD", "0"))  # noqa: TID251 (how long to look is the caller's word)
LOOPS, NEIGHBOURS, INTERVAL = (4, 40, "300ms") if RUNS else (1, 1, "1s")
SERVICES = """
services:
  web: {image: hookman-busybox, network_mode: host, command: sleep 1000, stop_grace_period: 0s}
  db:
    image: hookman-busybox
    network_mode: host
    command: sleep 1000
    stop_grace_period: 0s
    healthcheck: {test: "true", interval: 1s}
"""


# When the post hook began, and what `docker inspect` says right then of each container: since when it runs, and
# when it was first found healthy (the engine keeps the last five checks: here those of five seconds).
HEALTH = "{{.Status}} {{(index .Log 0).End.Format `2006-01-02T15:04:05.000000Z`}}"
FORM = f"{{{{.State.StartedAt}}}}{{{{with .State.Health}}}} {HEALTH}{{{{end}}}}"
HOOK = f"""
date -u +%Y-%m-%dT%H:%M:%S.%N >found
docker inspect -f '{FORM}' $(docker compose ps -q) >>found
mv found began
"""


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Project:
    project = real_box.project(f"hm-{tmp_path.name.lower().replace('_', '-')[:40]}")
    project.write("compose.yaml", SERVICES)
    project.script("up.post", "a.sh", HOOK)
    return project


@pytest.fixture
def busy(shop: Project) -> Iterator[None]:
    """Busy loops, and containers that are not the project's with health checks."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOOPS)]
    line = [
        "run",
        "-d",
        "--network",
        "host",
        "--health-cmd",
        "true",
        "--health-interval",
        INTERVAL,
        "hookman-busybox",
        "sleep",
        "10000",
    ]
    neighbours = [shop.docker(*line).out.strip() for _ in range(NEIGHBOURS)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()
    assert shop.docker("rm", "-f", *neighbours).code == 0


def seconds(text: str) -> float:
    """A time of the engine's: it counts nanoseconds, Python microseconds."""
    return datetime.fromisoformat(f"{text.rstrip('Z')[:26]}+00:00").timestamp()


def lateness(text: str) -> float:
    """How long after all containers were up the post hook began, from what it wrote."""
    began, *containers = text.splitlines()
    up: list[float] = []
    for container in containers:
        started, *health = container.split()
        assert health[:1] in ([], ["healthy"])
        up += map(seconds, [started, *health[1:]])
    assert len(containers) == 2
    return seconds(began) - max(up)


def test_post_hooks_of_an_attached_up_always_start_on_a_busy_machine(
    shop: Project, busy: None, capsys: pytest.CaptureFixture[str]
) -> None:
    late = []
    for _ in range(RUNS or 1):
        process = shop.start("docker", "compose", "up", own_group=True)
        wait_for(shop.path / "began")
        late.append(lateness((shop.path / "began").read_text()))
        (shop.path / "began").unlink()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 130
        assert shop.compose("down").code == 0
        show(capsys, f"attached up {len(late)} on a busy machine: its post hook began after {late[-1]:.2f} s")
    show(capsys, f"{len(late)} of them: {statistics.median(late):.2f} s, at most {max(late):.2f} s")
    assert not RUNS or max(late) < 2
