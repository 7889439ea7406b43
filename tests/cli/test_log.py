"""hookman log: the list of past runs, one run, and what is going on."""

from __future__ import annotations

import json
import re
import signal
import subprocess

import pytest

from hookman.cli.table import duration
from tests.support.box import BIN, PATIENCE, Box, Project
from tests.support.terminal import Terminal
from tests.support.waiting import HOLD, let_go, wait_for, wait_until


def test_runs_are_shown_newest_first(common_past: Project) -> None:
    lines = common_past.hookman("log").out.splitlines()
    assert [line.split()[6] for line in lines] == ["build", "down", "up"]
    assert "stop.sh: failed" in lines[0]


def test_failed_shows_runs_in_which_anything_failed(common_past: Project) -> None:
    lines = common_past.hookman("log", "--failed").out.splitlines()
    assert len(lines) == 2
    assert not any(" up " in line for line in lines)


def test_one_run_is_shown_with_each_hooks_output(common_past: Project) -> None:
    run = common_past.box.runs()[0]["run"]
    shown = common_past.hookman("log", run).out
    assert "command   docker compose up -d\n" in shown
    assert re.search(r"project.up.pre/a.sh: ok \(exit code 0, \d+ m?s\)\n    hello\n    no newline\n", shown)
    assert common_past.hookman("log", run[-6:]).out == shown


def test_a_run_that_does_not_exist_is_an_error(common_past: Project) -> None:
    result = common_past.hookman("log", "nope")
    assert result.code == 2
    assert "no run 'nope'" in result.err


def test_json_is_a_run_a_line(common_past: Project) -> None:
    runs = [json.loads(line) for line in common_past.hookman("log", "--json").out.splitlines()]
    keys = (
        "argv command compose context cwd ended exit_code hooks host lock name project result run skipped started "
        "uid user v version"
    )
    assert sorted(runs[-1]) == keys.split()
    assert json.loads(common_past.hookman("log", "--json", runs[0]["run"]).out) == runs[0]


def test_follow_shows_runs_and_hooks_when_they_start_and_end(past: Project) -> None:
    terminal = Terminal(past, str(BIN / "hookman"), "log", "-f", "-n", "1")
    terminal.expect(b"stop.sh: failed")
    past.compose("up", "-d")
    terminal.match(rb"\xe2\x96\xb6 docker compose up -d\r\n")
    terminal.match(rb"\xe2\x9c\x94 project.up.pre/a.sh  ok, \d+ ms\r\n")
    terminal.match(rb"\xe2\x9c\x94 up  \d+ ms, ok, 1 hook\r\n")
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


def test_tail_shows_the_last_lines_of_each_hook(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "printf 'one\\ntwo\\nthree\\n'")
    shop.compose("up", "-d")
    shown = shop.hookman("log", "last", "--tail", "2").out
    assert "    (1 line before)\n    two\n    three\n" in shown
    assert "one" not in shown


def test_tail_needs_a_run(common_past: Project) -> None:
    result = common_past.hookman("log", "--tail", "2")
    assert (result.code, "hookman log last --tail 2" in result.err) == (2, True)


def test_hooks_that_were_not_reached_are_shown(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "exit 1")
    shop.script("up.pre", "b.sh")
    shop.script("up.post", "c.sh")
    shop.compose("up", "-d")
    shown = shop.hookman("log", "last").out
    assert shown.endswith("\n- project.up.pre/b.sh: not reached\n\n- project.up.post/c.sh: not reached\n")


