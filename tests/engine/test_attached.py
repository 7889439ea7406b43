"""An attached `docker compose up`: post hooks when its containers are up (DESIGN 1.4)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.attached import IMAGE, SLEEPS, Up, project_with_a_post_hook
from tests.support.box import Box, Project
from tests.support.stacks import health_in
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for, wait_until_engine

pytestmark = pytest.mark.engine


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Project:
    return project_with_a_post_hook(real_box, tmp_path)


def test_post_hooks_run_when_all_are_up_and_compose_stays(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services:\n  web: {SLEEPS}\n  db: {SLEEPS}\n")
    up = Up(shop)
    started.append(up)
    assert up.hooks_ran() == ["db running", "web running"]
    assert up.process.poll() is None
    up.wait_for_the_lock()
    assert up.stop() == 130
    assert shop.box.runs()[-1]["result"] == "ok"


def test_what_a_hook_prints_beside_compose_has_an_owner(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services:\n  web: {SLEEPS}\n")
    shop.script("up.post", "z.sh", "echo printed; touch done")
    up = Up(shop)
    started.append(up)
    wait_for(shop.path / "done")
    up.wait_for_the_lock()
    up.stop()
    assert " ▸ project.up.post/z.sh prints:\nprinted\n" in up.err


@pytest.mark.parametrize("real_compose", ["HOOKMAN_TEST_COMPOSE_OLDEST"], ids=["oldest"], indirect=True)
def test_with_the_oldest_compose_too(shop: Project, started: list[Up]) -> None:
    shop.script("up.post", "a.sh", "docker compose ps -q --status running >up.new; mv up.new up")  # no templates there
    shop.write("compose.yaml", f"services:\n  web: {SLEEPS}\n  db: {SLEEPS}\n")
    up = Up(shop)
    started.append(up)
    assert len(up.hooks_ran()) == 2
    assert up.process.poll() is None
    up.wait_for_the_lock()
    assert up.stop() == 130


def test_a_health_check_is_waited_for(shop: Project, started: list[Up]) -> None:
    check = "healthcheck: {test: test -e /tmp/ok, interval: 200ms, retries: 100}"
    shop.write(
        "compose.yaml", f"services:\n  web: {{{IMAGE}, command: sh -c 'sleep 1; touch /tmp/ok; sleep 1000', {check}}}\n"
    )
    started.append(Up(shop))
    assert started[0].hooks_ran() == ["web running healthy"]


def test_everything_was_up_already(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    started.append(Up(shop))
    assert started[0].hooks_ran() == ["web running"]


def test_recreated_containers_are_the_ones_that_count(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services:\n  web: {SLEEPS}\n  db: {SLEEPS}\n")
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    before = set(shop.compose("ps", "-q").out.split())
    shop.script("up.post", "a.sh", "docker compose ps -q >up.new; mv up.new up")
    started.append(Up(shop, "--force-recreate"))
    now = set(started[0].hooks_ran())
    assert (len(now), now & before) == (2, set())


def test_only_the_services_of_this_up_count(shop: Project, started: list[Up]) -> None:
    bad = f"{{{IMAGE}, command: 'false'}}"
    needs = f"{{{IMAGE}, command: sleep 1000, depends_on: [db]}}"
    shop.write("compose.yaml", f"services:\n  web: {needs}\n  db: {SLEEPS}\n  bad: {bad}\n")
    assert shop.compose("up", "-d", "--skip-hooks", "bad").code == 0
    started.append(Up(shop, "web"))
    assert started[0].hooks_ran()[1:] == ["db running", "web running"]


def test_a_one_shot_that_ends_with_0_is_up(shop: Project, started: list[Up]) -> None:
    needs = f"{{{IMAGE}, command: sleep 1000, depends_on: {{init: {{condition: service_completed_successfully}}}}}}"
    shop.write("compose.yaml", f"services:\n  web: {needs}\n  init: {{{IMAGE}, command: 'true'}}\n")
    started.append(Up(shop))
    assert started[0].hooks_ran() == ["init exited", "web running"]


def test_one_shots_alone_that_all_end_with_0_were_up(shop: Project) -> None:
    shop.write("compose.yaml", f"services:\n  one: {{{IMAGE}, command: 'true'}}\n  two: {{{IMAGE}, command: 'true'}}\n")
    up = Up(shop)
    assert up.ended() == 0
    assert up.hooks_ran() == ["one exited", "two exited"]


def test_a_service_that_stays_unhealthy_is_never_up_and_the_lock_is_given_back(
    shop: Project, started: list[Up]
) -> None:
    check = "healthcheck: {test: 'false', interval: 1s, retries: 1}"
    shop.write("compose.yaml", f"services: {{web: {{{IMAGE}, command: sleep 1000, {check}}}}}\n")
    up = Up(shop)
    started.append(up)
    wait_until_engine(lambda: health_in(shop) == ["unhealthy"], "it did not start")
    assert not (shop.path / "up").exists()
    # A `down` gets the lock when its patience with the `up` is over, long before its own.
    assert shop.compose("down").code == 0
    up.ended()
    assert not (shop.path / "up").exists()


def test_after_a_while_one_line_says_what_the_post_hooks_wait_for_and_the_end_that_they_did_not_run(
    shop: Project,
) -> None:
    check = "healthcheck: {test: 'false', interval: 1s, retries: 1}"
    shop.write("compose.yaml", f"services:\n  web: {{{IMAGE}, command: sleep 1000, {check}}}\n  db: {SLEEPS}\n")
    up = Up(shop)
    assert up.process.stderr is not None
    lines = iter(up.process.stderr.readline, b"")
    assert next(line for line in lines if b"hookman: post hooks wait" in line) == (
        b"hookman: post hooks wait for web (unhealthy)\n"
    )
    assert up.stop() == 130
    assert "hookman: post hooks did not run: web (unhealthy) was not up when Compose ended" in up.err
    hooks = [(hook["name"], hook["result"], hook["reason"]) for hook in shop.box.runs()[-1]["hooks"]]
    assert hooks == [("a.sh", "skipped", "web (unhealthy) was not up when Compose ended")]


def test_a_service_of_a_profile_that_is_not_active_counts_when_it_is_named(shop: Project, started: list[Up]) -> None:
    web = f"{{{IMAGE}, command: sleep 1000, profiles: [debug]}}"
    shop.write("compose.yaml", f"services:\n  web: {web}\n  other: {SLEEPS}\n")
    started.append(Up(shop, "web"))
    assert started[0].hooks_ran() == ["web running"]


def test_an_up_without_any_container_runs_its_post_hooks_as_up_d_does(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {{{IMAGE}, command: sleep 1000, deploy: {{replicas: 0}}}}}}\n")
    detached = shop.compose("up", "-d")
    assert (detached.code, (shop.path / "up").exists()) == (0, True)
    (shop.path / "up").unlink()
    up = Up(shop)
    assert (up.ended(), (shop.path / "up").exists()) == (0, True)


def test_a_post_hook_that_asks_at_the_terminal_beside_it_fails_at_once(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    shop.script("up.post", "a.sh", "read answer </dev/tty || echo none >up")
    terminal = Terminal(shop, "docker", "compose", "up", term="xterm")
    wait_for(shop.path / "up")
    terminal.type(b"\x03")
    assert terminal.wait() == 0


def test_post_hooks_start_after_the_last_container_is_up(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    shop.script("up.post", "a.sh", "date +%s.%N >up.new; mv up.new up")
    started.append(Up(shop))
    hook = float(started[0].hooks_ran()[0])
    ident = shop.compose("ps", "-q").out.strip()
    shown = shop.docker("inspect", "-f", "{{.State.StartedAt}}", ident).out.strip()
    seconds = subprocess.run(["date", "-d", shown, "+%s.%N"], capture_output=True, text=True, check=True)
    assert hook > float(seconds.stdout)  # how much later is for a benchmark: no timed assertions here


def test_what_a_post_hook_left_running_has_hooks_again_while_compose_stays(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services:\n  web: {SLEEPS}\n")
    shop.script("build.pre", "a.sh", "echo build >>trace")
    left = "read x <later; docker compose build; touch done"
    shop.script("up.post", "b.sh", f"mkfifo later; setsid sh -c '{left}' >/dev/null 2>&1 &")
    up = Up(shop)
    started.append(up)
    assert up.hooks_ran() == ["web running"]
    up.wait_for_the_lock()
    (shop.path / "later").write_text("\n")
    wait_for(shop.path / "done")
    assert (up.process.poll(), shop.trace()) == (None, ["build"])
