"""hookman log --user, --host, --context."""

from __future__ import annotations

import json
import os
import pwd

import pytest

from tests.support.box import BIN, Project
from tests.support.terminal import Terminal

NAME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(scope="module")
def team(common_shop: Project) -> Project:
    """An `up` of alice and a `down` of bob with the context edge-1, and a `build`, which an old hookman recorded."""
    return make_team(common_shop)


def make_team(shop: Project) -> Project:
    shop.write("hookman.toml", 'lock = "local"\n')
    shop.compose("up", "-d", SUDO_USER="alice")
    shop.compose("down", SUDO_USER="bob", DOCKER_CONTEXT="edge-1")
    shop.compose("build")
    (log,) = (shop.box.data / "projects").glob("*/log.jsonl")
    runs = [json.loads(line) for line in log.read_text().splitlines()]
    for key in ("user", "uid", "host", "context"):
        del runs[-1][key]
    log.write_text("".join(f"{json.dumps(run)}\n" for run in runs))
    return shop


def commands(shop: Project, *options: str) -> list[str]:
    result = shop.hookman("log", "--json", *options)
    assert result.code == 0, result
    return [json.loads(line)["command"] for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--user", "alice"], ["up"]),
        (["--user", NAME], ["down", "up"]),
        (["--host", os.uname().nodename], ["down", "up"]),
        (["--context", "edge-1"], ["down"]),
        (["--context", "default", "--user", "alice"], ["up"]),
        (["--context", "edge-1", "--user", "alice"], []),
        ([], ["build", "down", "up"]),
    ],
)
def test_runs_are_chosen_by_user_host_and_context(team: Project, options: list[str], expected: list[str]) -> None:
    assert commands(team, *options) == expected


@pytest.mark.parametrize(
    ("options", "what", "fix"),
    [
        (["--user", "alcie"], "no run in the log has the user alcie", "Did you mean 'alice'?"),
        (["--context", "edge1"], "no run in the log has the context edge1", "Did you mean 'edge-1'?"),
        (["--context", "zz"], "no run in the log has the context zz", "there are runs with: edge-1, default"),
        (["--host", ""], "no run in the log has the host ", f"there are runs with: {os.uname().nodename}"),
    ],
)
@pytest.mark.parametrize(
    "more", [[], ["--json"], ["last"], ["--report", "page.html"]], ids=["", "json", "last", "page"]
)
def test_a_name_that_no_run_has_is_an_error_with_the_nearest(
    team: Project, options: list[str], what: str, fix: str, more: list[str]
) -> None:
    result = team.hookman("log", *options, *more)
    assert (result.code, result.out) == (2, "")
    assert what in result.err
    assert fix in result.err


def test_names_that_there_are_without_a_run_of_both_are_no_error(team: Project) -> None:
    result = team.hookman("log", "--user", "alice", "--context", "edge-1")
    assert (result.code, result.out) == (0, "no such runs\n")


def test_last_is_the_last_of_them(team: Project) -> None:
    shown = team.hookman("log", "last", "--user", "bob").out
    assert "command   docker compose down\n" in shown
    assert f"by        {NAME} (called by bob) on {os.uname().nodename}, context edge-1\n" in shown


def test_a_record_of_an_older_hookman_is_shown_without_them(team: Project) -> None:
    shown = team.hookman("log", "last").out
    assert "command   docker compose build\n" in shown
    assert "\nby " not in shown


def test_the_table_has_the_contexts_if_they_differ(team: Project) -> None:
    assert [("edge-1" in line, " default " in line) for line in team.hookman("log").out.splitlines()] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert "edge-1" not in team.hookman("log", "--context", "edge-1").out


def test_the_page_says_by_whom(team: Project) -> None:
    team.hookman("log", "last", "--user", "bob", "--report", "page.html")
    assert f"{NAME} (called by bob) on {os.uname().nodename}, context edge-1" in (team.path / "page.html").read_text()


def test_follow_shows_only_them_and_says_if_there_was_none_until_now(shop: Project) -> None:
    team = make_team(shop)
    terminal = Terminal(team, str(BIN / "hookman"), "log", "-f", "--context", "edge-2")
    terminal.expect(b"no run in the log has the context edge-2")
    team.compose("up", "-d")
    team.compose("down", DOCKER_CONTEXT="edge-2")
    terminal.match(rb"\xe2\x96\xb6 docker compose down  \(edge-2\)\r\n")
    assert b"up -d" not in terminal.seen
    terminal.type(b"\x03")
    assert terminal.wait() == 130


def test_tab_completes_them(team: Project) -> None:
    def offered(option: str, typed: str) -> list[str]:
        line = f"hookman log {option} {typed}"
        shown = team.hookman(COMP_WORDS=line, COMP_CWORD="3", _HOOKMAN_COMPLETE="bash_complete")
        return [line.partition(",")[2] for line in shown.out.splitlines()]

    assert sorted(offered("--user", "")) == sorted([NAME, "alice", "bob"])
    assert offered("--context", "e") == ["edge-1"]
    assert offered("--host", "") == [os.uname().nodename]
