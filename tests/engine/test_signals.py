"""What a user or a supervisor sends to docker has the same effect with hookman as without (DESIGN 1.4).

Side by side: the exit code of docker, and how the container ended. It traps TERM and exits 42.
"""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.engine import containers_of, machine_variables, remove_containers
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for, wait_until

pytestmark = pytest.mark.engine

TRAP = "sh -c 'trap \"exit 42\" TERM; echo ready >/out/ready; while :; do sleep 1000 & wait; done'"
COMPOSE = f"""\
services:
  web:
    image: hookman-busybox
    network_mode: host
    volumes: ['./out:/out']
    command: >-
      {TRAP}
"""


@pytest.fixture
def boxes(real_box: Box, tmp_path_factory: pytest.TempPathFactory, real_compose: Path) -> dict[str, Box]:
    base = tmp_path_factory.mktemp("without")
    without = Box(base, real_compose, machine_variables())
    return {"with": real_box, "without": without}


# One that does not end when it is told to: only a second Ctrl-C, or its 2 seconds, end it.
STUBBORN = COMPOSE.replace("exit 42", "").replace("    image", "    stop_grace_period: 2s\n    image")


def project_in(box: Box, name: str, *, enable: bool, compose: str = COMPOSE) -> Project:
    project = box.project(name, compose, enable=enable)
    (project.path / "out").mkdir()
    if enable:
        for event in ("up.pre", "up.post", "run.pre", "run.post"):
            project.script(event, "a.sh", "true")
    return project


def state(project: Project) -> str:
    """How the project's container is: status and exit code."""
    found = containers_of(project.path.name)
    return "\n".join(f"{one['State']['Status']} {one['State']['ExitCode']}" for one in found) or "gone"


def settled(project: Project, process: subprocess.Popen[bytes], deadline: float) -> tuple[int | str, str]:
    """Docker's exit code and the container's state, once both have ended or the deadline is over."""
    while True:
        code, container = process.poll(), state(project)
        if (code is not None and not container.startswith(GOES_ON)) or time.monotonic() > deadline:
            return ("goes on" if code is None else code, container)
        time.sleep(0.1)


GOES_ON = ("running", "removing", "dead")  # the last two on the way to "gone"
A_WHILE = 2.5  # what has not ended by then goes on
EVERY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL)
ROWS = [
    *(("up", to, number) for to in ("docker", "group") for number in EVERY),
    *(("run --rm -T web", to, number) for to in ("docker", "group") for number in (signal.SIGINT, signal.SIGTERM)),
]


@pytest.mark.parametrize(("line", "to", "number"), ROWS)
def test_without_a_terminal(boxes: dict[str, Box], tmp_path: Path, line: str, to: str, number: signal.Signals) -> None:
    assert_same_ends(boxes, tmp_path, line, to, number)


