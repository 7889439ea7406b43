"""What goes wrong around a run: Compose is not broken by our log or lock, and no failure passes for success."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from hookman.base.redact import Redactor
from hookman.log import store
from hookman.log.writer import Journal
from tests.support.box import PATIENCE, Box, Project, Result
from tests.support.waiting import number_in


@pytest.fixture
def hooks(shop: Project) -> Project:
    """A project whose hooks print much and say that they ran."""
    shop.script("up.pre", "a.sh", "seq 100000; echo pre >>trace")
    shop.script("up.post", "a.sh", "seq 100000; echo post >>trace")
    return shop


def on_a_small_disk(project: Project, fill: str, *words: str) -> Result:
    """Run docker compose with the log of all projects on a disk of 128 KiB, after `fill`."""
    projects = project.box.data / "projects"
    projects.mkdir(exist_ok=True)
    script = f'mount -t tmpfs -o size=128k none {projects}; {fill}; exec docker compose "$@"'
    return project.box.run("unshare", "-m", "sh", "-c", script, "sh", *words, cwd=project.path)


@pytest.mark.parametrize("fill", ["true", "cat /dev/zero >projects/zero 2>/dev/null"], ids=["fills up", "is full"])
def test_a_full_disk(hooks: Project, fill: str) -> None:
    fill = fill.replace("projects/", f"{hooks.box.data}/projects/")
    result = on_a_small_disk(hooks, fill, "up", "-d")
    assert (result.code, hooks.trace(), hooks.box.calls()) == (0, ["pre", "post"], ["<compose><up><-d>"])
    warnings = [line for line in result.err.splitlines() if line.startswith("hookman: ")]
    assert 1 <= len(warnings) <= 2, warnings
    assert "No space left on device" in warnings[0]


def test_a_failing_hook_fails_on_a_full_disk_too(hooks: Project) -> None:
    hooks.script("up.pre", "b.sh", "exit 3")
    result = on_a_small_disk(hooks, f"cat /dev/zero >{hooks.box.data}/projects/zero 2>/dev/null", "up", "-d")
    assert (result.code, hooks.box.calls()) == (1, [])


@pytest.mark.root
def test_a_data_directory_that_is_read_only(hooks: Project) -> None:
    data = hooks.box.data
    script = f"mount --bind {data} {data}; mount -o remount,bind,ro {data}; exec docker compose up -d"
    result = hooks.box.run("unshare", "-m", "sh", "-c", script, cwd=hooks.path)
    assert (result.code, hooks.trace(), hooks.box.calls()) == (0, ["pre", "post"], ["<compose><up><-d>"])
    assert len([line for line in result.err.splitlines() if line.startswith("hookman: ")]) == 1


@pytest.mark.parametrize("limit", range(6, 30, 2))
def test_out_of_descriptors(box: Box, shop: Project, limit: int) -> None:
    """The hook fails or runs; either way Compose runs only if it did, or if no hook could begin and that is said."""
    shop.script("up.pre", "a.sh", "echo pre >>trace; exit 3")
    done = subprocess.run(
        [box.data / "cli-plugins/docker-compose", "compose", "up", "-d"],
        cwd=shop.path,
        env={**box.environ, "PWD": str(shop.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
        check=False,
    )
    assert b"Traceback" not in done.stderr
    if shop.trace():
        assert (done.returncode, box.calls()) == (1, [])
    else:
        assert b"hookman: " in done.stderr or b"sh: " in done.stderr or b"docker-compose: " in done.stderr


def test_a_clock_set_back_during_a_run_harms_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits go by the monotonic clock; what the wall clock says is only shown."""
    clock = iter(range(2_000_000_000, 0, -1_000_000))
    monkeypatch.setattr("hookman.log.writer.time.time", lambda: next(clock))
    for name in ("one", "two"):
        journal = Journal(str(tmp_path), name, Redactor(), pytest.fail)
        journal.start(command="up")
        journal.hook(event="project.up.pre", name="a.sh", kind="script", result="ok")
        journal.end("ok", 0, 10)
    assert [(run["run"], run["result"]) for run in store.runs(str(tmp_path))] == [("two", "ok"), ("one", "ok")]


def test_a_script_replaced_while_it_runs_does_no_harm_to_the_run(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "printf '#!/bin/sh\nexit 7\n' >new; chmod +x new; mv new $0; echo first >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["first"]
    assert shop.compose("up", "-d").code == 1


def test_a_hooks_sh_broken_between_the_phases_fails_the_command(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { echo pre >>trace; }\nhook_post_up() { echo post >>trace; }\n")
    result = shop.compose("up", "-d", STUB_RUN="echo 'hook_post_up() {' >hooks.sh")
    assert (result.code, shop.trace()) == (1, ["pre"])
    assert "hooks.sh:" in result.err
    assert shop.box.calls() == ["<compose><up><-d>"]


def test_a_compose_that_is_killed_is_no_success(shop: Project) -> None:
    shop.script("up.post", "a.sh", "echo post >>trace")
    process = shop.start(shop.box.shim, "compose", "up", "-d", STUB_RUN="echo $$ >compose; sleep 1000")
    os.kill(number_in(shop.path / "compose"), signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL
    assert shop.trace() == []
    assert [run["result"] for run in shop.box.runs()] == ["failed"]
    assert shop.compose("down").code == 0


def test_a_working_directory_that_a_hook_removes(box: Box, shop: Project) -> None:
    (shop.path / "sub").mkdir()
    shop.script("up.pre", "a.sh", "rmdir sub")
    result = shop.compose("up", "-d", cwd=shop.path / "sub")
    assert "Traceback" not in result.err
    assert box.runs()[-1]["hooks"][0]["result"] == "ok"


def test_a_gibibyte_of_output_stays_out_of_memory(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "head -c 1G /dev/zero")
    shop.script("up.pre", "b.sh", "grep VmHWM /proc/$PPID/status >trace")  # of hookman, which started it
    assert shop.start(shop.box.shim, "compose", "up", "-d").wait(60) == 0
    assert int(shop.trace()[0].split()[1]) < 64 * 1024  # KiB
