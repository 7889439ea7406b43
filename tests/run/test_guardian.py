"""SIGKILL of hookman leaves no hook behind (TRAPS F6), and takes nothing else along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hookman.base.process_tree import HOOK_ID
from hookman.run.guardian import SCRIPT, Guardian
from tests.support.box import PATIENCE, Project
from tests.support.waiting import alive, number_in, wait_for, wait_for_the_end_of


def killed_while_it_runs(shop: Project, *names: str) -> None:
    """SIGKILL an `up` once its hook has said `begun` and all these files are there.

    hookman shows what a hook says only after it has told the guardian of its group. Without /proc a kill before that
    spares the hook.
    """
    with shop.start(shop.box.shim, "compose", "up", "-d", stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert any(b"begun" in line for line in process.stderr)
        for name in names:
            number_in(shop.path / name)
        process.kill()


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_a_killed_hookman_takes_its_hook_and_all_that_it_started_along(shop: Project, phase: str) -> None:
    body = """
        trap 'echo tidy >>trace; exit' TERM
        sh -c 'trap "" TERM; echo $$ >stubborn; while :; do sleep 0.1; done' &
        sleep 1000 & echo $! >child; echo $$ >hook; echo begun; wait"""
    shop.write("hookman.toml", "grace = 0.5\n")
    shop.script(f"up.{phase}", "a.sh", body)
    killed_while_it_runs(shop, "stubborn", "child", "hook")
    for name in ("hook", "child", "stubborn"):
        wait_for_the_end_of(shop.path / name)
    assert shop.trace() == ["tidy"]


def test_a_function_and_what_it_started_too(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { sleep 1000 & echo $! >child; echo $$ >hook; echo begun; wait; }\n")
    killed_while_it_runs(shop, "hook")
    wait_for_the_end_of(shop.path / "child")
    wait_for_the_end_of(shop.path / "hook")


def test_what_an_earlier_hook_left_running_lives_on(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "sleep 1000 >/dev/null 2>&1 & echo $! >left")
    shop.script("up.pre", "b.sh", "echo $$ >hook; echo begun; sleep 1000")
    killed_while_it_runs(shop, "hook")
    wait_for_the_end_of(shop.path / "hook")
    left = number_in(shop.path / "left")
    assert alive(left)
    os.kill(left, signal.SIGKILL)


def guardians(project: Project) -> list[Path]:
    """The guardians at work in the project's directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            here = os.readlink(process / "cwd") == str(project.path)
            if here and b"guardian.sh" in (process / "cmdline").read_bytes():
                found.append(process)
        except OSError:
            continue
    return found


def test_a_run_that_ends_well_leaves_no_guardian(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "true")
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    assert process.wait(PATIENCE) == 0
    assert guardians(shop) == []


def test_a_guardian_watches_while_a_hook_runs(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "mkfifo go; touch ready; read x <go")
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    assert len(guardians(shop)) == 1
    (shop.path / "go").write_text("\n")
    assert process.wait(PATIENCE) == 0


@pytest.mark.linux  # elsewhere nobody may read the environment of another process
def test_a_hook_known_only_by_its_environment_is_found(tmp_path: Path) -> None:
    """As when SIGKILL comes between a hook's start and the line that says its group."""
    environ = {"PATH": os.defpath, HOOK_ID: f"{tmp_path.name}-1"}
    hook = subprocess.Popen(["sleep", "1000"], env=environ, process_group=0)
    told = f"hook 0 {tmp_path.name}-1 20\n".encode()
    subprocess.run(["sh", SCRIPT, "/proc"], input=told, timeout=PATIENCE, check=False)
    assert hook.wait(PATIENCE) == -signal.SIGTERM


@pytest.fixture
def sleeps() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts processes that stand for hooks, each in a group of its own, and ends those that are left."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "1000"], process_group=0))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def test_it_forgets_hooks_that_have_ended_while_another_one_runs(
    sleeps: Callable[[], subprocess.Popen[bytes]],
) -> None:
    """There are more of them than its pipe can hold lines."""
    guardian, runs, left = Guardian(), sleeps(), sleeps()
    guardian.started(guardian.before("runs", 0), runs.pid)
    for _ in range(3000):
        number = guardian.before("ended", 0)
        guardian.started(number, left.pid)
        guardian.ended(number)
    guardian.close()
    assert runs.wait(PATIENCE) == -signal.SIGTERM
    assert left.poll() is None


def test_one_that_was_killed_is_replaced_and_the_next_knows_all_hooks(
    sleeps: Callable[[], subprocess.Popen[bytes]],
) -> None:
    guardian, first, second = Guardian(), sleeps(), sleeps()
    guardian.started(guardian.before("first", 0), first.pid)
    killed = guardian._pid  # noqa: SLF001
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
    guardian.started(guardian.before("second", 0), second.pid)
    guardian.close()
    assert [one.wait(PATIENCE) for one in (first, second)] == [-signal.SIGTERM] * 2


def test_more_hooks_at_a_time_than_it_can_be_told_of_run_too_and_it_knows_the_last(
    sleeps: Callable[[], subprocess.Popen[bytes]],
) -> None:
    guardian, runs = Guardian(), sleeps()
    for number in range(500):
        guardian.before(f"{number:0200}", 0)
    guardian.started(0, runs.pid)
    for number in range(1, 500):
        guardian.ended(number)
    guardian.close()
    assert runs.wait(PATIENCE) == -signal.SIGTERM


def test_the_process_that_waits_for_ctrl_c_ends_with_a_killed_hookman(tmp_path: Path) -> None:
    code = "from hookman.run import ctrl_c; print(ctrl_c.watch(0)[0], flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        (tmp_path / "witness").write_bytes(process.stdout.readline())
        assert alive(number_in(tmp_path / "witness"))
        process.kill()
    wait_for_the_end_of(tmp_path / "witness")