@pytest.mark.parametrize("real_compose", ["HOOKMAN_TEST_COMPOSE_OLDEST"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("to", ["docker", "group"])
def test_without_a_terminal_on_the_oldest_compose(
    boxes: dict[str, Box], tmp_path: Path, to: str, number: signal.Signals
) -> None:
    assert_same_ends(boxes, tmp_path, "up", to, number)


def assert_same_ends(boxes: dict[str, Box], tmp_path: Path, line: str, to: str, number: signal.Signals) -> None:
    """Ours ends in a way in which the bare Compose ends when it is sent this signal."""
    # The bare one does not end the same way every time: in `run`, passing a signal on to the
    # container races with its own end, and other load decides. So those rows run one after the
    # other, and where ours ended otherwise both are looked at again; three times is no accident.
    seen: list[dict[str, tuple[int | str, str]]] = []
    groups = [boxes] if line == "up" else [{which: box} for which, box in boxes.items()]
    while len(seen) < 3 and (not seen or seen[-1]["with"] not in [one["without"] for one in seen]):
        name = f"hm-{abs(hash(tmp_path.name)) % 10**8}-{len(seen)}"
        seen.append({which: end for group in groups for which, end in ends(group, name, line, to, number).items()})
    assert seen[-1]["with"] in [one["without"] for one in seen], seen


def ends(
    boxes: dict[str, Box], name: str, line: str, to: str, number: signal.Signals
) -> dict[str, tuple[int | str, str]]:
    """Send a signal to `docker compose LINE` on these machines at the same time; how each ends."""
    projects, processes = {}, {}
    for which, box in boxes.items():
        project = projects[which] = project_in(box, f"{name}-{which}", enable=which == "with")
        processes[which] = project.start("docker", "compose", *line.split(), own_group=True)
    for project in projects.values():
        wait_for(project.path / "out/ready")
    for process in processes.values():
        if to == "docker":
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
    deadline = time.monotonic() + A_WHILE  # the same for all: they were sent the signal at the same time
    seen = {which: settled(projects[which], process, deadline) for which, process in processes.items()}
    for which, process in processes.items():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        remove_containers(projects[which].box)
    return seen


def wait_until_raw(terminal: int) -> None:
    """Wait until Compose reads single keys: from then on Ctrl-C is one, and no signal."""
    deadline = time.monotonic() + PATIENCE
    while termios.tcgetattr(terminal)[3] & termios.ISIG:
        assert time.monotonic() < deadline, "the menu did not come"
        time.sleep(0.01)


@pytest.mark.parametrize("menu", ["--menu=false", "--menu=true"])
def test_ctrl_c_at_a_terminal(boxes: dict[str, Box], tmp_path: Path, menu: str) -> None:
    seen = {}
    for which, box in boxes.items():
        project = project_in(box, f"hm-{abs(hash(tmp_path.name)) % 10**8}-{which}", enable=which == "with")
        pid, end = pty.fork()
        if pid == 0:
            os.chdir(project.path)
            os.execvpe(
                "docker", ["docker", "compose", "up", menu], {**box.environ, "PWD": str(project.path), "TERM": "xterm"}
            )
        wait_for(project.path / "out/ready")
        shown = b""
        while b"Attaching to" not in shown:
            shown += os.read(end, 4096)
        if menu == "--menu=true":
            wait_until_raw(end)
        os.write(end, b"\x03")
        try:
            while os.read(end, 4096):
                pass
        except OSError:  # what Linux says when the last process has left the terminal
            pass
        seen[which] = (os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), state(project))
        os.close(end)
        remove_containers(project.box)
    assert seen["with"] == seen["without"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_when_docker_is_stopped_during_a_pre_hook_the_hook_stops_and_compose_does_not_run(  # C105
    boxes: dict[str, Box], tmp_path: Path, number: signal.Signals
) -> None:
    project = project_in(boxes["with"], f"hm-{abs(hash(tmp_path.name)) % 10**8}", enable=True)
    project.script("up.pre", "a.sh", "trap 'touch tidy; exit 0' TERM; touch began; sleep 1000 & wait")
    process = project.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(project.path / "began")
    version = project.docker("version", "--format", "{{.Client.Version}}").out
    if number == signal.SIGTERM and int(version.partition(".")[0]) < 25:
        os.killpg(process.pid, number)  # an older docker says nothing to its plugin: TRAPS D
    else:
        process.send_signal(number)
    process.wait(PATIENCE)
    wait_for(project.path / "tidy")
    assert containers_of(project.path.name) == []
    wait_until(lambda: boxes["with"].runs()[-1]["result"] != "running", "it goes on")
    assert boxes["with"].runs()[-1]["result"] == "interrupted"


@pytest.mark.parametrize("menu", ["--menu=false", "--menu=true"])
@pytest.mark.parametrize("times", [2, 3])
def test_ctrl_c_again_and_again_at_a_terminal(boxes: dict[str, Box], tmp_path: Path, menu: str, times: int) -> None:
    seen = {}
    for which, box in boxes.items():
        name = f"hm-{abs(hash(tmp_path.name)) % 10**8}-{which}"
        project = project_in(box, name, enable=which == "with", compose=STUBBORN)
        terminal = Terminal(project, "docker", "compose", "up", menu, term="xterm")
        wait_for(project.path / "out/ready")
        terminal.expect(b"Attaching to")
        if menu == "--menu=true":
            wait_until_raw(terminal.end)
        terminal.type(b"\x03")
        terminal.expect(b"topping")
        terminal.type(b"\x03" * (times - 1))
        seen[which] = (terminal.wait(), state(project))
        remove_containers(project.box)
    assert seen["with"] == seen["without"]


def test_sigterm_three_times_to_docker(boxes: dict[str, Box], tmp_path: Path) -> None:
    seen = {}
    for which, box in boxes.items():
        name = f"hm-{abs(hash(tmp_path.name)) % 10**8}-{which}"
        project = project_in(box, name, enable=which == "with", compose=STUBBORN)
        process = project.start("docker", "compose", "up", own_group=True)
        wait_for(project.path / "out/ready")
        for _ in range(3):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.2)  # as a person's fingers do: docker must see three, not one
        seen[which] = settled(project, process, time.monotonic() + A_WHILE)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        remove_containers(project.box)
    assert seen["with"] == seen["without"]


def test_ctrl_c_during_the_post_hook_of_an_attached_up_stops_both(real_box: Box, tmp_path: Path) -> None:
    project = project_in(real_box, f"hm-{abs(hash(tmp_path.name)) % 10**8}", enable=True)
    project.script("up.post", "a.sh", "trap 'echo tidy >>trace; exit 0' TERM INT; touch ready; sleep 1000 & wait")
    terminal = Terminal(project, "docker", "compose", "up", "--menu=false")
    wait_for(project.path / "ready")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    assert project.trace() == ["tidy"]
    assert state(project) == "exited 42"
    remove_containers(project.box)
