"""The log says why: each reason that the terminal showed is in the record, as data."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import wait_for


def last(box: Box) -> dict[str, Any]:
    return box.runs()[-1]


def test_a_missing_interpreter(shop: Project) -> None:
    path = shop.script("up.pre", "a.sh", first="#!/no/such/program")
    shop.compose("up", "-d")
    run = last(shop.box)
    (hook,) = run["hooks"]
    assert (hook["result"], hook["exit_code"]) == ("failed", 127)
    assert hook["problem"] == {
        "what": "its interpreter /no/such/program does not exist",
        "where": str(path),
        "fix": f"install it, or fix the first line of {path}",
    }
    assert run["problem"]["what"] == "up was not run: a pre hook failed"
    assert run["problem"]["where"] == "project.up.pre/a.sh"


def test_a_hook_that_never_started_has_no_start_and_no_time(shop: Project) -> None:
    shop.script("up.pre", "a.sh", first="#!/no/such/program")
    shop.compose("up", "-d")
    (hook,) = last(shop.box)["hooks"]
    assert "started" not in hook
    assert "seconds" not in hook


@pytest.mark.parametrize("first", ["#!/bin/sh\r", "#!/usr/bin/env sh\r"])
def test_windows_line_endings(shop: Project, first: str) -> None:
    path = shop.script("up.pre", "a.sh", first=first)
    shop.compose("up", "-d")
    (hook,) = last(shop.box)["hooks"]
    assert hook["problem"]["what"] == "Windows line endings (CRLF)"
    assert hook["problem"]["fix"] == f"sed -i 's/\\r$//' {path}"


def test_what_a_failed_hook_said_last(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo the disk is full >&2; exit 3")
    shop.compose("up", "-d")
    (hook,) = last(shop.box)["hooks"]
    assert hook["problem"]["what"] == "the disk is full"


def test_a_time_limit(shop: Project) -> None:
    shop.write("hookman.toml", "timeout = 0.1\ngrace = 0.1\n")
    shop.script("up.pre", "a.sh", "sleep 1000")
    shop.compose("up", "-d")
    (hook,) = last(shop.box)["hooks"]
    assert (hook["result"], hook["problem"]["what"]) == ("timeout", "timed out after 0.1 s")


def test_a_syntax_error_with_file_and_line(shop: Project) -> None:
    path = shop.hooks_sh("hook_pre_up() {\n")
    result = shop.compose("up", "-d")
    run = last(shop.box)
    assert run["result"] == "failed"
    assert re.fullmatch(rf"{re.escape(str(path))}:\d: .*", run["problem"]["what"])
    assert run["problem"]["where"] == str(path)
    assert run["problem"]["what"] in result.err
    assert run["problem"]["fix"] == f"correct the line; to check: bash -n {path}"


def test_settings_that_stop_a_command(shop: Project) -> None:
    path = shop.write("hookman.toml", "\ntimeout = -1\n")
    result = shop.compose("up", "-d")
    run = last(shop.box)
    assert (run["command"], run["result"], run["exit_code"], run["hooks"]) == ("up", "failed", result.code, [])
    assert run["problem"]["what"].startswith(f"{path}:2: timeout: ")
    assert run["problem"]["where"] == f"{path}:2"


def test_an_env_file_that_stops_a_command(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    path = shop.write(".env", "A=1\nA B\n")
    shop.compose("up", "-d")
    assert last(shop.box)["problem"]["where"] == f"{path}:2"


def test_a_hook_that_others_may_change(shop: Project) -> None:
    shop.script("up.pre", "a.sh", mode=0o777)
    shop.compose("up", "-d")
    assert "a.sh" in last(shop.box)["problem"]["what"]


def test_a_hook_that_is_gone_since_it_was_looked_at(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'rm "$(dirname "$0")/b.sh"')
    shop.script("up.pre", "b.sh")
    shop.compose("up", "-d")
    assert "b.sh is gone" in last(shop.box)["problem"]["what"]


def test_a_lock_that_was_not_had(shop: Project) -> None:
    shop.write("hookman.toml", "lock_timeout = 0.1\n")
    shop.script("up.pre", "a.sh", "mkfifo go; touch ready; read x <go")
    holder = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    shop.compose("down")
    run = next(run for run in shop.box.runs() if run["command"] == "down")
    assert run["problem"]["what"].startswith("no lock after 0.1 s: it is held by `up -d`")
    (shop.path / "go").write_text("\n")
    assert holder.wait(PATIENCE) == 0


def test_compose_that_failed(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.compose("up", "-d", STUB_EXIT="5")
    assert last(shop.box)["problem"]["what"] == "docker compose up failed with exit code 5"


def test_a_post_hook_that_failed_is_a_warning(shop: Project) -> None:
    shop.script("up.post", "a.sh", "exit 3")
    result = shop.compose("up", "-d")
    run = last(shop.box)
    assert (result.code, run["result"], run["exit_code"]) == (0, "warned", 0)
    assert run["problem"]["what"] == "a post hook failed; up itself succeeded"


def test_a_post_hook_that_timed_out_is_a_warning_too(shop: Project) -> None:
    shop.write("hookman.toml", "timeout = 0.1\ngrace = 0.1\n")
    shop.script("up.post", "a.sh", "sleep 1000")
    shop.compose("up", "-d")
    assert last(shop.box)["result"] == "warned"


def test_a_post_hook_that_counts_is_a_failure(shop: Project) -> None:
    shop.write("hookman.toml", 'post_failure = "fail"\n')
    shop.script("up.post", "a.sh", "exit 3")
    shop.compose("up", "-d")
    run = last(shop.box)
    assert (run["result"], run["problem"]["what"]) == ("failed", "a post hook failed")


def test_a_run_that_went_well_has_no_problem(shop: Project) -> None:
    shop.script("up.post", "a.sh")
    shop.compose("up", "-d")
    run = last(shop.box)
    assert run["result"] == "ok"
    assert "problem" not in run
    assert "problem" not in run["hooks"][0]


def test_no_secret_is_in_a_reason(shop: Project) -> None:
    shop.write(".env", "DB_PASSWORD=hunter2hunter2\n")
    shop.script("up.pre", "a.sh", "echo no hunter2hunter2 >&2; exit 1")
    shop.compose("up", "-d")
    assert last(shop.box)["hooks"][0]["problem"]["what"] == "no ***"


def test_a_function_that_hooks_sh_does_not_define_is_never_written_as_started(shop: Project) -> None:
    shop.hooks_sh("mkfifo go\ntouch ready\nread x <go\neval 'hook_pre_''down() { :; }'\n")
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    process.kill()
    process.wait()
    assert last(shop.box)["hooks"] == []


def test_a_function_that_began_is_written_as_started(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { touch ready; sleep 1000; }\n")
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    while not any(b"hook_started" in path.read_bytes() for path in shop.box.data.rglob("running/*.jsonl")):
        assert process.poll() is None
    process.kill()
    process.wait()
    assert [(hook["name"], hook["result"]) for hook in last(shop.box)["hooks"]] == [("hook_pre_up", "interrupted")]


def test_a_hooks_sh_that_fails_before_any_function_is_named_itself(shop: Project) -> None:
    shop.hooks_sh("eval 'x=1'\nkill -KILL $$\n")
    shop.compose("up", "-d")
    assert [hook["name"] for hook in last(shop.box)["hooks"]] == ["hooks.sh"]


@pytest.fixture
def told(shop: Project) -> Project:
    """A down whose post hook failed, then an up that a missing interpreter stopped."""
    shop.script("down.post", "a.sh", "echo it burns >&2; exit 3")
    shop.script("up.pre", "a.sh", first="#!/no/such/program")
    shop.compose("down")
    shop.compose("up", "-d")
    return shop


def test_the_list_of_runs_shows_warned_and_the_reason(told: Project) -> None:
    up, down = told.hookman("log").out.splitlines()
    assert down.startswith("! ")
    assert up.startswith("✘ ")


def test_a_run_shows_its_reasons_and_the_fixes(told: Project) -> None:
    shown = told.hookman("log", last(told.box)["run"]).out
    assert "problem   up was not run: a pre hook failed (project.up.pre/a.sh)\n" in shown
    assert "its interpreter /no/such/program does not exist" in shown
    assert "    Fix: install it, or fix the first line of " in shown


def test_the_page_of_a_run_shows_them_too(told: Project) -> None:
    told.hookman("log", "--report", "page.html")
    page = (told.path / "page.html").read_text()
    assert "up was not run: a pre hook failed" in page
    assert "its interpreter /no/such/program does not exist" in page
    assert "Fix: install it" in page


def test_failed_shows_a_run_that_warned(told: Project) -> None:
    commands = [json.loads(line)["command"] for line in told.hookman("log", "--failed", "--json").out.splitlines()]
    assert commands == ["up", "down"]


def test_composes_last_line_is_kept_where_its_stderr_is_a_file(shop: Project) -> None:
    """On a terminal or a pipe nobody else can read it without standing in between."""
    with (shop.path / "said").open("wb") as said:
        said.write(b"before\n")
        said.flush()
        subprocess.run(
            ["docker", "compose", "up", "-d"],
            cwd=shop.path,
            env={**shop.box.environ, "STUB_RUN": "echo one >&2; echo no such image >&2", "STUB_EXIT": "5"},
            stderr=said,
            check=False,
        )
    assert last(shop.box)["problem"]["what"] == "docker compose up failed with exit code 5: no such image"
