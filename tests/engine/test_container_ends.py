"""What ends a hook in a service's container: nothing that it started runs on there."""

from __future__ import annotations

import io
import os
import shutil
import signal
import tarfile
import tempfile
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.engine import containers_of
from tests.support.leases import Proxy
from tests.support.stacks import (
    AS_PLUGIN,
    HIDDEN,
    SERVICE,
    SLEEPS,
    everything_in,
    last_hook,
    limited,
    running_in,
    up,
)
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until_engine

pytestmark = pytest.mark.engine

SIGHT = pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
STUBBORN = (
    "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 501' & (env -i sleep 502 &); sleep 503 &"
    "sleep 0.3; ps | grep -c 'sleep 50[123]$'; wait"
)


@pytest.mark.root
@SIGHT
@pytest.mark.parametrize("more", ["", "user = 4321\n", "pty = true\n"], ids=["root", "user", "pty"])
def test_at_the_limit_what_runs_in_the_container_is_dead(stack: Project, sight: tuple[str, ...], more: str) -> None:
    stack.write("hookman.toml", limited(STUBBORN, more))
    result = stack.box.run(*sight, "docker", "compose", "up", "-d", cwd=stack.path)
    assert 'Hook "a" timed out after 1 s' in result.err, result
    assert "3\n" in result.err.replace("\r", "")  # they were there
    assert "may still run" not in result.err
    assert running_in(stack) == []


TERM = "trap 'echo tidied up; sleep 0.2; echo done' TERM; sleep 1000 & wait"


@pytest.mark.root
@SIGHT
def test_what_a_hook_prints_while_it_ends_is_shown(stack: Project, sight: tuple[str, ...]) -> None:
    stack.write("hookman.toml", limited(TERM))
    result = stack.box.run(*sight, "docker", "compose", "up", "-d", cwd=stack.path)
    assert "tidied up\ndone\n" in result.err, result
    assert running_in(stack) == []


BARE = f"""
services:
  web: {{{SERVICE.replace("hookman-busybox", "hm-in-bare")}, command: ["/sleep", "1000"]}}
  db: {{{SLEEPS}}}
"""


@pytest.fixture
def bare(real_box: Box, tmp_path: Path) -> Project:
    """A project whose `web` has an image with one program, which is no shell."""
    tar = io.BytesIO()
    busybox = Path(str(shutil.which("busybox"))).read_bytes()
    with tarfile.open(fileobj=tar, mode="w") as out:
        member = tarfile.TarInfo("sleep")
        member.size, member.mode = len(busybox), 0o755
        out.addfile(member, io.BytesIO(busybox))
    project = real_box.project(f"hm-in-{tmp_path.name.lower().replace('_', '-')[:40]}", BARE)
    assert project.docker("import", "-", "hm-in-bare", stdin=tar.getvalue()).code == 0
    return project


WORDS = '[hooks.a]\non = "up.post"\nservice = "web"\nrun = ["/sleep", "505"]\ntimeout = "1s"\ngrace = "500ms"\n'


@pytest.mark.root
@SIGHT
def test_it_is_dead_also_where_the_image_has_no_shell(bare: Project, sight: tuple[str, ...]) -> None:
    bare.write("hookman.toml", WORDS)
    result = bare.box.run(*sight, "docker", "compose", "up", "-d", cwd=bare.path)
    assert 'Hook "a" timed out after 1 s' in result.err, result
    assert "may still run" not in result.err
    assert running_in(bare) == []


@pytest.mark.root
def test_what_nobody_can_end_is_said(bare: Project) -> None:
    bare.write("compose.yaml", BARE.partition("  db:")[0])
    bare.write("hookman.toml", WORDS)
    result = bare.box.run(*HIDDEN, "docker", "compose", "up", "-d", cwd=bare.path)
    name = f"{bare.path.name}-web-1"
    assert f"what a started in {name} may still run: it could not be ended. Fix: docker restart {name}" in result.err
    assert running_in(bare) == ["/sleep 505"]


def test_a_text_for_an_image_without_a_shell_is_told_with_its_fix(bare: Project) -> None:
    bare.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "true"\n')
    assert "the image of web has no sh, which a text in run needs. Fix: write the words of a program" in up(bare)
    bare.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = ["/nosuch"]\n')
    assert "there is no program /nosuch in the image of web" in up(bare)


# Starts hookman, kills it once there is the file `go`, and stays until there is the file `end`.
KILLER = """
"$@" & hookman=$!
until [ -e go ]; do sleep 0.05; done
kill -KILL $hookman
until [ -e end ]; do sleep 0.05; done
"""


@pytest.mark.root
@SIGHT
def test_a_killed_hookman_takes_along_what_runs_in_the_container(stack: Project, sight: tuple[str, ...]) -> None:
    run = "trap 'echo tidy >/tmp/tidy; exit' TERM; sh -c 'trap \"\" TERM; sleep 506; sleep 507' & wait"
    stack.write("hookman.toml", limited(run).replace('timeout = "1s"\n', ""))
    killer = stack.start(*sight, "sh", "-c", KILLER, "sh", *AS_PLUGIN, stack.box.shim, "compose", "up", "-d")
    wait_until_engine(lambda: "sleep 506" in running_in(stack), "the hook did not begin")
    (stack.path / "go").touch()
    wait_until_engine(lambda: not running_in(stack), "what the hook started still runs")
    assert stack.compose("exec", "-T", "web", "sh", "-c", "cat /tmp/tidy; rm /tmp/tidy").out == "tidy\n"
    (stack.path / "end").touch()
    assert killer.wait(PATIENCE) == 0


