"""The lock over the ways that docker itself goes: tcp, and ssh to a real sshd on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.contexts import create_context
from tests.support.engine import engine_variable
from tests.support.leases import forward, machine, state_of
from tests.support.waiting import HOLD, let_go, wait_for, wait_until

pytestmark = pytest.mark.engine


@pytest.fixture
def there(there: Project) -> Project:
    """The project on a machine with the engine's own socket, which does not wait long for the lock."""
    there.write("hookman.toml", "lock_timeout = 0.2\n")
    return there


def excludes(here: Project, there: Project, name: str) -> None:
    """Check that what runs `here` keeps out what comes `there`, and gives the lock back."""
    here.script("up.pre", "hold.sh", HOLD)
    with here.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE) as first:
        wait_for(here.path / "held")
        assert there.compose("build").code == 75
        let_go(here, first)
        assert first.stderr is not None
        assert b"no lock" not in first.stderr.read()
    assert state_of(name) == "free"
    assert there.compose("build").code == 0


def test_over_tcp(tmp_path: Path, installed: Box, there: Project, name: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=forward, args=(listening,), daemon=True).start()
    with listening:
        host = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        excludes(machine(tmp_path / "here", installed, host).project(name), there, name)


@pytest.mark.parametrize("by", ["DOCKER_HOST", "a context"])
def test_it_costs_two_round_trips(tmp_path: Path, installed: Box, name: str, by: str) -> None:
    listening, questions = socket.create_server(("127.0.0.1", 0)), list[bytes]()
    threading.Thread(target=forward, args=(listening, None, "", questions), daemon=True).start()
    with listening:
        host = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        here = machine(tmp_path / "here", installed, host).project(name)
        if by == "a context":
            create_context(here.box, "edge", host)
            here.box.environ |= {"DOCKER_HOST": "", "DOCKER_CONTEXT": "edge"}
        here.script("up.pre", "a.sh")
        for _ in range(2):  # the engine's id is asked for with the first question of the first one
            questions.clear()
            result = here.compose("up", "-d")
            assert (result.code, "no lock" in result.err) == (0, False), result
        asked = [question.split(b" HTTP")[0].decode() for question in questions]
        assert asked == ["POST /volumes/create"] * 2


@pytest.mark.root
class TestSsh:
    @pytest.fixture
    def sshd(self, tmp_path: Path) -> Iterator[int]:
        """The port of an sshd whose only key is in `tmp_path`; its users' docker has the tests' engine."""
        program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
        assert program, "openssh-server is missing: scripts/test installs it"
        Path("/run/sshd").mkdir(exist_ok=True)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        settings = tmp_path / "sshd_config"
        settings.write_text(
            f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/user.pub\n"
            f"StrictModes no\nPidFile none\nUsePAM no\nPermitRootLogin yes\n"
            f"SetEnv DOCKER_HOST={engine_variable('DOCKER_HOST')} PATH={os.environ['PATH']}\n"  # noqa: TID251
        )
        process = subprocess.Popen([program, "-D", "-e", "-f", settings], stderr=subprocess.DEVNULL)
        wait_until(lambda: is_open(port), "sshd did not start")
        yield port
        process.terminate()
        process.wait(PATIENCE)

    @pytest.fixture
    def here(self, tmp_path: Path, installed: Box, sshd: int, name: str) -> Project:
        """The project on a machine that reaches the engine by ssh."""
        here = machine(tmp_path / "here", installed, "ssh://engine")
        wrapper = here.base / "bin/ssh"  # OpenSSH looks in the home of the password file, not in $HOME
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {tmp_path}/ssh_config "$@"\n')
        wrapper.chmod(0o755)
        here.environ["PATH"] = f"{wrapper.parent}:{here.environ['PATH']}"
        known = (tmp_path / "host.pub").read_text().rpartition(" ")[0]
        (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{sshd} {known}\n")
        (tmp_path / "ssh_config").write_text(
            f"Host engine\n HostName 127.0.0.1\n Port {sshd}\n User root\n IdentityFile {tmp_path}/user\n"
            f" IdentitiesOnly yes\n BatchMode yes\n UserKnownHostsFile {tmp_path}/known_hosts\n"
        )
        return here.project(name)

    def test_over_ssh(self, here: Project, there: Project, name: str) -> None:
        excludes(here, there, name)

    def test_it_connects_once(self, here: Project, name: str) -> None:
        wrapper = here.box.base / "bin/ssh"
        wrapper.write_text(wrapper.read_text().replace("exec", f"echo $$ >>{here.path}/calls\nexec"))
        assert here.compose("build").code == 0
        assert len((here.path / "calls").read_text().split()) == 1
        assert state_of(name) == "free"

    def test_hookman_run_on_a_context_with_ssh(self, tmp_path: Path, here: Project, name: str) -> None:
        create_context(here.box, "edge", "ssh://engine")
        here.script("up.pre", "a.sh", "docker version --format '{{.Server.Os}}' >>trace")
        words = ("run", "--context", "edge", name, "up", "-d")
        result = here.box.hookman(*words, DOCKER_HOST="")
        assert (result.code, here.trace(), state_of(name)) == (0, ["linux"], "free"), result
        wrong = (tmp_path / "user.pub").read_text().split()[:2]
        known = tmp_path / "known_hosts"
        known.write_text(f"{known.read_text().split()[0]} {' '.join(wrong)}\n")
        result = here.box.hookman(*words, DOCKER_HOST="")
        assert (result.code, here.trace()) == (1, ["linux"])
        assert "on edge: the engine can't be reached, so nothing was run: " in result.err
        assert "Host key verification failed" in result.err

    def test_a_wrong_host_key_is_an_error_with_what_to_do(self, tmp_path: Path, here: Project) -> None:
        wrong = (tmp_path / "user.pub").read_text().split()[:2]
        known = tmp_path / "known_hosts"
        known.write_text(f"{known.read_text().split()[0]} {' '.join(wrong)}\n")
        here.write("hookman.toml", 'lock = "engine"\n')
        result = here.compose("build")
        assert result.code == 75
        assert "no lock on the engine (ssh://engine)" in result.err
        assert "Host key verification failed" in result.err
        assert "Fix: check whose key it is, then: ssh-keygen -R engine, and `ssh engine` once" in result.err


def is_open(port: int) -> bool:
    """Does somebody listen there?"""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
