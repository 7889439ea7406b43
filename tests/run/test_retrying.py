"""Attempts and tolerance of a hook: retries, delay, retry_on, total_timeout, allow_failure (DESIGN 1.10)."""

from __future__ import annotations

import os
import signal

import pytest

from hookman.run.retrying import LONGEST_DELAY, Policy
from tests.support.box import Project
from tests.support.waiting import wait_for, wait_until

# Fails until it has been tried for the third time.
THIRD = 'echo try >>trace; [ "$(grep -c try trace)" -ge 3 ] || { echo "not yet" >&2; exit 4; }'


def settings(shop: Project, text: str, name: str = "a.sh") -> None:
    shop.write("hookman.toml", f'grace = 0.2\n[hooks."{name}"]\n{text}\n')


def test_a_hook_is_tried_again_until_it_succeeds_and_each_attempt_is_in_the_log(shop: Project) -> None:
    shop.script("up.pre", "a.sh", THIRD)
    settings(shop, "retries = 5\ndelay = 0.01")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["try"] * 3)
    assert 'Hook "a.sh" failed with exit code 4 (attempt 1 of 6), again in 0.0 s\n' in result.err
    run = shop.box.runs()[-1]
    hook = run["hooks"][0]
    assert (run["result"], len(run["hooks"]), hook["result"], hook["exit_code"]) == ("ok", 1, "ok", 0)
    assert [(one["result"], one["exit_code"]) for one in hook["attempts"]] == [("failed", 4), ("failed", 4), ("ok", 0)]
    assert hook["attempts"][0]["problem"]["what"] == "not yet"
    shown = shop.hookman("log", run["run"]).out
    assert "attempt 1: failed (exit code 4" in shown
    assert shown.count("not yet") == 2


def test_functions_and_declared_hooks_too(shop: Project) -> None:
    shop.hooks_sh(f"hook_pre_up() {{ {THIRD.replace('exit', 'return')}; }}\n")
    settings(
        shop,
        'retries = 2\ndelay = 0\n[hooks.b]\non = "up.post"\nrun = "echo b >>trace; exit 1"\nretries = 1\ndelay = 0',
        "hook_pre_up",
    )
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["try"] * 3 + ["b"] * 2


