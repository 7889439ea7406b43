from __future__ import annotations

import json
import time

import pytest

from tests.support.box import BIN, Box, Project
from tests.support.terminal import Terminal


@pytest.fixture
def past(box: Box, shop: Project) -> Project:
    """Three runs: an up that went well, a down whose post hook failed, a build that a pre hook stopped."""
    shop.script("up.pre", "a.sh", "echo hello; printf 'no newline'")
    shop.script("down.post", "warn.sh", "exit 3")
    shop.script("build.pre", "stop.sh", "exit 4")
    for command in ("up", "down", "build"):
        shop.compose(command, *(["-d"] if command == "up" else []))
    return shop


def test_runs_are_shown_newest_first(past: Project) -> None:
    lines = past.hookman("log").out.splitlines()
    assert [line.split()[6] for line in lines] == ["build", "down", "up"]
    assert "stop.sh: failed" in lines[0]


def test_failed_shows_runs_in_which_anything_failed(past: Project) -> None:
    lines = past.hookman("log", "--failed").out.splitlines()
    assert len(lines) == 2
    assert not any(" up " in line for line in lines)


def test_n_limits_them(past: Project) -> None:
    assert len(past.hookman("log", "-n", "1").out.splitlines()) == 1


def test_one_run_is_shown_with_each_hooks_output(past: Project) -> None:
    run = past.box.runs()[0]["run"]
    shown = past.hookman("log", run).out
    assert "command   docker compose up -d\n" in shown
    assert "project.up.pre/a.sh: ok (exit code 0, 0.0 s)\n    hello\n    no newline\n" in shown
    assert past.hookman("log", run[-6:]).out == shown


def test_a_run_that_does_not_exist_is_an_error(past: Project) -> None:
    result = past.hookman("log", "nope")
    assert result.code == 2
    assert "no run 'nope'" in result.err


def test_json_is_a_run_a_line(past: Project) -> None:
    runs = [json.loads(line) for line in past.hookman("log", "--json").out.splitlines()]
    keys = "argv command compose cwd ended exit_code hooks lock name project result run skipped started v"
    assert sorted(runs[-1]) == keys.split()
    assert json.loads(past.hookman("log", "--json", runs[0]["run"]).out) == runs[0]


def test_since(past: Project) -> None:
    assert len(past.hookman("log", "--since", "1h").out.splitlines()) == 3
    assert past.hookman("log", "--since", "2999-01-01").out == "no such runs\n"
    assert past.hookman("log", "--since", "yesterday").code == 2


def test_follow_shows_each_run_when_it_has_ended(past: Project) -> None:
    terminal = Terminal(past, str(BIN / "hookman"), "log", "-f", "-n", "1")
    terminal.expect(b"stop.sh: failed")
    past.compose("up", "-d")
    terminal.match(rb"ok +shop  up")
    terminal.type(b"\x03")
    assert terminal.wait() == 130


def test_no_more_of_the_log_is_read_than_is_shown(past: Project) -> None:
    """The rest is so long here that reading it would take hours."""
    log = next((past.box.data / "projects").glob("*/log.jsonl"))
    tail = log.read_bytes() * 100
    log.write_bytes(tail)
    shown = past.hookman("log", "-n", "3").out
    with log.open("wb") as file:
        file.truncate(2**40)
        file.seek(2**40)
        file.write(b"\n" + tail)
    assert past.hookman("log", "-n", "3").out == shown


def test_one_project(box: Box, past: Project) -> None:
    other = box.project("other")
    other.compose("up", "-d")
    assert len(other.hookman("log").out.splitlines()) == 4
    assert len(other.hookman("log", "--project", "other").out.splitlines()) == 1
    assert len(other.hookman("log", "--project", ".").out.splitlines()) == 1


def test_an_empty_log_says_so(box: Box) -> None:
    assert box.hookman("log").out == "no runs yet\n"


def test_a_record_of_a_newer_hookman_is_named(past: Project) -> None:
    log = next((past.box.data / "projects").glob("*/log.jsonl"))
    with log.open("a") as file:
        file.write('{"v": 99, "run": "20990101-000000-ffffff", "what": "else", "started": 4070908800}\n')
    result = past.hookman("log")
    assert result.code == 0
    assert "newer hookman (format 99)" in result.out.splitlines()[0]
    assert "newer hookman (format 99)" in past.hookman("log", "ffffff").out


@pytest.mark.parametrize(
    ("since", "shown"),
    [("50s", False), ("100s", True), ("1m", False), ("2m", True), ("1h", True), ("1d", True), ("1w", True)],
)
def test_since_counts_in_seconds_minutes_hours_days_and_weeks(shop: Project, since: str, shown: bool) -> None:
    assert_shown(shop, 80, since, shown=shown)


@pytest.mark.parametrize(
    ("seconds", "since", "shown"),
    [
        (59 * 60, "1h", True),
        (61 * 60, "1h", False),
        (23 * 3600, "1d", True),
        (25 * 3600, "1d", False),
        (6 * 86400, "1w", True),
        (8 * 86400, "1w", False),
    ],
)
def test_since_in_larger_units(shop: Project, seconds: int, since: str, shown: bool) -> None:
    assert_shown(shop, seconds, since, shown=shown)


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_since_a_moment(shop: Project, form: str) -> None:
    now = time.time()
    for minutes, shown in ((10, False), (30, True)):
        since = time.strftime(form, time.localtime(now - minutes * 60))
        assert_shown(shop, 20 * 60, since, shown=shown)


def assert_shown(shop: Project, seconds: int, since: str, *, shown: bool) -> None:
    """Does `hookman log --since` show a run of that many seconds ago?"""
    shop.compose("up", "-d")
    (log,) = (shop.box.data / "projects").glob("*/log.jsonl")
    run = json.loads(log.read_text().splitlines()[-1])
    run["started"] = run["ended"] = time.time() - seconds
    log.write_text(json.dumps(run) + "\n")
    result = shop.hookman("log", "--since", since)
    assert (result.code, result.out == "no such runs\n") == (0, not shown), result
