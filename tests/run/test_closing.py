"""The phases `failed` and `always` (DESIGN 1.10): when they run, what they know, and that they change nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hookman.front import entry
from tests.support.box import Project
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for, wait_until

TELL = 'echo "$HOOKMAN_EVENT $HOOKMAN_RESULT $HOOKMAN_EXIT_CODE ${HOOKMAN_FAILED_HOOK-unset}" >>trace'


def closing_scripts(shop: Project, command: str = "up") -> None:
    shop.script(f"{command}.failed", "f.sh", TELL)
    shop.script(f"{command}.always", "a.sh", TELL)


def test_after_success_only_always_runs_and_it_runs_last(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.post", "p.sh", "echo post >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["post", "project.up.always ok 0 "]


def test_after_a_failure_of_compose_both_run_and_know_it(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.post", "p.sh", "echo post >>trace")
    assert shop.compose("up", "-d", STUB_EXIT="3").code == 3
    assert shop.trace() == ["project.up.failed failed 3 ", "project.up.always failed 3 "]
    run = shop.box.runs()[-1]
    assert (run["result"], run["exit_code"]) == ("failed", 3)
    assert [(hook["event"], hook["result"]) for hook in run["hooks"]] == [
        ("project.up.failed", "ok"),
        ("project.up.always", "ok"),
    ]


def test_after_a_failing_pre_hook_both_run_and_know_which_it_was(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.pre", "01-check.sh", "exit 4")
    assert shop.compose("up", "-d").code == 1
    label = "project.up.pre/01-check.sh"
    assert shop.trace() == [f"project.up.failed aborted 1 {label}", f"project.up.always aborted 1 {label}"]
    assert shop.box.calls() == []


def test_after_a_pre_hook_that_timed_out_both_run_and_know_it(shop: Project) -> None:
    closing_scripts(shop)
    shop.write("hookman.toml", "timeout = 0.2\ngrace = 0.1\n")
    shop.script("up.pre", "01-check.sh", "exec sleep 100")
    assert shop.compose("up", "-d").code == 124
    assert shop.trace()[0] == "project.up.failed timeout 124 project.up.pre/01-check.sh"


def test_a_failing_post_script_is_a_warning_so_failed_does_not_run(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.post", "p.sh", "exit 4")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["project.up.always ok 0 project.up.post/p.sh"]


def test_a_post_function_that_fails_the_command_makes_failed_run(shop: Project) -> None:
    closing_scripts(shop)
    shop.hooks_sh("hook_post_up() { return 4; }\n")
    assert shop.compose("up", "-d").code == 1
    assert shop.trace()[0] == "project.up.failed failed 1 project.up.post/hook_post_up"


def test_functions_of_both_phases_get_what_was_typed(shop: Project) -> None:
    shop.hooks_sh('hook_failed_up() { echo "failed $*" >>trace; }\nhook_always_up() { echo "always $*" >>trace; }\n')
    assert shop.compose("up", "-d", "web", STUB_EXIT="3").code == 3
    assert shop.trace() == ["failed up -d web", "always up -d web"]


def test_what_fails_in_them_changes_no_exit_code_and_hides_no_error(shop: Project) -> None:
    shop.script("up.pre", "01-check.sh", "echo 'no database' >&2; exit 4")
    shop.script("up.failed", "f.sh", "exit 5")
    shop.script("up.always", "a.sh", "exit 6")
    result = shop.compose("up", "-d")
    assert result.code == 1
    for name, code in (("01-check.sh", 4), ("f.sh", 5), ("a.sh", 6)):
        assert f'Hook "{name}" failed with exit code {code}' in result.err
    assert "one of the failed hooks failed; the exit code is still 1" in result.err
    assert shop.box.runs()[-1]["problem"]["where"] == "project.up.pre/01-check.sh"


def test_an_always_hook_that_fails_after_success_is_a_warning(shop: Project) -> None:
    shop.script("up.always", "a.sh", "exit 6")
    assert shop.compose("up", "-d").code == 0
    assert (shop.box.runs()[-1]["result"], shop.box.runs()[-1]["exit_code"]) == ("warned", 0)


def test_they_run_when_the_pre_hooks_are_refused(shop: Project) -> None:
    closing_scripts(shop)
    shop.hooks_sh("hook_pre_up() {\n")
    result = shop.compose("up", "-d")
    assert result.code == 1, result
    assert shop.trace() == ["project.up.failed aborted 1 ", "project.up.always aborted 1 "]
    assert result.err.count("hooks.sh:2") == 1, result


def test_they_run_when_a_database_operation_fails(shop: Project) -> None:
    closing_scripts(shop, "db_export")
    shop.write(".env", "DB_NAME=shop\nDB_HOST=127.0.0.1\nDB_PORT=1\nDB_USER=x\nDB_ENGINE=postgres\n")
    result = shop.hookman("db", "export")
    assert result.code == 1, result
    assert [line.split()[:3] for line in shop.trace()] == [
        ["project.db_export.failed", "failed", "1"],
        ["project.db_export.always", "failed", "1"],
    ]


def test_they_are_within_the_lock(shop: Project) -> None:
    shop.script("up.always", "a.sh", "flock -n ../home/.local/share/hookman/projects/*/lock true; echo $? >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["1"]


def test_a_command_without_a_lock_has_them_too(shop: Project) -> None:
    closing_scripts(shop, "ps")
    assert shop.compose("ps", STUB_EXIT="3").code == 3
    assert shop.trace() == ["project.ps.failed failed 3 ", "project.ps.always failed 3 "]


def test_a_call_inside_them_runs_no_hooks(shop: Project) -> None:
    shop.script("up.always", "a.sh", "docker compose down; echo $? >>trace")
    shop.script("down.always", "b.sh", "echo nested >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["0"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_a_pre_hook_makes_both_run(shop: Project, number: signal.Signals) -> None:
    closing_scripts(shop)
    shop.script("up.pre", "a.sh", "touch begun; exec sleep 100")
    process = shop.start("docker", "compose", "up", "-d", own_group=True)
    wait_for(shop.path / "begun")
    os.killpg(process.pid, number)
    process.wait(60)
    wait_until(lambda: len(shop.trace()) == 2, "they did not run")
    code = 128 + (number if number == signal.SIGINT else signal.SIGTERM)
    heard = [line.split()[:3] for line in shop.trace()]
    assert heard[0][:2] == ["project.up.failed", "interrupted"]
    assert heard[1][:2] == ["project.up.always", "interrupted"]
    assert int(heard[0][2]) in (128 + number, code)


def test_a_signal_during_compose_makes_both_run(shop: Project) -> None:
    closing_scripts(shop)
    process = shop.start("docker", "compose", "up", "-d", own_group=True, STUB_RUN="touch begun; exec sleep 100")
    wait_for(shop.path / "begun")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    wait_until(lambda: len(shop.trace()) == 2, "they did not run")
    assert [line.split()[1] for line in shop.trace()] == ["interrupted", "interrupted"]


def test_a_signal_during_failed_ends_it_and_always_runs_all_the_same(shop: Project) -> None:
    shop.script("up.failed", "f.sh", "touch begun; exec sleep 100")
    shop.script("up.always", "a.sh", TELL)
    process = shop.start("docker", "compose", "up", "-d", own_group=True, STUB_EXIT="3")
    wait_for(shop.path / "begun")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    wait_until(lambda: len(shop.trace()) == 1, "they did not run")
    assert shop.trace() == ["project.up.always failed 3 "]
    wait_until(lambda: "exit_code" in shop.box.runs()[-1], "the record was not closed")
    assert shop.box.runs()[-1]["exit_code"] == 3


IN_A_HURRY = """
import sys
sys.path.insert(0, {source!r})
from hookman.run import closing
closing.AFTER_SIGNAL = 0.5
from hookman.front import program
sys.argv = ["entry.py", "standalone", {compose!r}, {data!r}, "up", "-d"]
sys.exit(program.main())
"""


def test_after_a_signal_they_have_a_limited_time_together(shop: Project) -> None:
    shop.write("hookman.toml", "grace = 0.1\n")
    shop.script("up.pre", "a.sh", "touch begun; exec sleep 100")
    shop.script("up.failed", "f.sh", "echo failed >>trace; exec sleep 100")
    shop.script("up.always", "a.sh", "echo always >>trace")
    source = str(Path(entry.__file__).parents[2])
    compose = str(shop.box.config / "cli-plugins/docker-compose")
    code = IN_A_HURRY.format(source=source, compose=compose, data=str(shop.box.data))
    process = shop.start(sys.executable, "-c", code, stderr=subprocess.PIPE)
    wait_for(shop.path / "begun")
    process.send_signal(signal.SIGTERM)
    err = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 143
    assert shop.trace() == ["failed"]
    assert 'Hook "f.sh" timed out after 0.5 s' in err
    last = shop.box.runs()[-1]["hooks"][-1]
    assert (last["event"], last["result"], last["reason"]) == (
        "project.up.always",
        "skipped",
        "no time left after the signal",
    )


def test_skipping_and_dry_runs_know_them(shop: Project) -> None:
    closing_scripts(shop)
    shop.hooks_sh("hook_always_up() { echo function >>trace; }\n")
    assert shop.compose("up", "-d", STUB_EXIT="3", HOOKMAN_SKIP="project.up.failed,hook_always_up").code == 3
    assert [line.split()[0] for line in shop.trace()] == ["project.up.always"]
    assert shop.compose("up", "-d", "--skip-hooks", STUB_EXIT="3").code == 3
    assert len(shop.trace()) == 1
    assert [hook["event"] for hook in shop.box.runs()[-1]["hooks"]][-3:] == [
        "project.up.failed",
        "project.up.always",
        "project.up.always",
    ]
    told = shop.compose("--dry-run", "up", "-d").err
    assert "dry run: would run project.up.failed/f.sh (if up does not succeed)\n" in told
    assert "dry run: would run project.up.always/a.sh\n" in told
    wrong = shop.compose("up", "-d", HOOKMAN_SKIP="project.up.fail")
    assert "Fix: write project.up.failed" in wrong.err


def test_a_project_without_them_sources_hooks_sh_no_more_often_than_before(shop: Project) -> None:
    shop.hooks_sh("echo sourced >>trace\nexport A=1\nhook_pre_up() { :; }\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["sourced", "sourced"]
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    assert [hook["name"] for hook in shop.box.runs()[-1]["hooks"]] == ["hook_pre_up", "hook_post_up"]


def test_list_test_and_explain_show_them(shop: Project) -> None:
    closing_scripts(shop)
    shop.hooks_sh("hook_failed_up() { :; }\n")
    listed = json.loads(shop.hookman("list", "--json").out)
    assert [f"{hook['event']}/{hook['name']}" for hook in listed["hooks"]] == [
        "project.up.failed/f.sh",
        "project.up.failed/hook_failed_up",
        "project.up.always/a.sh",
    ]
    assert listed["never_run"] == []
    explained = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)
    assert len(explained["hooks"]) == 3
    tried = shop.hookman("test", "up.failed")
    assert tried.code == 0, tried
    assert shop.trace() == ["project.up.failed failed 1 "]


def test_a_trial_of_a_whole_command_runs_failed_only_if_something_failed(shop: Project) -> None:
    closing_scripts(shop)
    shop.script("up.pre", "p.sh", "[ ! -e broken ]")
    assert shop.hookman("test", "up").code == 0
    assert shop.trace() == ["project.up.always ok 0 "]
    shop.write("broken", "")
    assert shop.hookman("test", "up").code == 1
    assert shop.trace()[1:] == [
        "project.up.failed aborted 1 project.up.pre/p.sh",
        "project.up.always aborted 1 project.up.pre/p.sh",
    ]


def test_ctrl_c_at_a_terminal_in_each_phase_leaves_the_rest_to_run(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "touch pre; exec sleep 1000")
    shop.script("up.failed", "f.sh", f"{TELL}; touch failed; exec sleep 1000")
    shop.script("up.always", "a.sh", f"{TELL}; read -r answer; echo $answer >>trace")
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    wait_for(shop.path / "pre")
    terminal.type(b"\x03")
    wait_for(shop.path / "failed")
    terminal.type(b"\x03")
    wait_until(lambda: len(shop.trace()) == 2, "always does not run")
    terminal.type(b"yes\n")
    assert terminal.wait() == 130
    assert shop.trace() == ["project.up.failed interrupted 130 ", "project.up.always interrupted 130 ", "yes"]
