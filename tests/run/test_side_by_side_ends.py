"""How hooks that run side by side are ended: by the failure of one, a signal, a time limit, the death of hookman."""

from __future__ import annotations

import os
import signal

import pytest

from tests.support.box import Project
from tests.support.side_by_side import results, settings, together
from tests.support.waiting import number_in, wait_for, wait_for_the_end_of, wait_until


def test_the_first_failure_lets_no_more_begin_and_the_rest_end(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "touch begun; while ! [ -e failed ]; do sleep 0.01; done; sleep 0.2; echo a >>trace")
    shop.script("up.pre", "b.sh", "while ! [ -e begun ]; do sleep 0.01; done; touch failed; exit 4")
    shop.script("up.pre", "c.sh", "echo c >>trace")
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (1, ["a"], [])
    assert 'Hook "b.sh" failed with exit code 4' in result.err
    assert results(shop) == [("b.sh", "failed"), ("a.sh", "ok")]
    assert shop.box.runs()[-1]["not_reached"]["hooks"] == [{"event": "project.up.pre", "name": "c.sh"}]


def test_the_failure_that_counts_is_the_first_in_time_and_later_ones_are_told_too(shop: Project) -> None:
    together(
        shop,
        a="while ! [ -e failed ]; do sleep 0.01; done; sleep 0.2; exit 7",
        b="touch failed; exec sleep 1000",
    )
    settings(shop, 'parallel = ["up.pre"]\n[hooks."b.sh"]\ntimeout = 0.1')
    shop.script("up.failed", "z.sh", 'echo "$HOOKMAN_FAILED_HOOK $HOOKMAN_RESULT" >>trace')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (124, ["project.up.pre/b.sh timeout"])
    assert 'Hook "b.sh" timed out after 0.1 s' in result.err
    assert 'Hook "a.sh" failed with exit code 7' in result.err
    assert [(hook["name"], hook["result"]) for hook in shop.box.runs()[-1]["hooks"]][:2] == [
        ("b.sh", "timeout"),
        ("a.sh", "failed"),
    ]


@pytest.mark.parametrize("who", ['[hooks."a.sh"]\ncancel = true', '[hooks."b.sh"]\ncancel = true', ""])
def test_with_cancel_a_failure_stops_the_others(shop: Project, who: str) -> None:
    shop.script("up.pre", "a.sh", "trap 'echo tidy >>trace; exit 0' TERM; touch begun; sleep 1000 & wait")
    shop.script("up.pre", "b.sh", "while ! [ -e begun ] || ! [ -s child ]; do sleep 0.01; done; exit 4")
    shop.script("up.pre", "c.sh", "sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo $! >child; wait")
    settings(shop, f'parallel = ["up.pre"]\n{who or chr(10).join(["cancel = [", chr(34) + "up.pre" + chr(34), "]"])}')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, ["tidy"])
    wait_for_the_end_of(shop.path / "child")
    assert results(shop)[0] == ("b.sh", "failed")
    assert sorted(results(shop)[1:]) == [("a.sh", "cancelled"), ("c.sh", "cancelled")]
    assert {hook["reason"] for hook in shop.box.runs()[-1]["hooks"][1:]} == {"project.up.pre/b.sh failed"}
    assert 'Hook "a.sh" was cancelled: project.up.pre/b.sh failed' in result.err


def test_a_cancelled_hook_is_not_tried_again(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; touch begun; exit 3")
    shop.script("up.pre", "b.sh", "while ! [ -e begun ]; do sleep 0.01; done; sleep 0.2; exit 4")
    settings(shop, 'parallel = ["up.pre"]\ncancel = ["up.pre"]\n[hooks."a.sh"]\nretries = 5\ndelay = 1000')
    assert shop.compose("up", "-d").code == 1
    assert (shop.trace(), results(shop)) == (["try"], [("b.sh", "failed"), ("a.sh", "cancelled")])


def test_without_cancel_retries_go_on_after_a_failure(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; touch begun; [ $(grep -c try trace) = 3 ]")
    shop.script("up.pre", "b.sh", "while ! [ -e begun ]; do sleep 0.01; done; exit 4")
    settings(shop, 'parallel = ["up.pre"]\n[hooks."a.sh"]\nretries = 5\ndelay = 0.1')
    assert shop.compose("up", "-d").code == 1
    assert (shop.trace(), sorted(results(shop))) == (["try"] * 3, [("a.sh", "ok"), ("b.sh", "failed")])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_them_and_each_has_its_grace_at_the_same_time(shop: Project, number: int) -> None:
    # Each tidies up for as long as the other two do: one after the other this would never end.
    tidy = "touch tidy-$$; until [ $(ls tidy-* | wc -l) = 3 ]; do sleep 0.02; done; echo tidy >>trace; kill $!; exit"
    for name in "abc":
        shop.script("up.pre", f"{name}.sh", f"trap '{tidy}' INT TERM\ntouch begun-$$; sleep 1000 & wait")
    shop.write("hookman.toml", 'grace = 20\njobs = 8\nparallel = ["up.pre"]\n')
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_until(lambda: len([*shop.path.glob("begun-*")]) == 3, "not all began")
    os.killpg(process.pid, number)
    process.wait(60)
    wait_until(lambda: shop.box.runs()[-1]["result"] == "interrupted", "it goes on")
    assert shop.trace() == ["tidy"] * 3
    assert {result for _, result in results(shop)} == {"interrupted"}
    assert shop.box.calls() == []


def test_after_a_signal_none_begins(shop: Project) -> None:
    for name in "abc":
        shop.script("up.pre", f"{name}.sh", f"echo {name} >>trace; touch begun; exec sleep 1000")
    shop.write("hookman.toml", 'grace = 1\njobs = 1\nparallel = ["up.pre"]\n')
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(shop.path / "begun")
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(60)
    wait_until(lambda: shop.box.runs()[-1]["result"] == "interrupted", "it goes on")
    assert shop.trace() == ["a"]


def test_a_killed_hookman_takes_all_of_them_along(shop: Project) -> None:
    for name in "abc":
        shop.script("up.pre", f"{name}.sh", f"trap '' TERM; echo $$ >{name}; while :; do sleep 0.1; done")
    settings(shop, 'parallel = ["up.pre"]')
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    for name in "abc":
        number_in(shop.path / name)
    process.kill()
    process.wait()
    for name in "abc":
        wait_for_the_end_of(shop.path / name)
    last = shop.box.runs()[-1]
    assert last["result"] == "interrupted"
    assert [(hook["name"], hook["result"], hook["group"]) for hook in last["hooks"]] == [
        (f"{name}.sh", "interrupted", 1) for name in "abc"
    ]


def test_each_has_its_own_time_limit(shop: Project) -> None:
    together(shop, a="exec sleep 1000", b="sleep 0.5; echo b >>trace")
    settings(shop, 'parallel = ["up.pre"]\n[hooks."a.sh"]\ntimeout = 0.2')
    assert shop.compose("up", "-d").code == 124
    assert (shop.trace(), results(shop)) == (["b"], [("a.sh", "timeout"), ("b.sh", "ok")])
