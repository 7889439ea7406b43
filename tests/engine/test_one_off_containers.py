"""Hooks before the first `up`, in a container of their own, with both pinned versions of Compose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.engine import containers_of
from tests.support.stacks import AS_PLUGIN, STACK, last_hook, limited, up
from tests.support.waiting import wait_until_engine

pytestmark = pytest.mark.engine

BOTH = pytest.mark.parametrize(
    "real_compose", ["HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST"], ids=["newest", "oldest"], indirect=True
)


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Project:
    """A project whose services have never run."""
    return real_box.project(f"hm-in-{tmp_path.name.lower().replace('_', '-')[:40]}", STACK)


ONE_OFF = """
[hooks.a]
on = "up.pre"
service = "web"
run = "echo $OWN $TAG $HOOKMAN_EVENT as $(id -u) in $PWD; test ! -e /proc/999999"
user = "7"
workdir = "/etc"
env = { TAG = "$x 'y'" }
[hooks.b]
on = "up.pre"
service = "db"
run = ["echo", "-n", "a  b$c"]
"""


@BOTH
def test_before_the_first_up_a_hook_has_a_container_of_its_own_without_the_services_entrypoint(shop: Project) -> None:
    compose = (shop.path / "compose.yaml").read_text()
    shop.write("compose.yaml", "entrypoint: sleep 1000".join(compose.rsplit("command: sleep 1000", 1)))
    shop.write("hookman.toml", ONE_OFF)
    said = up(shop)
    assert "own $x 'y' project.up.pre as 7 in /etc\n" in said
    assert "a  b$c" in said
    assert len(containers_of(shop.path.name)) == 2
    assert last_hook(shop)["service"] == "db"


@BOTH
@pytest.mark.parametrize("more", ["", "env = { A = '1' }\n"], ids=["plain", "env"])
def test_its_failure_stops_the_command_and_nothing_is_left(shop: Project, more: str) -> None:
    text = '[hooks.a]\non = "up.pre"\nservice = "web"\nrun = "echo no >&2; exit 5"\n'
    shop.write("hookman.toml", text + more)
    assert 'Hook "a" failed with exit code 5' in up(shop, code=1)
    assert (containers_of(shop.path.name), last_hook(shop)["exit_code"]) == ([], 5)


@BOTH
@pytest.mark.parametrize("run", ["sleep 1000", "trap '' TERM; while :; do sleep 1; done"], ids=["tidy", "stubborn"])
def test_at_its_limit_a_container_of_its_own_is_gone(shop: Project, run: str) -> None:
    shop.write("hookman.toml", limited(run).replace("up.post", "up.pre").replace("1s", "4s"))
    assert 'Hook "a" timed out after 4 s' in up(shop, code=124)
    assert containers_of(shop.path.name) == []


@BOTH
@pytest.mark.parametrize("more", ["", "env = { A = '1' }\n"], ids=["plain", "env"])
def test_a_service_that_does_not_exist_is_told_with_the_nearest_name(shop: Project, more: str) -> None:
    for phase in ("pre", "post"):
        text = f'[hooks.a]\non = "up.{phase}"\nservice = "wbe"\nrun = "true"\n'
        shop.write("hookman.toml", text + more)
        said = up(shop, code=int(phase == "pre"))
        assert f"{shop.path}/hookman.toml:3: there is no service wbe. Fix: Did you mean 'web'?" in said


def test_a_program_that_the_image_does_not_have_is_named(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.pre"\nservice = "web"\nrun = ["nosuch"]\n')
    assert "there is no program nosuch in the image of web" in up(shop, code=1)
    assert containers_of(shop.path.name) == []


def test_a_killed_hookman_takes_its_own_container_along(shop: Project) -> None:
    run = "trap '' TERM; while :; do sleep 1; done"
    shop.write("hookman.toml", limited(run).replace('timeout = "1s"\n', "").replace("up.post", "up.pre"))
    process = shop.start(*AS_PLUGIN, shop.box.shim, "compose", "up", "-d")
    wait_until_engine(lambda: containers_of(shop.path.name), "there is no container")
    process.kill()
    process.wait()
    wait_until_engine(lambda: not containers_of(shop.path.name), "the container is still there")
    assert shop.hookman("log", "-n", "1").out.count("interrupted") == 1


@BOTH
def test_with_pty_its_output_is_a_terminal(shop: Project) -> None:
    text = limited("test -t 1 && echo a terminal before", "pty = true\n").replace("1s", "100s")
    before = text.replace("up.post", "up.pre")
    shop.write("hookman.toml", before + text.replace("hooks.a", "hooks.b").replace("before", "after"))
    said = up(shop)
    assert ("a terminal before" in said, "a terminal after" in said) == (True, True)
