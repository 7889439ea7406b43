"""stdin, stdout and stderr closed, files or broken pipes, and a window that changes: as without hookman."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.engine import engine_variable, machine_variables
from tests.support.terminal import Terminal

pytestmark = pytest.mark.engine

COMPOSE = """
services:
  web:
    image: hookman-busybox
    network_mode: host
    stop_grace_period: 0s
    init: true
    command: sh -c 'seq 20000; exec sleep 1000'
"""
COMMANDS = ("ps", "logs", "exec", "up")


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Project]]:
    """The same project, up, on a machine with hookman and hooks around everything, and on one without."""
    compose = Path(engine_variable("HOOKMAN_TEST_COMPOSE"))
    projects = {}
    for which in ("with", "without"):
        box = Box(tmp_path_factory.mktemp(which), compose, machine_variables())
        if which == "with":
            box.install()
        project = projects[which] = box.project(f"hm-streams-{which}", COMPOSE, enable=which == "with")
        project.write("data", "from a file\n")
        for command in COMMANDS if which == "with" else ():
            for phase in ("pre", "post"):
                project.script(f"{command}.{phase}", "a.sh", "echo said; [ -t 0 ] || cat; echo ran >>trace")
        assert project.compose("up", "-d").code == 0
    yield projects
    for project in projects.values():
        project.compose("down", "--remove-orphans")


@pytest.mark.parametrize(
    "line",
    [
        "ps -q <&-",
        "ps -q >&-",
        "ps -q 2>&-",
        "ps -q <&- >&- 2>&-",
        "up -d <&-",
        "up -d >&- 2>&-",
        "exec -T web cat <data",
        "exec -T web cat <&-",
        "exec -T web cat </dev/null",
        "exec -T web cat >file <data; cat file",
        "logs -n 3 --no-log-prefix",
    ],
)
def test_closed_and_redirected_streams(shops: dict[str, Project], line: str) -> None:
    seen = {}
    for which, project in shops.items():
        trace = project.trace()
        words, _, after = line.partition(";")
        result = project.box.run("sh", "-c", f"docker compose {words}; code=$?; {after}\nexit $code", cwd=project.path)
        seen[which] = (result.code, result.out if "-q" not in line else len(result.out))
        ran = project.trace()[len(trace) :]
        phases = 1 if result.code else 2  # no post hook where Compose failed
        assert ran == (["ran"] * phases if which == "with" else [])
    assert seen["with"] == seen["without"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("line", ["logs", "ps", "up -d --force-recreate", "exec -T web seq 20000"])
def test_a_pipe_whose_reader_has_gone(shops: dict[str, Project], line: str, stream: str) -> None:
    codes = {}
    for which, project in shops.items():
        reader, writer = os.pipe()
        os.close(reader)
        null = subprocess.DEVNULL
        out, err = (writer, null) if stream == "stdout" else (null, writer)
        process = project.start("docker", "compose", *line.split(), stdout=out, stderr=err)
        os.close(writer)
        codes[which] = process.wait(60)
    assert codes["with"] == codes["without"]


def resize(terminal: Terminal, rows: int, columns: int) -> None:
    """Change the window's size, as dragging its corner does."""
    fcntl.ioctl(terminal.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def test_a_window_that_changes_reaches_the_container(shops: dict[str, Project]) -> None:
    watch = 'while sleep 0.1; do new=$(stty size); [ "$new" = "$old" ] || echo "now $new"; old=$new; done'
    for project in shops.values():
        terminal = Terminal(project, "docker", "compose", "exec", "web", "sh", "-c", watch)
        resize(terminal, 24, 80)
        terminal.expect(b"now 24 80")
        resize(terminal, 51, 133)
        terminal.expect(b"now 51 133")
        terminal.type(b"\x03")
        terminal.wait()


def test_a_hook_sees_a_window_that_changes(shops: dict[str, Project]) -> None:
    project = shops["with"]
    script = project.script(
        "ps.pre", "b.sh", "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
    )
    terminal = Terminal(project, "docker", "compose", "ps", "-q")
    terminal.expect(b"ready")
    resize(terminal, 52, 134)
    terminal.expect(b"52 134")
    assert terminal.wait() == 0
    script.unlink()
