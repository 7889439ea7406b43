"""How an attached `docker compose up` ends (Ctrl-C, a failure, `down` elsewhere), and which hooks run then."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    "service",
    [
        f"{{{IMAGE}, command: 'false'}}",
        f"{{{IMAGE}, command: sh -c 'sleep 0.2; exit 1'}}",
        f"{{{IMAGE}, command: nothing-like-this}}",
        "{image: hookman-no-such-image, pull_policy: never}",
    ],
    ids=["fails", "crashes a moment later", "failing start", "bad image"],
)
def test_if_compose_ends_before_they_are_up_no_post_hook_runs(shop: Project, service: str) -> None:
    shop.write("compose.yaml", f"services: {{web: {service}}}\n")
    up = Up(shop)
    up.ended()
    assert not (shop.path / "up").exists()
    assert "post hooks will not run" not in up.err


def test_ctrl_c_before_they_are_up_starts_no_post_hook(shop: Project) -> None:
    check = "healthcheck: {test: test -e /tmp/ok, interval: 1s, retries: 1000}"
    body = "trap 'touch /tmp/ok; sleep 2; exit 0' TERM; sleep 1000 & wait"
    web = f'{{image: hookman-busybox, network_mode: host, command: ["sh", "-c", "{body}"], {check}}}'
    shop.write("compose.yaml", f"services: {{web: {web}}}\n")
    up = Up(shop)
    wait_until_engine(lambda: health_in(shop) == ["starting"], "it did not start")
    assert up.stop() == 130
    assert not (shop.path / "up").exists()
    assert "post hooks did not run" in up.err


def test_the_end_of_compose_by_its_menu_ends_a_post_hook_that_sleeps(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    shop.script("up.post", "a.sh", "touch up; sleep 1000; echo late >>trace")
    terminal = Terminal(shop, "docker", "compose", "up", term="xterm")
    wait_for(shop.path / "up")
    terminal.type(b"\x03")
    assert terminal.wait() == 0
    assert shop.box.runs()[-1]["result"] == "interrupted"


def test_one_that_ends_by_itself_lets_its_post_hook_end(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {{{IMAGE}, command: sleep 1}}}}\n")
    shop.script("up.post", "a.sh", 'touch up; while [ -n "$(docker compose ps -q)" ]; do :; done; echo done >>trace')
    assert Up(shop).ended() == 0
    assert shop.trace() == ["done"]


def test_once_up_the_lock_is_free_and_down_works_from_elsewhere(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    up = Up(shop)
    up.hooks_ran()
    assert shop.compose("down").code == 0
    up.ended()


def test_a_failing_post_script_warns_and_compose_stays(shop: Project, started: list[Up]) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    shop.script("up.post", "a.sh", "echo oops >&2; touch up; exit 3")
    up = Up(shop)
    started.append(up)
    up.hooks_ran()
    assert up.process.poll() is None
    up.wait_for_the_lock()
    assert up.stop() == 130
    assert 'Hook "a.sh" failed with exit code 3: oops' in up.err


def test_a_failing_pre_hook_starts_nothing(shop: Project) -> None:
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    shop.script("up.pre", "a.sh", "exit 3")
    assert Up(shop).ended() == 1
    assert shop.compose("ps", "-aq").out == ""


TELL = 'echo "$HOOKMAN_PHASE $HOOKMAN_RESULT $HOOKMAN_EXIT_CODE" >>trace'


def closing_scripts(shop: Project) -> None:
    shop.script("up.failed", "f.sh", TELL)
    shop.script("up.always", "a.sh", TELL)


def test_after_ctrl_c_when_all_were_up_only_always_runs(shop: Project) -> None:
    closing_scripts(shop)
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    up = Up(shop)
    up.hooks_ran()
    up.wait_for_the_lock()
    assert up.stop() == 130
    assert shop.trace() == ["always ok 130"]


def test_after_ctrl_c_before_all_are_up_failed_runs_too(shop: Project) -> None:
    closing_scripts(shop)
    check = "healthcheck: {test: 'false', interval: 1s, retries: 1}"
    shop.write("compose.yaml", f"services:\n  web: {{{IMAGE}, command: sleep 1000, {check}}}\n")
    up = Up(shop)
    wait_until_engine(lambda: health_in(shop) == ["unhealthy"], "it did not start")
    assert up.stop() == 130
    assert shop.trace() == ["failed interrupted 130", "always interrupted 130"]


def test_after_ctrl_c_during_a_post_hook_failed_runs_too(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.post", "a.sh", "touch up; exec sleep 1000")
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    up = Up(shop)
    up.hooks_ran()
    assert up.stop() == 130
    assert shop.trace() == ["failed interrupted 130", "always interrupted 130"]


def test_the_closing_hooks_of_an_attached_up_take_the_lock_again(shop: Project) -> None:
    shop.script(
        "up.always", "a.sh", "flock -n ../home/.local/share/hookman/projects/*/engines/*/lock true; echo $? >>trace"
    )
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    up = Up(shop)
    up.hooks_ran()
    up.wait_for_the_lock()
    assert up.stop() == 130
    assert shop.trace() == ["1"]


def test_down_elsewhere_ends_the_attached_up_and_its_always_hooks_come_after(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("down.post", "d.sh", "echo down >>trace")
    shop.write("compose.yaml", f"services: {{web: {SLEEPS}}}\n")
    for _ in range(10):
        up = Up(shop)
        up.hooks_ran()
        up.wait_for_the_lock()
        assert shop.compose("down").code == 0
        code, trace = up.ended(), shop.trace()
        if "panic: runtime error" not in up.err:  # of Compose 2.40, if the container is gone before it could look at it
            break
        (shop.path / "up").unlink()
        (shop.path / "trace").unlink()
    assert (code, trace) == (0, ["down", "always ok 0"])
