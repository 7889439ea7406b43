"""What a hook started in groups and sessions of its own ends with it, if the hook is stopped."""

from __future__ import annotations

import os
import signal

import pytest

from tests.support.box import PATIENCE, Project
from tests.support.waiting import alive, number_in, up_over_its_limit, wait_for, wait_for_the_end_of

STARTS = {
    "a session": "setsid sh -c 'echo $$ >left; exec sleep 1000' &",
    "a session, without any environment": "env -i setsid sh -c 'echo $$ >left; exec sleep 1000' &",
    "a daemon": "(setsid sh -c 'echo $$ >left; exec sleep 1000' &)",
    "a group, under job control": "set -m; sh -c 'echo $$ >left; exec sleep 1000' &",
    "one that ignores SIGTERM": "setsid sh -c 'trap \"\" TERM; echo $$ >left; while :; do sleep 0.1; done' &",
}
WAIT = "\nwhile ! [ -s left ]; do sleep 0.01; done\ntouch ready; wait; sleep 1000"


@pytest.mark.parametrize(
    "body",
    [
        # Only an environment tells whose a daemon is, and elsewhere nobody may read it.
        pytest.param(body, id=name, marks=[pytest.mark.linux] if name == "a daemon" else [])
        for name, body in STARTS.items()
    ],
)
def test_a_hook_that_timed_out_leaves_nothing(shop: Project, body: str) -> None:
    shop.script("up.pre", "a.sh", body + WAIT, first="#!/bin/bash")
    assert up_over_its_limit(shop, "ready").code == 124
    wait_for_the_end_of(shop.path / "left")


def test_a_function_that_timed_out_leaves_nothing(shop: Project) -> None:
    shop.hooks_sh(f"hook_pre_up() {{\n{STARTS['a session']}{WAIT}\n}}\n")
    assert up_over_its_limit(shop, "ready").code == 124
    wait_for_the_end_of(shop.path / "left")


def test_a_hook_that_a_signal_stopped_leaves_nothing(shop: Project) -> None:
    shop.script("up.pre", "a.sh", STARTS["a session"] + WAIT)
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    process.terminate()
    process.wait(PATIENCE)
    wait_for_the_end_of(shop.path / "left")


def test_the_hook_of_a_killed_hookman_leaves_nothing(shop: Project) -> None:
    shop.write("hookman.toml", "grace = 0.5\n")
    shop.script("up.pre", "a.sh", STARTS["one that ignores SIGTERM"] + WAIT)
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    process.kill()
    process.wait(PATIENCE)
    wait_for_the_end_of(shop.path / "left")


def test_what_another_hook_left_lives_on(shop: Project) -> None:
    shop.write("hookman.toml", 'grace = 0.2\n[hooks."b.sh"]\ntimeout = 0.3\n')
    shop.script("up.pre", "a.sh", STARTS["a session"] + "\nwhile ! [ -s left ]; do sleep 0.01; done")
    shop.script("up.pre", "b.sh", "sleep 1000")
    assert shop.compose("up", "-d").code == 124
    left = number_in(shop.path / "left")
    assert alive(left)
    os.kill(left, signal.SIGKILL)


@pytest.mark.parametrize("more", ["", "sleep 0.2"])
def test_a_stopped_guardian_holds_no_run_up(shop: Project, more: str) -> None:
    stop = """
        for pid in $(ps -o pid= --ppid $PPID); do
            if grep -q guardian.sh "/proc/$pid/cmdline"; then kill -STOP $pid; echo stopped >>trace; fi
        done"""
    shop.script("up.pre", "a.sh", stop)
    shop.script("up.pre", "b.sh", more)
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    assert process.wait(PATIENCE) == 0
    assert shop.trace() == ["stopped"]
