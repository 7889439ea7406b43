"""The lock on a real engine: machines with their own data directories that share it (DESIGN 1.11)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.engine import ask
from tests.support.leases import (
    Proxy,
    engine_answering,
    leases,
    machine,
    processes_of,
    remove_leases,
    state_of,
)
from tests.support.waiting import HOLD, let_go, wait_for, wait_until

pytestmark = pytest.mark.engine

EXPIRY = 2.0
SPARE = 5.0  # seconds within which a lost lock is free after its expiry
FAST = {"HOOKMAN_LEASE_EXPIRY": str(EXPIRY)}


@pytest.fixture
def here(here: Project) -> Project:
    """The project on one machine, where leases expire soon."""
    here.box.environ.update(FAST)
    return here


@pytest.fixture
def there(there: Project) -> Project:
    """The project on another machine, where leases expire soon."""
    there.box.environ.update(FAST)
    return there


def hold(shop: Project, expiry: float = EXPIRY) -> subprocess.Popen[bytes]:
    """Start an `up` that holds the lock until `go`."""
    shop.script("up.pre", "hold.sh", HOLD)
    process = shop.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE, HOOKMAN_LEASE_EXPIRY=str(expiry))
    wait_for(shop.path / "held")
    return process


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err.decode()


class TestTwoMachines:
    def test_one_waits_for_the_other_and_says_for_whom(self, here: Project, there: Project) -> None:
        with hold(here) as first, there.start("docker", "compose", "down", stderr=subprocess.PIPE) as second:
            assert second.stderr is not None
            line = second.stderr.readline().decode()
            assert line.startswith("hookman: waiting for `up -d` (pid ")
            assert f" on {os.uname().nodename}, since " in line
            assert ", user " in line
            assert there.box.calls() == []
            let_go(here, first)
            assert second.wait(PATIENCE) == 0
        assert there.box.calls() == ["<compose><down>"]

    def test_a_waiting_one_ends_at_its_limit_with_75(self, here: Project, there: Project) -> None:
        there.write("hookman.toml", "lock_timeout = 0.3\n")
        with hold(here) as first:
            late = there.compose("down")
            let_go(here, first)
        assert late.code == 75
        assert "no lock on the engine after 0.3 s: it is held by `up -d`" in late.err
        assert there.box.calls() == []

    def test_it_stays_held_for_longer_than_the_expiry(self, here: Project, there: Project) -> None:
        there.write("hookman.toml", f"lock_timeout = {EXPIRY * 2}\n")
        with hold(here) as first:
            assert there.compose("down").code == 75
            let_go(here, first)

    def test_a_signal_ends_one_that_waits(self, here: Project, there: Project) -> None:
        with hold(here) as first:
            with there.start("docker", "compose", "down", stderr=subprocess.PIPE, own_group=True) as second:
                assert second.stderr is not None
                second.stderr.readline()
                os.killpg(second.pid, signal.SIGINT)
                assert second.wait(PATIENCE) == 130
            let_go(here, first)

    def test_a_few_volumes_stay_and_the_last_one_says_free(self, here: Project, there: Project, name: str) -> None:
        for shop in (here, there) * 3:
            assert shop.compose("build").code == 0
        wait_until(lambda: len(leases(name)) < 4, "the epochs before were not removed")
        assert state_of(name) == "free"

    def test_epochs_only_grow_and_hooks_are_told(self, here: Project, there: Project, name: str) -> None:
        for shop in (here, there):
            shop.script("build.pre", "a.sh", "echo $HOOKMAN_LEASE >>trace\n")
        for shop in (here, there, here):
            assert shop.compose("build").code == 0
        assert here.trace() == [f"{name}.1", f"{name}.5"]
        assert there.trace() == [f"{name}.3"]

    def test_a_volume_that_somebody_created_by_hand_counts_until_the_expiry(self, here: Project, name: str) -> None:
        for number in ("1", "x", "01"):
            ask("POST", "/volumes/create", {"Name": f"hookman-lock.{name}.{number}"})
        result = here.compose("build")
        for number in ("x", "01"):
            ask("DELETE", f"/volumes/hookman-lock.{name}.{number}")
        assert result.code == 0
        assert "waiting for a volume that hookman did not create" in result.err

    def test_a_lease_of_another_project_does_not_count(self, here: Project, name: str) -> None:
        other = here.box.project(f"{name}2")
        with hold(here) as first:
            assert other.compose("build").code == 0
            let_go(here, first)
        remove_leases(f"{name}2")


class TestLoss:
    def test_a_killed_run_frees_it_at_once_where_its_keeper_lives(
        self, here: Project, there: Project, name: str
    ) -> None:
        with hold(here) as first:
            os.kill(processes_of(here)[0], signal.SIGKILL)
            first.wait(PATIENCE)
        wait_until(lambda: state_of(name) == "free", "the lease was not given back")
        assert there.compose("build").code == 0

    def test_a_killed_machine_frees_it_after_the_expiry(self, here: Project, there: Project) -> None:
        with hold(here):
            for pid in reversed(processes_of(here)):
                os.kill(pid, signal.SIGKILL)
            began = time.monotonic()
            assert there.compose("build").code == 0
        assert time.monotonic() - began < EXPIRY + SPARE

    def test_the_next_run_on_that_machine_does_not_wait_for_it(self, here: Project) -> None:
        here.write("hookman.toml", "lock_timeout = 2.5\n")
        with hold(here, 60):
            for pid in reversed(processes_of(here)):
                os.kill(pid, signal.SIGKILL)
            assert here.compose("build", HOOKMAN_LEASE_EXPIRY="60").code == 0

    def test_a_stopped_run_ends_with_75_and_frees_it(self, here: Project, there: Project) -> None:
        with hold(here) as first:
            os.kill(processes_of(here)[0], signal.SIGSTOP)
            began = time.monotonic()
            assert there.compose("build").code == 0
            assert time.monotonic() - began < EXPIRY + SPARE
            code, said = ended(first)
        assert code == 75
        assert "was lost: hookman was stopped for" in said

    def test_a_run_whose_processes_are_all_stopped_ends_when_it_wakes_up(self, here: Project, there: Project) -> None:
        here.script("up.pre", "hold.sh", "echo $$ >hook\n" + HOLD)
        with here.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE) as first:
            wait_for(here.path / "held")
            pids = [*processes_of(here), int((here.path / "hook").read_text())]
            for pid in reversed(pids):
                os.kill(pid, signal.SIGSTOP)
            began = time.monotonic()
            assert there.compose("build").code == 0
            assert time.monotonic() - began < EXPIRY + SPARE
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            # The lease has expired, so the keeper gives the run a sixtieth of the (short) expiry, and kills it then:
            # docker's exit code for that is 255.
            assert ended(first)[0] in {75, 255}
        assert here.box.calls() == []

    def test_a_keeper_that_was_killed_ends_the_run_with_75(self, here: Project) -> None:
        with hold(here) as first:
            os.kill(processes_of(here)[1], signal.SIGKILL)
            code, said = ended(first)
        assert code == 75
        assert "was killed" in said
        assert here.box.calls() == []

    def test_a_pruned_volume_is_a_loss(self, here: Project, name: str) -> None:
        here.script("up.failed", "after.sh", "touch after")
        with hold(here) as first:
            remove_leases(name)
            code, said = ended(first)
        assert code == 75
        assert f"the lock of {name} on the engine was lost: its volume was removed" in said
        assert here.box.calls() == []
        assert not (here.path / "after").exists()

    def test_compose_is_ended_too(self, here: Project, name: str) -> None:
        pid_file = here.path / "pid"
        run = f"echo $$ >{pid_file}; trap '' TERM; while :; do sleep 0.05; done"
        with here.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE, STUB_RUN=run) as first:
            wait_for(pid_file)
            remove_leases(name)
            code, said = ended(first)
        assert code == 75, said
        assert "was lost" in said
        assert here.box.runs()[-1]["result"] == "failed"

    def test_a_run_that_can_not_renew_ends_before_somebody_else_has_it(
        self, tmp_path: Path, installed: Box, there: Project, name: str
    ) -> None:
        proxy = Proxy(tmp_path / "engine.sock")
        here = machine(tmp_path / "cut-off", installed, f"unix://{proxy.path}", FAST).project(name)
        with hold(here) as first:
            proxy.flows.clear()
            assert there.compose("build").code == 0
            assert first.poll() is not None or not processes_of(here)
            code, said = ended(first)
        proxy.close()
        assert code == 75
        assert "could not be renewed for 1 s" in said


class TestEnginesThatGiveNone:
    @pytest.fixture
    def socket_path(self, tmp_path: Path) -> Path:
        return tmp_path / "engine.sock"

    @pytest.fixture
    def shop(self, tmp_path: Path, installed: Box, socket_path: Path) -> Project:
        return machine(tmp_path / "here", installed, f"unix://{socket_path}", FAST).project()

    def refusing(self, path: Path) -> AbstractContextManager[None]:
        body = b'{"message":"volumes are forbidden"}'
        head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        return engine_answering(path, (head + body) * 2)

    def test_what_refuses_volumes_is_said_once(self, shop: Project, socket_path: Path) -> None:
        with self.refusing(socket_path):
            first, second = shop.compose("build"), shop.compose("build")
        assert (first.code, second.code) == (0, 0)
        assert "no lock on the engine" in first.err
        assert "volumes are forbidden (HTTP 403)" in first.err
        assert second.err == ""

    def test_where_the_lock_is_demanded_it_is_an_error(self, shop: Project, socket_path: Path) -> None:
        shop.write("hookman.toml", 'lock = "engine"\n')
        with self.refusing(socket_path):
            result = shop.compose("build")
        assert result.code == 75
        assert "volumes are forbidden" in result.err
        assert shop.box.calls() == []

    def test_with_a_local_lock_the_engine_is_not_asked(self, shop: Project) -> None:
        shop.write("hookman.toml", 'lock = "local"\n')
        result = shop.compose("build")
        assert (result.code, result.err) == (0, "")

    def test_where_no_engine_answers_the_command_goes_on(self, shop: Project) -> None:
        result = shop.compose("build")
        assert result.code == 0
        assert "No such file or directory" in result.err

    @pytest.mark.parametrize(
        "answer", [b"SSH-2.0-garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", b"\0" * 99, None]
    )
    def test_garbage_is_no_answer(self, shop: Project, socket_path: Path, answer: bytes | None) -> None:
        shop.write("hookman.toml", 'lock = "engine"\n')
        with engine_answering(socket_path, answer):
            result = shop.compose("build")
        assert result.code == 75
        assert "no lock on the engine" in result.err
        assert "Traceback" not in result.err

    def test_a_context_that_does_not_exist_is_an_error_with_the_nearest_name(self, shop: Project) -> None:
        metas = shop.box.config / "contexts/meta/0"
        metas.mkdir(parents=True)
        (metas / "meta.json").write_text('{"Name": "edge-1", "Endpoints": {}}')
        result = shop.compose("build", DOCKER_HOST="", DOCKER_CONTEXT="edge1")
        assert result.code == 78
        assert "there is no docker context edge1. Fix: Did you mean 'edge-1'?" in result.err
