"""What post hooks wait for (DESIGN 1.10): the same after `up -d` and beside an attached `up`."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import stacks
from tests.support.box import Box, Project
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until

pytestmark = pytest.mark.engine

SLEEPS = f"{{{stacks.SLEEPS}}}"
# A service is `starting` until its first check, which comes after the interval.
SLOW = f"{{{stacks.SLEEPS}, healthcheck: {{test: 'true', interval: 1s}}}}"
NEVER = f"{{{stacks.SLEEPS}, healthcheck: {{test: 'true', interval: 1h}}}}"
STATES = "docker compose ps -a --format '{{.Service}} {{.State}} {{.Health}}' | sort >>trace"


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Project:
    project = real_box.project(f"hm-{tmp_path.name.lower().replace('_', '-')[:40]}")
    project.script("up.post", "a.sh", STATES)
    return project


def services(shop: Project, **services: str) -> None:
    shop.write("compose.yaml", "services:\n" + "".join(f"  {name}: {text}\n" for name, text in services.items()))


def states(shop: Project) -> list[str]:
    return [line.rstrip() for line in shop.trace()]


def attached(shop: Project) -> str:
    """An attached `up` whose containers end by themselves, or that is stopped once it says why no hook runs."""
    process = shop.start("docker", "compose", "up", stderr=subprocess.PIPE, own_group=True)
    assert process.stderr is not None
    said = b""
    for line in iter(process.stderr.readline, b""):
        said += line
        if b"did not run" in line and process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
    process.stderr.close()
    process.wait(60)
    return said.decode()


def detached(shop: Project) -> str:
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    return result.err


Way = Callable[[Project], str]
BOTH = pytest.mark.parametrize("up", [attached, detached])


@pytest.fixture(scope="module")
def waited(lasting_box: Box) -> Project:
    """A project after an `up -d` with two post hooks, which waited for a health check."""
    shop = lasting_box.project(stacks.name_in(lasting_box, "hm-waited"))
    services(shop, db=SLOW, web=SLEEPS)
    shop.script("up.post", "a.sh", STATES)
    shop.script("up.post", "b.sh")
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    return shop


def test_a_health_check_is_waited_for_after_up_d(waited: Project) -> None:
    assert states(waited) == ["db running healthy", "web running"]


def test_the_log_says_what_was_waited_for_and_a_second_hook_does_not_wait_again(waited: Project) -> None:
    run = waited.box.runs()[-1]
    (wait,) = run["waits"]
    assert wait.pop("seconds") > 0
    assert wait.pop("started") > 0
    assert wait == {
        "event": "project.up.post",
        "hook": "a.sh",
        "wants": "healthy",
        "services": ["db", "web"],
        "waited_for": ["db (starting)"],
        "result": "ready",
    }
    assert len(run["hooks"]) == 2


def test_the_log_and_the_page_of_a_run_show_the_wait(waited: Project) -> None:
    run = waited.box.runs()[-1]["run"]
    assert "before project.up.post/a.sh, for db (starting): ready" in waited.hookman("log", run).out
    assert waited.hookman("log", run, "--report", "page.html").code == 0
    assert "Waiting for services" in (waited.path / "page.html").read_text()


@BOTH
@pytest.mark.parametrize("body", ["echo boom; exit 3", "sleep 0.2; echo boom; exit 3"], ids=["at once", "soon"])
def test_a_container_that_dies_ends_the_wait_with_its_last_lines(shop: Project, up: Way, body: str) -> None:
    services(shop, web=f"{{{stacks.SERVICE}, command: sh -c '{body}'}}", db=NEVER)
    assert 'hookman: Hook "a.sh" did not run: web ended with exit code 3:\nhookman: boom\nhookman: Fix: ' in up(shop)
    run = shop.box.runs()[-1]
    assert [(hook["name"], hook["result"]) for hook in run["hooks"]] == [("a.sh", "failed")]
    assert run["hooks"][0]["problem"]["what"] == "web ended with exit code 3:\nboom"
    assert shop.trace() == []


@BOTH
def test_at_the_limit_the_hook_fails_without_having_run(shop: Project, up: Way) -> None:
    services(shop, db=NEVER)
    shop.write("hookman.toml", 'wait_timeout = "1s"\n')
    assert 'Hook "a.sh" did not run: db (starting) was not healthy after 1 s. Fix: docker compose logs db; ' in up(shop)
    run = shop.box.runs()[-1]
    assert [(hook["name"], hook["result"]) for hook in run["hooks"]] == [("a.sh", "timeout")]
    assert shop.trace() == []


def test_none_for_all_is_as_it_was(shop: Project) -> None:
    services(shop, db=NEVER)
    shop.write("hookman.toml", 'wait = "none"\n')
    assert shop.compose("up", "-d").code == 0
    assert states(shop) == ["db running starting"]
    assert "waits" not in shop.box.runs()[-1]


def test_ctrl_c_ends_the_wait(shop: Project) -> None:
    services(shop, db=NEVER)
    shop.script("up.always", "z.sh", 'echo "$HOOKMAN_RESULT $HOOKMAN_EXIT_CODE" >>trace')
    terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
    terminal.expect(b" waiting for db: ")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    assert shop.trace() == ["interrupted 130"]


def post_hook(shop: Project, keys: str = "") -> None:
    """Declare a post hook in the place of the script."""
    (shop.path / ".dde/hooks/project.up.post/a.sh").unlink()
    shop.write("hookman.toml", f'[hooks.tell]\non = "up.post"\nrun = "{STATES}"\n{keys}\n')


def test_a_failing_wait_is_a_failure_of_the_hook_by_post_failure(shop: Project) -> None:
    services(shop, web=f"{{{stacks.SERVICE}, command: 'false'}}")
    shop.write("hookman.toml", 'post_failure = "fail"\n')
    assert shop.compose("up", "-d").code == 1
    shop.write("hookman.toml", 'post_failure = "warn"\n')
    assert shop.compose("up", "-d").code == 0


def test_a_failure_that_is_allowed_lets_the_event_go_on(shop: Project) -> None:
    services(shop, db=NEVER)
    post_hook(shop, "wait_timeout = 0.5\nallow_failure = [124]\nretries = 3")
    shop.hooks_sh("hook_always_up() { echo $HOOKMAN_RESULT >>trace; }\n")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["ok"]), result
    assert result.err.count("did not run") == 1


def test_running_does_not_wait_for_a_health_check(shop: Project) -> None:
    services(shop, db=NEVER)
    post_hook(shop, 'wait = "running"')
    assert shop.compose("up", "-d").code == 0
    assert states(shop) == ["db running starting"]


def test_running_beside_an_attached_up_does_not_wait_for_a_health_check(shop: Project) -> None:
    services(shop, db=NEVER)
    post_hook(shop, 'wait = "running"')
    process = shop.start("docker", "compose", "up", own_group=True)
    wait_until(lambda: states(shop), "the hook did not run")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert states(shop) == ["db running starting"]


def test_a_pre_hook_waits_only_if_its_table_says_so(shop: Project) -> None:
    services(shop, db=SLOW)
    shop.write("hookman.toml", f'[hooks.before]\non = "up.pre"\nrun = "{STATES}"\nwait = "healthy"\n')
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    assert shop.compose("up", "-d").code == 0
    assert states(shop)[0] == "db running healthy"


def test_a_skipped_hook_waits_for_nothing(shop: Project) -> None:
    services(shop, db=NEVER)
    post_hook(shop, "skip = true")
    assert shop.compose("up", "-d").code == 0
    assert "waits" not in shop.box.runs()[-1]


def test_services_that_the_command_does_not_touch_do_not_count(shop: Project) -> None:
    services(shop, web=f"{{{stacks.SLEEPS}, depends_on: [db]}}", db=SLEEPS, other=NEVER)
    shop.write("hookman.toml", "wait_timeout = 5\n")
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    result = shop.compose("up", "-d", "web")
    assert "other" not in result.err
    assert shop.trace() != []


def test_containers_of_a_profile_that_is_not_active_do_not_count(shop: Project) -> None:
    services(shop, web=SLEEPS, debug=f"{{{stacks.SERVICE}, command: 'false', profiles: [debug]}}")
    assert shop.compose("--profile", "debug", "up", "-d", "--skip-hooks").code == 0
    assert "did not run" not in shop.compose("up", "-d").err
    assert "debug ended with exit code 1" in shop.compose("--profile", "debug", "up", "-d").err


def test_what_a_container_printed_last_is_masked(shop: Project) -> None:
    services(shop, web=f"{{{stacks.SERVICE}, command: sh -c 'echo password is topsecret9; exit 1'}}")
    shop.write(".env", "DB_PASSWORD=topsecret9\n")
    result = shop.compose("up", "-d")
    assert "password is ***" in result.err
    assert "topsecret9" not in result.err + str(shop.box.runs()[-1])


def test_rerun_waits_too(shop: Project) -> None:
    services(shop, db=SLOW)
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    assert shop.hookman("rerun", "a.sh").code == 0
    assert states(shop) == ["db running healthy"]


@pytest.mark.parametrize("real_compose", ["HOOKMAN_TEST_COMPOSE_OLDEST"], ids=["oldest"], indirect=True)
def test_with_the_oldest_compose_too(shop: Project) -> None:
    completed = "depends_on: {init: {condition: service_completed_successfully}}"
    services(shop, db=SLOW, web=f"{{{stacks.SLEEPS}, {completed}}}", init=f"{{{stacks.SERVICE}, command: 'true'}}")
    shop.script("up.post", "a.sh", "docker inspect -f '{{.State.Health.Status}}' $(docker compose ps -q db) >>trace")
    assert shop.compose("up", "-d", "web", "db").code == 0
    assert shop.trace() == ["healthy"]
    (wait,) = shop.box.runs()[-1]["waits"]
    assert wait["services"] == ["db", "init", "web"]


def test_json_lines_say_what_is_waited_for_if_it_takes_long(shop: Project) -> None:
    services(shop, db=SLOW.replace("1s", "6s"))
    result = shop.compose("--progress", "json", "up", "-d")
    assert '"text":"post hooks wait for db (starting)"' in result.err.replace('": "', '":"')
    assert states(shop) == ["db running healthy"]