def test_when_all_attempts_failed_the_hook_has_failed(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; exit 4")
    settings(shop, "retries = 2\ndelay = 0")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (1, ["try"] * 3, [])
    assert result.err.count('Hook "a.sh" failed with exit code 4') == 3
    assert len(shop.box.runs()[-1]["hooks"][0]["attempts"]) == 3


@pytest.mark.parametrize(("codes", "count"), [("[4]", 3), ("[5]", 1), ('["timeout"]', 1), ('["timeout", 4]', 3)])
def test_retry_on_says_for_what(shop: Project, codes: str, count: int) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; exit 4")
    settings(shop, f"retries = 2\ndelay = 0\nretry_on = {codes}")
    assert shop.compose("up", "-d").code == 1
    assert len(shop.trace()) == count


def test_the_time_limit_is_per_attempt(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo try >>trace; [ "$(grep -c try trace)" -ge 2 ] || exec sleep 1000')
    settings(shop, 'retries = 2\ndelay = 0\ntimeout = 0.3\nretry_on = ["timeout"]')
    assert shop.compose("up", "-d").code == 0
    assert [one["result"] for one in shop.box.runs()[-1]["hooks"][0]["attempts"]] == ["timeout", "ok"]


def test_total_timeout_is_over_all_attempts(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; exec sleep 1000")
    settings(shop, "retries = 1000\ndelay = 0\ntimeout = 0.3\ntotal_timeout = 0.7")
    assert shop.compose("up", "-d").code == 124
    assert 1 < len(shop.trace()) < 5


def test_total_timeout_ends_a_single_attempt_too(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "exec sleep 1000")
    settings(shop, "total_timeout = 0.2")
    result = shop.compose("up", "-d")
    assert result.code == 124
    assert 'Hook "a.sh" timed out after 0.2 s' in result.err


@pytest.mark.parametrize("allowed", ["true", "[4, 5]"])
def test_a_hook_that_may_fail_is_a_warning_and_its_event_goes_on(shop: Project, allowed: str) -> None:
    shop.script("up.pre", "a.sh", "exit 4")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    settings(shop, f"allow_failure = {allowed}")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["b"])
    assert 'Hook "a.sh" failed with exit code 4' in result.err
    assert "warning: a.sh may fail (allow_failure), so up.pre goes on" in result.err
    run = shop.box.runs()[-1]
    assert (run["result"], run["hooks"][0]["result"], run["hooks"][0]["allowed"]) == ("warned", "failed", True)


def test_another_exit_code_than_the_allowed_ones_is_a_failure(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "exit 4")
    settings(shop, "allow_failure = [5]")
    assert shop.compose("up", "-d").code == 1


@pytest.mark.parametrize(("allowed", "code"), [("true", 0), ("[124]", 0), ("[1]", 124)])
def test_a_timeout_counts_as_124(shop: Project, allowed: str, code: int) -> None:
    shop.script("up.pre", "a.sh", "exec sleep 1000")
    settings(shop, f"timeout = 0.2\nallow_failure = {allowed}")
    assert shop.compose("up", "-d").code == code


def test_a_program_that_is_missing_is_not_tried_again_but_may_be_allowed_to_fail(shop: Project) -> None:
    shop.script("up.pre", "a.sh", first="#!/nothing/here")
    settings(shop, "retries = 3\ndelay = 1000\nallow_failure = true")
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    assert result.err.count("failed with exit code 127") == 1


def test_a_post_function_that_may_fail_changes_no_exit_code(shop: Project) -> None:
    shop.hooks_sh("hook_post_up() { return 3; }\n")
    settings(shop, "allow_failure = true", "hook_post_up")
    shop.script("up.failed", "f.sh", "echo failed >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == []


def test_a_signal_during_an_attempt_ends_all_of_them(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; touch begun; exec sleep 1000")
    settings(shop, "retries = 5\ndelay = 0")
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(shop.path / "begun")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    wait_until(lambda: shop.box.runs()[-1]["result"] == "interrupted", "it goes on")
    assert shop.trace() == ["try"]


def test_a_signal_between_attempts_ends_them(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo try >>trace; touch begun; exit 3")
    shop.script("up.always", "z.sh", 'echo "$HOOKMAN_RESULT" >>trace')
    settings(shop, "retries = 5\ndelay = 1000\ntotal_timeout = 10000")
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(shop.path / "begun")
    wait_until(lambda: any("attempts" in hook for hook in shop.box.runs()[-1]["hooks"]), "it was not noted")
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(60)
    wait_until(lambda: shop.box.runs()[-1]["result"] == "interrupted", "it goes on")
    assert shop.trace() == ["try", "interrupted"]
    assert shop.box.runs()[-1]["hooks"][0]["result"] == "interrupted"


def test_after_a_signal_closing_hooks_are_not_tried_again(shop: Project) -> None:
    shop.script("up.pre", "p.sh", "touch begun; exec sleep 1000")
    shop.script("up.always", "a.sh", "echo try >>trace; exit 3")
    settings(shop, "retries = 5\ndelay = 0")
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(shop.path / "begun")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    wait_until(lambda: "exit_code" in shop.box.runs()[-1] and shop.box.runs()[-1]["exit_code"], "it goes on")
    assert shop.trace() == ["try"]


def test_a_hook_that_others_may_change_meanwhile_is_not_tried_again(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo try >>trace; chmod o+w "$0"; exit 3')
    settings(shop, "retries = 5\ndelay = 0")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, ["try"])
    assert [hook["result"] for hook in shop.box.runs()[-1]["hooks"]] == ["failed"]


def test_values_of_the_attempt_that_succeeded_count(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo "TAG=$(wc -l <trace)" >>"$HOOKMAN_ENV"\n' + THIRD)
    shop.write("trace", "")
    settings(shop, "retries = 5\ndelay = 0")
    assert shop.compose("up", "-d").code == 0
    assert shop.box.compose_environ()["TAG"] == "2"


def test_a_trial_tries_again_too(shop: Project) -> None:
    shop.script("up.pre", "a.sh", THIRD)
    settings(shop, "retries = 5\ndelay = 0")
    assert shop.hookman("test", "a.sh").code == 0
    assert shop.trace() == ["try"] * 3


def test_pauses_double_up_to_thirty_seconds_less_a_quarter_by_chance() -> None:
    policy = Policy(retries=100, delay=2.0)
    assert [policy.pause(number, 0.0) for number in (1, 2, 3, 4, 5, 1000)] == [2, 4, 8, 16, 30, 30]
    assert policy.pause(1, 1.0) == 1.5
    assert Policy(delay=1000.0).pause(1, 0.0) == LONGEST_DELAY


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("retries = -1", "a whole number of 0 or more"),
        ('retries = "2"', "a whole number of 0 or more"),
        ("retries = true", "a whole number of 0 or more"),
        ('delay = "soon"', "delay: must be"),
        ("retry_on = []", 'a list of exit codes and "timeout"'),
        ("retry_on = [0]", "0 is not the exit code of a failure"),
        ('retry_on = ["later"]', 'a list of exit codes and "timeout"'),
        ("allow_failure = [256]", "256 is not the exit code of a failure"),
        ('allow_failure = "yes"', "true, false or a list of exit codes"),
        ("total_timeout = -3", "total_timeout: must be"),
        ("retrys = 3", "retries"),
    ],
)
def test_wrong_values_are_errors_with_their_line(shop: Project, line: str, says: str) -> None:
    shop.script("up.pre", "a.sh")
    settings(shop, f"timeout = 1\n{line}")
    result = shop.compose("up", "-d")
    assert result.code == 78
    assert f"hookman.toml:4: {line.split(maxsplit=1)[0]}" in result.err
    assert says in result.err