def test_hooks_after_a_post_hook_that_failed_are_shown_as_not_reached(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.script("up.post", "b.sh", "exit 1")
    shop.script("up.post", "c.sh")
    shop.compose("up", "-d")
    assert shop.box.runs()[-1]["not_reached"] == {"hooks": [{"event": "project.up.post", "name": "c.sh"}]}


def test_a_run_in_which_all_went_well_left_no_hook_out(common_past: Project) -> None:
    assert "not_reached" not in common_past.box.runs()[0]


@pytest.mark.parametrize(("columns", "shown"), [(80, "up "), (200, "docker compose up -d ")])
def test_a_wide_terminal_shows_the_command_line_as_typed(common_past: Project, columns: int, shown: str) -> None:
    line = common_past.hookman("log", COLUMNS=str(columns)).out.splitlines()[-1]
    assert f"  {shown}" in line


def test_at_80_columns_what_failed_and_why_is_there(shop: Project) -> None:
    shop.script("up.pre", "01-database.sh", "echo no database at db:5432 >&2; exit 3")
    shop.compose("up", "-d")
    (line,) = shop.hookman("log", COLUMNS="80").out.splitlines()
    assert len(line) <= 80
    assert "01-database.sh: failed" in line


def test_what_is_longer_than_the_terminal_goes_through_the_pager(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "seq 1000")
    shop.compose("up", "-d")
    shop.box.environ |= {"PAGER": "sh -c 'read first; echo paged: $first'", "LINES": "10", "COLUMNS": "80"}
    terminal = Terminal(shop, str(BIN / "hookman"), "log", "last", term="xterm")
    terminal.match(rb"paged: run +20")
    assert terminal.wait() == 0
    assert b"999" not in terminal.seen


def test_what_fits_needs_no_pager(past: Project) -> None:
    past.box.environ |= {"PAGER": "false"}
    terminal = Terminal(past, str(BIN / "hookman"), "log", term="xterm")
    terminal.expect(b"stop.sh: failed")
    assert terminal.wait() == 0


@pytest.mark.parametrize("pager", ["", "cat", "no-such-pager", "'"])
def test_without_a_pager_all_lines_are_printed(shop: Project, pager: str) -> None:
    shop.script("up.pre", "a.sh", "seq 100")
    shop.compose("up", "-d")
    shop.box.environ |= {"PAGER": pager, "LINES": "10"}
    terminal = Terminal(shop, str(BIN / "hookman"), "log", "last", term="xterm")
    terminal.expect(b"    100\r\n")
    assert terminal.wait() == 0


def test_a_progress_line_is_shown_in_its_last_state(shop: Project) -> None:
    shop.script("up.pre", "a.sh", r"printf '10%%\r50%%\r100%%\n'")
    shop.compose("up", "-d")
    assert shop.hookman("log", "last").out.endswith("\n    100%\n")


def test_a_command_of_ours_is_shown_as_the_compose_command_that_it_ran(box: Box) -> None:
    blog = box.project("stacks/blog")
    box.hookman("run", "blog", "up", "-d", cwd=box.base / "stacks")
    blog.compose("up", "-d", "a b", "--skip-hooks")
    last, first = blog.hookman("log", COLUMNS="200").out.splitlines()
    assert "  docker compose up -d  " in first
    assert "  docker compose up -d 'a b' --skip-hooks  " in last


def test_the_first_hook_that_failed_is_named_with_the_last_that_it_said(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "printf 'Traceback\\nno disk\\n' >&2; exit 1")
    shop.script("up.always", "z.sh", "exit 2")
    shop.compose("up", "-d")
    assert "a.sh: failed with exit code 1: no disk" in shop.hookman("log").out


def test_a_hook_that_may_fail_is_not_named_as_the_reason(shop: Project) -> None:
    shop.script("up.pre", "01-a.sh", "exit 1")
    shop.script("up.pre", "02-b.sh", "exit 2")
    shop.write("hookman.toml", "[hooks.'01-a.sh']\nallow_failure = true\n")
    shop.compose("up", "-d")
    assert "02-b.sh: failed with exit code 2" in shop.hookman("log").out


def test_at_80_columns_why_is_worth_more_than_the_exit_code(shop: Project) -> None:
    shop.script("down.pre", "01-backup.sh", "echo 'the backup disk is full' >&2; exit 4")
    shop.compose("down")
    assert "  01-backup.sh: failed: the backup disk is full\n" in shop.hookman("log", COLUMNS="80").out


def test_the_hook_that_runs_and_what_it_has_printed_are_shown(shop: Project) -> None:
    shop.script("up.pre", "a.sh", f"echo halfway; {HOLD}")
    holder = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    wait_until(lambda: "halfway" in shop.hookman("log", "last").out, "the output is not shown")
    assert re.search(r"… project.up.pre/a.sh: running \([\d.]+ m?s\)\n    halfway\n", shop.hookman("log", "last").out)
    let_go(shop, holder)


def test_follow_tells_of_a_run_that_was_killed(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    terminal = Terminal(shop, str(BIN / "hookman"), "log", "--follow")
    terminal.expect("… project.up.pre/hold.sh".encode())
    holder.send_signal(signal.SIGKILL)
    holder.wait(PATIENCE)
    terminal.match("✘ up  .*hold.sh: interrupted".encode())
    terminal.type(b"\x03")
    assert terminal.wait() == 130


def test_follow_as_json_is_a_run_a_line(shop: Project) -> None:
    shop.compose("build")
    process = shop.start(str(BIN / "hookman"), "log", "--follow", "--json", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # the earlier run: it follows now
    shop.compose("up", "-d")
    document = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert (document["version"], document["command"], document["result"]) == (1, "up", "ok")


def test_hours_are_hours() -> None:
    assert [duration(seconds) for seconds in (125, 5999, 12000)] == ["2 min 5 s", "99 min 59 s", "3 h 20 min"]
