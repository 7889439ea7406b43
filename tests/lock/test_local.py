"""One operation on a project at a time: DESIGN 1.5."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from hookman.base.signals import Signals
from hookman.compose.commandline import LOCKING, OPERATIONS
from hookman.lock.local import ProjectLock
from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import let_go, wait_for


def test_a_second_operation_waits_and_says_for_whom(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    with shop.start("docker", "compose", "down", stderr=subprocess.PIPE) as second:
        assert second.stderr is not None
        line = second.stderr.readline().decode()
        assert line.startswith("hookman: waiting for `up -d` (pid ")
        assert second.poll() is None
        assert shop.box.calls() == []
        let_go(shop, holder)
        assert second.wait(PATIENCE) == 0
    assert shop.box.calls() == ["<compose><up><-d>", "<compose><down>"]


@pytest.mark.parametrize("command", ["ps", "logs", "exec", "config"])
def test_looking_never_waits(shop: Project, holder: subprocess.Popen[bytes], command: str) -> None:
    shop.script(f"{command}.pre", "a.sh", "true")
    assert shop.compose(command, "web", "x").code == 0
    assert holder.poll() is None
    let_go(shop, holder)


def test_another_project_never_waits(box: Box, shop: Project, holder: subprocess.Popen[bytes]) -> None:
    other = box.project("other")
    assert other.compose("up", "-d").code == 0
    assert holder.poll() is None
    let_go(shop, holder)


def test_operations_without_a_hook_take_the_lock_too(box: Box, shop: Project, holder: subprocess.Popen[bytes]) -> None:
    shop.write("hookman.toml", "lock_timeout = 0.2\n")
    built = shop.compose("build")
    assert built.code == 75
    assert "no lock after 0.2 s: it is held by `up -d`" in built.err
    assert box.calls() == []
    let_go(shop, holder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_to_the_group_end_one_that_waits_and_say_nothing_else(
    shop: Project, holder: subprocess.Popen[bytes], number: int
) -> None:
    for _ in range(5):
        with shop.start("docker", "compose", "down", stderr=subprocess.PIPE, own_group=True) as second:
            assert second.stderr is not None
            assert second.stderr.readline().startswith(b"hookman: waiting for")
            for _ in range(3):
                os.killpg(second.pid, number)
            assert b"internal error" not in second.stderr.read()
            assert second.wait(PATIENCE) != 0
    let_go(shop, holder)
    assert [run["result"] for run in shop.box.runs()] == ["ok", *["interrupted"] * 5]


def test_a_killed_holder_frees_the_lock_at_once(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    held = shop.box.runs()[-1]
    assert held["result"] == "running"
    pids = subprocess.run(["pgrep", "-f", f"entry.py.*{shop.box.base}"], capture_output=True, text=True, check=True)
    subprocess.run(["kill", "-KILL", *pids.stdout.split()], check=True)
    holder.wait(PATIENCE)
    assert shop.compose("down").code == 0
    assert [run["result"] for run in shop.box.runs()] == ["interrupted", "ok"]


def test_one_that_gave_up_waiting_leaves_the_holders_name(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    shop.write("hookman.toml", "lock_timeout = 0.1\n")
    for _ in range(2):
        result = shop.compose("restart")
        assert result.code == 75
        assert "hookman: waiting for `up -d` (pid " in result.err
    let_go(shop, holder)


def test_symlinked_paths_share_the_lock(box: Box, shop: Project, holder: subprocess.Popen[bytes]) -> None:
    (box.base / "link").symlink_to(shop.path)
    shop.write("hookman.toml", "lock_timeout = 0.2\n")
    assert shop.compose("down", cwd=box.base / "link").code == 75
    let_go(shop, holder)


def test_an_attached_up_gives_the_lock_back_when_compose_runs(shop: Project) -> None:
    attached = shop.start("docker", "compose", "up", STUB_RUN="touch running; mkfifo go; read x <go")
    wait_for(shop.path / "running")
    assert shop.compose("down").code == 0
    wait_for(shop.path / "go")
    (shop.path / "go").write_text("\n")
    assert attached.wait(PATIENCE) == 0


def test_what_locks_is_what_changes_something() -> None:
    assert set(OPERATIONS) - set(LOCKING) == {
        *("logs", "ps", "exec", "run", "port", "top", "cp", "attach", "wait", "commit", "export", "publish")
    }


def test_a_call_that_compose_itself_makes_is_part_of_the_run(box: Box, shop: Project) -> None:
    """As a provider does, or a docker-compose that calls `docker compose`: it must not wait for its own run."""
    shop.script("restart.pre", "a.sh", "echo ran >>trace")
    shop.write("hookman.toml", "lock_timeout = 5\n")
    inner = 'case "$*" in *up*) docker compose restart;; esac'
    result = shop.compose("up", "-d", STUB_RUN=inner)
    assert (result.code, shop.trace()) == (0, [])
    assert box.calls() == ["<compose><up><-d>", "<compose><restart>"]


def test_a_hook_that_hides_our_variables_does_not_wait_for_its_own_run(box: Box, shop: Project) -> None:
    shop.write("hookman.toml", "lock_timeout = 5\n")
    shop.script("up.pre", "a.sh", "env -u HOOKMAN_RUNNING docker compose restart")
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    assert box.calls() == ["<compose><restart>", "<compose><up><-d>"]


def test_a_file_system_that_only_pretends_to_lock_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hookman.lock.local.fcntl.flock", lambda _file, _how: None)
    said: list[str] = []
    with Signals() as signals:
        held = ProjectLock(str(tmp_path))
        held.acquire("up", 1, signals, said.append)
        held.release()
    assert ["locks do not work on the file system of" in line for line in said] == [True]


def test_a_file_system_that_refuses_to_lock_stops_nothing(box: Box, shop: Project) -> None:
    directory = box.data / "projects" / str(shop.path).strip("/").replace("/", "%")
    directory.mkdir(parents=True)
    (directory / "lock").mkdir()
    result = shop.compose("up", "-d")
    assert (result.code, box.calls()) == (0, ["<compose><up><-d>"])
    assert "there is no lock (Is a directory" in result.err


@pytest.mark.root
def test_two_waiters_of_two_pid_namespaces_are_both_seen(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    """Each is process 1 or so of its own."""
    waiters = []
    for command in ("down", "restart"):
        alone = ["unshare", "--pid", "--fork", "--mount-proc", "docker", "compose", command]
        process = shop.start(*alone, stderr=subprocess.PIPE)
        assert process.stderr is not None
        assert process.stderr.readline().startswith(b"hookman: waiting for `up -d`")
        waiters.append(process)
    folder = shop.box.data / "projects" / str(shop.path).strip("/").replace("/", "%")
    while len(found := ProjectLock(str(folder)).waiters()) < 2:
        assert [process.poll() for process in waiters] == [None, None]
    assert sorted(claim.command for claim in found) == ["down", "restart"]
    let_go(shop, holder)
    for process in waiters:
        process.communicate()
        assert process.returncode == 0


@pytest.mark.parametrize(
    "note",
    [
        "up\t{parent}\t1\t{host}\n",  # an older hookman's
        "up\t{parent}\t1\t{host}\t{parent}:1:1\n",  # its number was given to another process, or is another container's
        "up\t{parent}\t1\telsewhere\t{parent}\n",
        "up\t{parent}\tx\n",
        "\0\t\t\t\t\t\t",
    ],
)
def test_a_holder_counts_as_above_us_only_if_it_is_that_very_process(tmp_path: Path, note: str) -> None:
    (tmp_path / "lock").write_text(note.format(parent=os.getppid(), host=os.uname().nodename))
    assert ProjectLock(str(tmp_path)).holder_pid() == 0


def test_a_call_that_compose_itself_makes_is_part_of_a_run_with_a_long_line(shop: Project) -> None:
    shop.write("hookman.toml", "lock_timeout = 5\n")
    inner = 'case "$*" in *up*) docker compose restart;; esac'
    assert shop.compose("up", "-d", *["web"] * 2000, STUB_RUN=inner).code == 0
