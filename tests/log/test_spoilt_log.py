"""Lines of the log that are no records, files that are no files: the rest is shown, nothing outside is touched."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookman.base.redact import Redactor
from hookman.log import retention, store
from hookman.log.writer import Journal
from tests.support.box import Box, Project
from tests.support.waiting import let_go, wait_for

GOOD: dict[str, Any] = {"v": 1, "run": "20260101-000000-aaaaaa", "command": "up", "result": "ok", "hooks": []}
WRONG: list[dict[str, Any]] = [
    {"run": "../../x"},
    {"run": ".."},
    {"run": "a/b"},
    {"run": "a\x00b"},
    {"run": ""},
    {"hooks": "all"},
    {"hooks": [1]},
    {"hooks": None},
    {"hooks": [{"name": "a.sh", "event": "e", "output": "../../../secret"}]},
    {"hooks": [{"name": 1}]},
    {"hooks": [{"seconds": "long"}]},
    {"hooks": [{"problem": "bad"}]},
    {"started": "now"},
    {"started": 1e300},
    {"started": float("nan")},
    {"started": 10**400},
    {"ended": {}},
    {"v": "2"},
    {"argv": "up"},
    {"argv": [1]},
    {"lock": 3},
    {"compose": {"seconds": "x"}},
    {"problem": []},
    {"project": ".."},
    {"project": "/a/../b"},
    {"project": 7},
    {"exit_code": "x"},
]
SPOILT = [
    b"\x00\x01\xff",
    b"[1]",
    b"[" * 100_000,
    b"9" * 10_000,
    b'{"run": ["x"]}',
    *(json.dumps({**GOOD, **wrong}).encode() for wrong in WRONG),
]


def log_of(project: Project) -> Path:
    return next((project.box.data / "projects").glob("*/log.jsonl"))


@pytest.mark.parametrize("line", SPOILT, ids=lambda line: line[:60].decode("ascii", "replace"))
def test_a_line_that_is_no_record_is_passed_over_and_told(tmp_path: Path, line: bytes) -> None:
    store.append(str(tmp_path), {**GOOD, "run": "one"})
    with (tmp_path / "log.jsonl").open("ab") as log:
        log.write(line + b"\n")
    store.append(str(tmp_path), {**GOOD, "run": "two"})
    told: list[str] = []
    assert [run["run"] for run in store.runs(str(tmp_path), tell=told.append)] == ["two", "one"]
    assert told == [str(tmp_path / "log.jsonl")]


def test_the_other_runs_are_shown_whatever_lines_are_between_them(box: Box, shop: Project) -> None:
    shop.compose("up", "-d")
    log_of(shop).write_bytes(b"\n".join(SPOILT) + b"\n" + log_of(shop).read_bytes())
    shop.compose("down")
    for words in ((), ("--failed",), ("--json",), ("--report", "page.html")):
        result = shop.hookman("log", *words)
        assert result.code == 0, result
        assert "internal error" not in result.err
    result = shop.hookman("log")
    assert [row.split()[6] for row in result.out.splitlines()] == ["down", "up"]
    assert f"hookman: {len(SPOILT)} lines of {log_of(shop)} are not records of runs" in result.err
    assert shop.hookman("list").code == 0


def test_a_record_whose_id_is_a_path_reads_and_deletes_nothing_outside(tmp_path: Path) -> None:
    data = tmp_path / "data"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    data.mkdir()
    (data / "log.jsonl").write_text(f'{{"run": "../../outside", "hooks": []}}\n{"{}" * 200}\n')
    for number in range(40):
        run = Journal(str(data), f"run-{number:02d}", Redactor(), pytest.fail)
        run.start(command="up")
        run.end("ok", 0, 1)
    assert (outside / "precious").read_text() == "x"
    assert "outside" not in (data / "log.jsonl").read_text()


def test_an_output_directory_that_is_a_link_is_neither_read_nor_emptied(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo printed")
    shop.compose("up", "-d")
    (run,) = box.runs()
    folder = log_of(shop).parent / "output" / run["run"]
    folder.rename(shop.path / "elsewhere")
    folder.symlink_to(shop.path / "elsewhere")
    assert "printed" not in shop.hookman("log", run["run"]).out
    retention._remove_output(str(log_of(shop).parent), run["run"])  # noqa: SLF001 (what tidying does)
    assert len(list((shop.path / "elsewhere").iterdir())) == 1


def fifo(path: Path) -> None:
    os.mkfifo(path)


def zero(path: Path) -> None:
    os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))


def link_to_zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def socket(path: Path) -> None:
    os.mknod(path, 0o600 | 0o140000)


IRREGULAR = [fifo, zero, link_to_zero, Path.mkdir, socket]
FOLDERS = ("running", "waiting", "events", "output/run")


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", ["lock", "log.jsonl"])
def test_a_pipe_or_device_in_its_place_never_hangs_a_command(
    shop: Project, name: str, make: Callable[[Path], None]
) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace; echo printed")
    shop.compose("up", "-d")
    there = log_of(shop).parent / name
    there.unlink()
    make(there)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["ran", "ran"])
    assert "internal error" not in result.err
    for command in ("log", "status", "list"):
        assert shop.hookman(command).code == 0


@pytest.mark.parametrize("make", [fifo, zero, link_to_zero])
def test_a_file_in_place_of_its_directory_never_hangs_a_command(shop: Project, make: Callable[[Path], None]) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace; echo printed")
    for name in ("running", "output", "waiting", "events"):
        shop.compose("up", "-d")
        shutil.rmtree(log_of(shop).parent / name, ignore_errors=True)
        make(log_of(shop).parent / name)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["ran"] * 5)
    assert "internal error" not in result.err
    for command in ("log", "status", "list"):
        assert shop.hookman(command).code == 0


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_pipe_or_device_among_our_notes_does_no_harm(shop: Project, make: Callable[[Path], None]) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace; echo printed")
    shop.compose("up", "-d")
    for folder in FOLDERS:
        there = log_of(shop).parent / folder
        there.mkdir(parents=True, exist_ok=True)
        make(there / "x.jsonl")
    result = shop.compose("up", "-d")
    assert (result.code, result.err.count("hookman: "), shop.trace()) == (0, 0, ["ran", "ran"])
    assert len(shop.hookman("log").out.splitlines()) == 2
    assert shop.hookman("status").code == 0


def test_a_log_that_is_no_file_is_named(shop: Project) -> None:
    shop.compose("up", "-d")
    path = log_of(shop)
    path.unlink()
    os.mkfifo(path)
    assert f"hookman: {path} can't be read: not a regular file" in shop.hookman("log").err


def test_a_line_without_end_is_not_read_to_its_beginning(shop: Project) -> None:
    shop.compose("up", "-d")
    tail = log_of(shop).read_bytes()
    with log_of(shop).open("wb") as file:
        file.truncate(2**40)
        file.seek(2**40)
        file.write(b"\n" + tail)
    assert len(shop.hookman("log", "-n", "100").out.splitlines()) == 1


def test_a_run_under_way_is_left_alone_by_another_that_ends(tmp_path: Path) -> None:
    live = Journal(str(tmp_path), "20260101-000000-aaaaaa", Redactor(), pytest.fail)
    live.start(command="up")
    other = Journal(str(tmp_path), "20250101-000000-bbbbbb", Redactor(), pytest.fail)
    other.start(command="down")
    other.end("ok", 0, 200)
    live.end("ok", 0, 200)
    assert [(run["run"], run["result"]) for run in store.runs(str(tmp_path))] == [
        ("20260101-000000-aaaaaa", "ok"),
        ("20250101-000000-bbbbbb", "ok"),
    ]


def test_a_run_under_way_is_left_alone_where_locks_do_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on network file systems that only pretend to lock."""
    monkeypatch.setattr("fcntl.flock", lambda _file, _how: None)
    live = Journal(str(tmp_path), "20260101-000000-aaaaaa", Redactor(), pytest.fail)
    live.start(command="up")
    other = Journal(str(tmp_path), "20260101-000001-bbbbbb", Redactor(), pytest.fail)
    other.start(command="down")
    other.end("ok", 0, 200)
    live.end("ok", 0, 200)
    assert sorted((run["run"][-6:], run["result"]) for run in store.runs(str(tmp_path))) == [
        ("aaaaaa", "ok"),
        ("bbbbbb", "ok"),
    ]


