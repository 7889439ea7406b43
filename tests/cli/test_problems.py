"""A problem is the same wherever it is shown: what is wrong, where, and how to fix it."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import pytest

from hookman.base.durations import WANTED
from tests.support.box import Box, Project

WHAT = 'Hook "a.sh" is not executable, skipped'
FIX = "chmod +x .dde/hooks/project.up.pre/a.sh"


@pytest.fixture
def skipped(shop: Project) -> Project:
    """A project with a script that is not executable."""
    shop.script("up.pre", "a.sh", mode=0o644)
    return shop


def problem_of_skipped(project: Project) -> dict[str, str]:
    return {"what": WHAT, "where": str(project.path / ".dde/hooks/project.up.pre/a.sh"), "fix": FIX}


def listed(project: Project) -> dict[str, Any]:
    return dict(json.loads(project.hookman("list", "--json").out))


def test_a_run_shows_what_and_the_fix_in_one_line(skipped: Project) -> None:
    assert f"hookman: {WHAT}. Fix: {FIX}\n" in skipped.compose("up", "-d").err


def test_the_log_keeps_the_problem_of_a_skipped_hook(skipped: Project) -> None:
    skipped.compose("up", "-d")
    (hook,) = skipped.box.runs()[-1]["hooks"]
    assert (hook["result"], hook["reason"]) == ("skipped", "not executable")
    assert hook["problem"] == problem_of_skipped(skipped)


def test_the_log_keeps_no_problem_of_a_hook_that_the_user_skips(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.script("up.pre", "b.sh")
    shop.compose("up", "-d", HOOKMAN_SKIP="a.sh")
    assert "problem" not in shop.box.runs()[-1]["hooks"][0]


def test_a_run_in_the_log_shows_the_fix_of_a_skipped_hook(skipped: Project) -> None:
    skipped.compose("up", "-d")
    shown = skipped.hookman("log", skipped.box.runs()[-1]["run"]).out
    assert f"skipped (not executable)\n    {WHAT}\n    Fix: {FIX}\n" in shown


def test_list_shows_the_fix(skipped: Project) -> None:
    assert f"\n! {WHAT} ({problem_of_skipped(skipped)['where']})\n    Fix: {FIX}\n" in skipped.hookman("list").out


def test_list_has_the_problem_in_json(skipped: Project) -> None:
    (hook,) = listed(skipped)["hooks"]
    assert (hook["state"], hook["problem"]) == ("not executable", problem_of_skipped(skipped))


def test_test_shows_the_fix(skipped: Project) -> None:
    assert f"! project.up.pre/a.sh: {WHAT}\n    Fix: {FIX}\n" in skipped.hookman("test").out


def test_doctor_shows_the_fix(skipped: Project) -> None:
    lines = [line.strip() for line in skipped.hookman("doctor").out.splitlines()]
    at = lines.index(f"note  project.up.pre/a.sh  {WHAT}")
    assert lines[at + 1] == f"Fix: {FIX}"


def test_explain_has_the_problem_in_json(skipped: Project) -> None:
    found = json.loads(skipped.hookman("explain", "--json", "--", "docker", "compose", "up").out)
    assert found["hooks"][0]["problem"] == problem_of_skipped(skipped)


def test_a_broken_hooks_sh_is_shown_once_in_the_list(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { :; }\nhook_post_up() { :; }\nif\n")
    assert shop.hookman("list").out.count("Fix: correct the line; to check: bash -n ") == 1


def test_each_function_of_a_broken_hooks_sh_has_its_problem_in_json(shop: Project) -> None:
    path = shop.hooks_sh("hook_pre_up() { :; }\nhook_post_up() { :; }\nif\n")
    hooks = listed(shop)["hooks"]
    assert [(hook["name"], hook["problem"]["where"]) for hook in hooks] == [
        ("hook_pre_up", str(path)),
        ("hook_post_up", str(path)),
    ]


def test_what_never_runs_has_its_problem_in_json(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { :; }\nhook_post_biuld() { :; }\n")
    assert listed(shop)["never_run"] == [
        {
            "what": "hooks.sh:2 hook_post_biuld never runs: there is no such event",
            "where": "hooks.sh:2 hook_post_biuld",
            "fix": "rename it to hook_post_build",
            "nearest": "hook_post_build",
        }
    ]


def test_a_wrong_skip_has_its_problem_in_json(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    path = shop.write("hookman.toml", 'skip = ["b.sh"]\n')
    assert listed(shop)["wrong_skips"] == [
        {
            "what": f"{path}:1 skips b.sh, but there is no such hook or event",
            "where": f"{path}:1",
            "fix": "write a.sh",
            "name": "b.sh",
            "nearest": "a.sh",
        }
    ]


@pytest.mark.parametrize("command", ["test", "doctor"])
def test_what_never_runs_is_named_once(shop: Project, command: str) -> None:
    shop.hooks_sh("hook_pre_up() { :; }\nhook_post_biuld() { :; }\n")
    assert shop.hookman(command).out.count("hook_post_biuld") == 1


def test_a_hook_that_others_may_change_has_both_ways_out_in_json(shop: Project) -> None:
    path = shop.script("up.pre", "a.sh", mode=0o777)
    (hook,) = listed(shop)["hooks"]
    assert hook["problem"]["where"] == str(path)
    assert hook["problem"]["fix"].splitlines() == [
        f"chmod o-w {path}",
        f"To accept that here: hookman enable --shared {shop.path}",
    ]


def test_a_dry_run_says_why_it_would_stop_at_a_function_that_may_not_exist(shop: Project) -> None:
    path = shop.hooks_sh("eval 'hook_pre_up() { :; }'\n")
    path.chmod(0o777)
    why = f"any user of this machine may write to {path}, so its hooks do not run"
    assert f"would stop at project.up.pre/hook_pre_up ({why})\n" in shop.compose("--dry-run", "up").err


def test_settings_that_stop_a_command_are_told_with_the_fix_and_what_was_not_run(shop: Project) -> None:
    path = shop.write("hookman.toml", "timeout = -1\n")
    assert shop.compose("up", "-d").err.splitlines() == [
        f"hookman: {path}:1: timeout: must be {WANTED}. Fix: correct the line, or remove it",
        "hookman: up was not run. To go without hooks: --skip-hooks",
    ]


def test_the_log_keeps_the_place_of_an_error_in_the_settings(shop: Project) -> None:
    path = shop.write("hookman.toml", "timeout = -1\n")
    shop.compose("up", "-d")
    assert shop.box.runs()[-1]["problem"] == {
        "what": f"{path}:1: timeout: must be {WANTED}",
        "where": f"{path}:1",
        "fix": "correct the line, or remove it",
    }


@pytest.mark.parametrize("text", ["hook_pre_up() {\n", "hook_pre_up() { :; }\r\n"], ids=["syntax", "line endings"])
def test_the_fix_of_a_hooks_sh_works_where_its_path_has_a_blank(box: Box, text: str) -> None:
    project = box.project("my shop")
    path = project.hooks_sh(text)
    fix = listed(project)["hooks"][0]["problem"]["fix"].removeprefix("Fix the line; check with: ")
    assert shlex.split(fix)[-1] == str(path)
    subprocess.run(["bash", "-c", fix], check=False)
    assert b"\r" not in path.read_bytes()