def test_the_next_command_waits_until_nothing_of_a_killed_one_runs(stack: Project) -> None:
    stack.write("hookman.toml", limited("trap '' TERM; sleep 508; sleep 509").replace('timeout = "1s"\n', ""))
    process = stack.start(*AS_PLUGIN, stack.box.shim, "compose", "up", "-d")
    wait_until_engine(lambda: "sleep 508" in running_in(stack), "the hook did not begin")
    process.kill()
    process.wait()
    assert stack.compose("restart", "-t", "0", "db").code == 0
    assert running_in(stack) == []


def test_a_container_that_is_removed_while_a_hook_runs_in_it_ends_the_hook(stack: Project) -> None:
    stack.write("hookman.toml", limited("sleep 511").replace("1s", "100s"))
    process = stack.start("docker", "compose", "up", "-d")
    wait_until_engine(lambda: running_in(stack), "the hook did not begin")
    stack.docker("rm", "-f", f"{stack.path.name}-web-1")
    assert process.wait(PATIENCE) == 0
    hook = last_hook(stack)
    assert (hook["result"], hook["exit_code"]) == ("failed", 137)
    assert f"{stack.path.name}-web-1 was stopped or replaced while the hook ran in it" in str(hook["problem"])


def test_a_killed_client_is_no_success_and_leaves_nothing(stack: Project) -> None:
    stack.write("hookman.toml", limited("sleep 512").replace("1s", "100s"))
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = stack.start("docker", "compose", "up", "-d")
        wait_until_engine(lambda: running_in(stack), "the hook did not begin")
        (client,) = clients(stack)
        os.kill(client, number)
        assert process.wait(PATIENCE) == 0
        assert last_hook(stack)["result"] == "failed"
        assert running_in(stack) == []


def clients(stack: Project) -> list[int]:
    """The processes of `docker exec` that this project's hooks have."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            here = os.readlink(folder / "cwd") == str(stack.path)
        except OSError:
            continue
        if here and words[:2] == [b"docker", b"exec"]:
            found.append(int(folder.name))
    return found


HARD = {
    "read-only": "read_only: true",
    "init": "init: true",
    "pid": "pid: 'service:db'",
    "caps": "cap_drop: [ALL], security_opt: ['no-new-privileges:true']",
}


@pytest.mark.root
@SIGHT
def test_it_is_dead_also_in_containers_that_are_hardened(real_box: Box, tmp_path: Path, sight: tuple[str, ...]) -> None:
    services = {name: f"{{{SLEEPS}, {hard}}}" for name, hard in HARD.items()} | {"db": f"{{{SLEEPS}}}"}
    text = "services:\n" + "".join(f"  {name}: {service}\n" for name, service in services.items())
    shop = real_box.project(f"hm-in-{tmp_path.name.lower().replace('_', '-')[:40]}", text)
    run = "trap '' TERM; setsid sleep 514 & sleep 515; sleep 516"
    tables = [limited(run, "user = 4321\n").replace("hooks.a", f"hooks.{n}").replace('"web"', f'"{n}"') for n in HARD]
    shop.write("hookman.toml", 'jobs = 4\nparallel = ["up.post"]\n' + "".join(tables))
    result = shop.box.run(*sight, "docker", "compose", "up", "-d", cwd=shop.path)
    for name in HARD:
        assert f'Hook "{name}" timed out after 1 s' in result.err, result
    assert "may still run" not in result.err
    assert [args for args in everything_in(shop) if "51" in args] == []
    assert len(everything_in(shop)) == len(services) + 1  # and the init process


@pytest.mark.root
@SIGHT
def test_an_engine_that_goes_silent_holds_nobody_at_the_limit(stack: Project, sight: tuple[str, ...]) -> None:
    stack.write("hookman.toml", 'lock = "local"\n' + limited("sleep 517").replace("1s", "3s") + 'wait = "none"\n')
    with tempfile.TemporaryDirectory(prefix="hm-") as folder, (stack.path / "said").open("wb") as said:
        between = Proxy(Path(folder, "socket"))
        try:
            host = f"DOCKER_HOST=unix://{between.path}"
            process = stack.start(*sight, "env", host, "docker", "compose", "up", "-d", stderr=said.fileno())
            wait_until_engine(lambda: "sleep 517" in running_in(stack), "the hook did not begin")
            between.flows.clear()
            assert process.wait(PATIENCE) == 0
        finally:
            between.close()
    err = (stack.path / "said").read_text()
    assert 'Hook "a" timed out after 3 s' in err, err
    assert ("may still run" in err, running_in(stack)) == ((True, ["sleep 517"]) if sight else (False, []))


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_ctrl_c_ends_what_runs_in_the_container(stack: Project, phase: str) -> None:
    run = "trap 'echo got INT; exit 1' INT; echo begun; sleep 518 & wait"
    stack.write("hookman.toml", limited(run).replace("up.post", f"up.{phase}").replace("1s", "100s"))
    terminal = Terminal(stack, "docker", "compose", "up", "-d")
    terminal.expect(b"begun")
    terminal.type(b"\x03")
    terminal.wait()
    assert stack.box.runs()[-1]["result"] == "interrupted"
    assert [args for args in everything_in(stack) if "518" in args] == []
    assert len(containers_of(stack.path.name)) == 2
