"""Which runs hookman log shows: since when, of which project, by their ids."""

from __future__ import annotations

import json
import time

import pytest

from tests.support.box import STUB, Box, Project


def test_n_limits_them(common_past: Project) -> None:
    assert len(common_past.hookman("log", "-n", "1").out.splitlines()) == 1


def test_since(common_past: Project) -> None:
    assert len(common_past.hookman("log", "--since", "1h").out.splitlines()) == 3
    assert common_past.hookman("log", "--since", "2999-01-01").out == "no such runs\n"
    assert common_past.hookman("log", "--since", "yesterday").code == 2


def test_in_a_project_its_own_runs_are_shown_and_with_all_those_of_all_projects(box: Box, past: Project) -> None:
    other = box.project("other")
    other.compose("up", "-d")
    assert len(other.hookman("log").out.splitlines()) == 1
    assert len(other.hookman("log", "--all").out.splitlines()) == 4
    assert len(other.hookman("log", "--project", "shop").out.splitlines()) == 3
    assert len(other.hookman("log", "--project", "other").out.splitlines()) == 1
    assert len(other.hookman("log", "--project", ".").out.splitlines()) == 1


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, installed: Box) -> Project:
    """A project with one run, whose time each test changes."""
    box = Box(tmp_path_factory.mktemp("ran"), STUB)
    box.copy_installation(installed)
    ran = box.project()
    ran.compose("up", "-d")
    return ran


@pytest.mark.parametrize(
    ("since", "shown"),
    [("50s", False), ("100s", True), ("1m", False), ("2m", True), ("1h", True), ("1d", True), ("1w", True)],
)
def test_since_counts_in_seconds_minutes_hours_days_and_weeks(ran: Project, since: str, shown: bool) -> None:
    assert_shown(ran, 80, since, shown=shown)


@pytest.mark.parametrize(
    ("seconds", "since", "shown"),
    [
        (1000 * 60 - 500, "1000m", True),
        (1000 * 60 + 500, "1000m", False),
        (59 * 60, "1h", True),
        (61 * 60, "1h", False),
        (23 * 3600, "1d", True),
        (25 * 3600, "1d", False),
        (6 * 86400, "1w", True),
        (8 * 86400, "1w", False),
    ],
)
def test_since_in_larger_units(ran: Project, seconds: int, since: str, shown: bool) -> None:
    assert_shown(ran, seconds, since, shown=shown)


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_since_a_moment(ran: Project, form: str) -> None:
    now = time.time()
    for minutes, shown in ((10, False), (30, True)):
        since = time.strftime(form, time.localtime(now - minutes * 60))
        assert_shown(ran, 20 * 60, since, shown=shown)


def assert_shown(ran: Project, seconds: int, since: str, *, shown: bool) -> None:
    """Does `hookman log --since` show a run of that many seconds ago?"""
    (log,) = (ran.box.data / "projects").glob("*/log.jsonl")
    run = json.loads(log.read_text())
    run["started"] = run["ended"] = time.time() - seconds
    log.write_text(json.dumps(run) + "\n")
    result = ran.hookman("log", "--since", since)
    assert (result.code, result.out == "no such runs\n") == (0, not shown), result


def test_outside_of_a_project_the_runs_of_all_are_shown(common_past: Project) -> None:
    box = common_past.box
    assert (
        len(box.hookman("log", cwd=box.base).out.splitlines()) == len(common_past.hookman("log").out.splitlines()) == 3
    )


def test_the_empty_log_of_a_project_points_at_the_runs_of_others(box: Box, past: Project) -> None:
    result = box.project("other").hookman("log")
    assert result.out == "no runs yet\n"
    assert "hookman log --all" in result.err


def test_all_and_project_exclude_each_other(common_past: Project) -> None:
    assert common_past.hookman("log", "--all", "--project", "shop").code == 2


def test_last_is_the_last_run_of_the_choice(past: Project) -> None:
    assert "command   docker compose build\n" in past.hookman("log", "last").out
    past.compose("up", "-d")
    assert "command   docker compose up -d\n" in past.hookman("log", "last").out
    assert "command   docker compose build\n" in past.hookman("log", "last", "--failed").out


def test_last_is_of_this_project(box: Box, past: Project) -> None:
    other = box.project("other")
    assert other.hookman("log", "last").code == 2
    assert past.hookman("log", "last").out == other.hookman("log", "last", "--all").out


def test_the_beginning_or_the_end_of_an_id_names_a_run(common_past: Project) -> None:
    run = common_past.box.runs()[0]["run"]
    complete = common_past.hookman("log", run).out
    assert [common_past.hookman("log", part).out for part in (run[-6:], run[-4:], run[:-2])] == [complete] * 3


def test_a_part_of_several_ids_names_them(common_past: Project) -> None:
    result = common_past.hookman("log", "20")
    assert result.code == 2
    assert all(run["run"] in result.err for run in common_past.box.runs())


def test_the_complete_id_is_unique_where_another_begins_with_it(past: Project) -> None:
    (log,) = (past.box.data / "projects").glob("*/log.jsonl")
    run = json.loads(log.read_text().splitlines()[0])
    with log.open("a") as file:
        file.write(json.dumps({**run, "run": f"{run['run']}-b"}) + "\n")
    assert f"run       {run['run']}," in past.hookman("log", run["run"]).out