def test_a_run_whose_log_can_not_be_written_any_more_is_not_taken_while_it_runs(tmp_path: Path) -> None:
    said: list[str] = []
    live = Journal(str(tmp_path), "20260101-000000-aaaaaa", Redactor(), said.append)
    live.start(command="up")
    live._give_up(OSError(28, "No space left on device"))  # noqa: SLF001 (as a full disk has it)
    other = Journal(str(tmp_path), "20260101-000001-bbbbbb", Redactor(), pytest.fail)
    other.start(command="down")
    other.end("ok", 0, 200)
    assert [run["result"] for run in store.runs(str(tmp_path))] == ["running", "ok"]


def test_a_run_that_was_killed_as_it_closed_its_record_is_in_the_log_once(tmp_path: Path) -> None:
    killed = Journal(str(tmp_path), "20260101-000000-aaaaaa", Redactor(), pytest.fail)
    killed.start(command="up")
    store.append(str(tmp_path), {**killed.head, "result": "ok"})
    assert killed._file is not None  # noqa: SLF001 (what the kernel does when a process dies)
    os.close(killed._file)  # noqa: SLF001
    other = Journal(str(tmp_path), "20260101-000001-bbbbbb", Redactor(), pytest.fail)
    other.start(command="down")
    other.end("ok", 0, 200)
    assert sorted(run["result"] for run in store.runs(str(tmp_path))) == ["ok", "ok"]


def test_a_live_run_keeps_its_record_while_others_end_with_a_clock_far_ahead(shop: Project) -> None:
    shop.write("hookman.toml", "keep_runs = 1\n")
    shop.script("up.pre", "a.sh", "echo printed; mkfifo go; touch ready; read x <go")
    holder = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "ready")
    for path in (log_of_running(shop), *log_of_running(shop).parent.iterdir()):
        os.utime(path, (0, 0))
    for _ in range(3):
        shop.compose("ps")
    let_go(shop, holder)
    run = next(run for run in shop.box.runs() if run["command"] == "up")
    assert "printed" in shop.hookman("log", run["run"]).out


def log_of_running(project: Project) -> Path:
    return next((project.box.data / "projects").glob("*/running/*.jsonl"))
