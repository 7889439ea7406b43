"""Podman's engine, which answers as Docker's does: hooks run there too."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.engine import SHORT_LIVED, engine_variable
from tests.support.leases import machine
from tests.support.stacks import SLEEPS
from tests.support.waiting import HOLD, let_go, wait_for

pytestmark = pytest.mark.engine

# Podman asks for more open files and processes than a container that it runs in may have.
SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
# At each question for what kind of engine it is, which Compose asks for each command, podman asks Debian's dpkg which
# packages its programs come from; that takes longer than all else. Root can give it one that does not know.
WITHOUT_DPKG = (
    "unshare",
    "-m",
    "sh",
    "-c",
    '[ ! -e /usr/bin/dpkg ] || mount --bind /bin/false /usr/bin/dpkg; exec "$@"',
    "sh",
)


@pytest.fixture(scope="module")
def podman() -> Iterator[str]:
    """The address of a podman that has the tests' image."""
    with tempfile.TemporaryDirectory(prefix="podman-") as folder:  # short, for a socket's path is
        settings, socket = Path(folder, "containers.conf"), Path(folder, "socket")
        settings.write_text(SETTINGS)
        environ = {"PATH": os.environ["PATH"], "HOME": folder, "CONTAINERS_CONF": str(settings)}  # noqa: TID251
        command = ["podman", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
        apart = () if os.geteuid() else WITHOUT_DPKG
        serve = [*apart, *command, "system", "service", "--time", "0", f"unix://{socket}"]
        with Path(folder, "log").open("wb") as log:
            service = subprocess.Popen(serve, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(socket)
            docker, image = ["docker", "-H", engine_variable("DOCKER_HOST")], engine_variable("HOOKMAN_TEST_IMAGE")
            saved = subprocess.run([*docker, "save", image], capture_output=True, check=True).stdout
            subprocess.run([*command, "load"], env=environ, input=saved, capture_output=True, check=True)
            yield f"unix://{socket}"
        finally:
            service.terminate()
            service.wait(PATIENCE)
            subprocess.run([*command, "system", "reset", "--force"], env=environ, capture_output=True, check=False)


@pytest.fixture
def shop(podman: str, real_compose: Path, tmp_path: Path) -> Iterator[Project]:
    """An enabled project on it: one service, a hook before and one after `up`."""
    box = Box(tmp_path, real_compose, {"DOCKER_HOST": podman, **SHORT_LIVED})
    box.install()
    shop = box.project("hm-podman")
    shop.write("compose.yaml", f"services: {{web: {{{SLEEPS}}}}}\n")
    shop.script("up.pre", "a.sh", "echo before >>trace")
    shop.hooks_sh(
        'hook_post_up() { echo "$(docker compose ps --format "{{.Service}} {{.State}}")" >>trace; touch up; }\n'
    )
    yield shop
    shop.compose("down", "--skip-hooks")


def test_hooks_run_around_up_and_down_on_podman(shop: Project) -> None:
    shop.script("down.post", "b.sh", "echo down >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["before", "web running"]), result
    assert shop.compose("down").code == 0
    assert shop.trace()[2:] == ["down"]


def test_once_for_the_engine_and_for_a_volume_on_podman(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {{{SLEEPS}, volumes: ['data:/data']}}}}\nvolumes: {{data: {{}}}}\n")
    tables = [f'[hooks.{name}]\non = "up.post"\nrun = "echo {name} >>once"\n' for name in ("engine", "volume")]
    shop.write("hookman.toml", f'{tables[0]}once = "engine"\n{tables[1]}once = "volume:data"\n')
    for removes in ([], ["-v"], []):
        assert shop.compose("up", "-d").code == 0
        assert shop.compose("down", *removes).code == 0
    assert (shop.path / "once").read_text().split() == ["engine", "volume", "volume"]
    shop.compose("down", "-v", "--skip-hooks")


def test_post_hooks_run_beside_an_attached_up_on_podman(shop: Project) -> None:
    up = subprocess.Popen(
        ["docker", "compose", "up"],
        cwd=shop.path,
        env={**shop.box.environ, "PWD": str(shop.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    wait_for(shop.path / "up")
    assert (up.poll(), shop.trace()) == (None, ["before", "web running"])
    os.killpg(up.pid, signal.SIGINT)
    assert up.wait(60) == 130


def test_the_lock_is_on_podman_too(podman: str, tmp_path: Path, installed: Box) -> None:
    here, there = (machine(tmp_path / name, installed, podman).project("hm-podman-lock") for name in ("here", "there"))
    there.write("hookman.toml", "lock_timeout = 0.2\n")
    here.script("up.pre", "hold.sh", HOLD)
    with here.start("docker", "compose", "up", "-d") as first:
        wait_for(here.path / "held")
        late = there.compose("build")
        assert (late.code, "it is held by `up -d`" in late.err) == (75, True), late
        let_go(here, first)
    assert there.compose("build").code == 0


def test_hooks_in_containers_run_and_are_dead_at_their_limit_on_podman(shop: Project) -> None:
    text = '[hooks.{0}]\non = "up.{0}"\nservice = "web"\nrun = "echo {0} as $(id -u)"\nuser = "7"\n'
    (shop.path / ".dde/hooks/project.up.pre/a.sh").unlink()
    shop.write("hookman.toml", text.format("pre") + text.format("post"))
    done = shop.compose("up", "-d")
    assert (done.code, "pre as 7\n" in done.err, "post as 7\n" in done.err) == (0, True, True), done
    limited = "run = \"trap '' TERM; setsid sleep 600 & sleep 601\"\ntimeout = 2\ngrace = 0.5\n"
    shop.write("hookman.toml", f'[hooks.slow]\non = "up.post"\nservice = "web"\n{limited}')
    done = shop.compose("up", "-d")
    assert 'Hook "slow" timed out after 2 s' in done.err, done
    assert "may still run" not in done.err
    assert "sleep 60" not in shop.compose("exec", "-T", "--skip-hooks", "web", "ps").out
