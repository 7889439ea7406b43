"""The log: DESIGN 1.6."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from hookman.base.redact import Redactor
from hookman.log import store
from hookman.log.hook_output import HookOutput
from hookman.log.writer import Journal
from tests.support.box import Box, Project


def folder(shop: Project) -> Path:
    return next((shop.box.data / "projects").iterdir())


def test_a_run_is_one_line_with_every_hook_and_what_it_printed(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo hello")
    shop.script("up.pre", "b.sh", mode=0o644)
    shop.hooks_sh("hook_post_up() { return 3; }\n")
    assert shop.compose("up", "-d").code == 1
    lines = (folder(shop) / "log.jsonl").read_text().splitlines()
    assert len(lines) == 1
    run = json.loads(lines[0])
    assert (run["command"], run["argv"], run["result"], run["exit_code"]) == (
        "up",
        ["compose", "up", "-d"],
        "failed",
        1,
    )
    assert (run["project"], run["name"], run["compose"]["exit_code"]) == (str(shop.path), "shop", 0)
    results = [(hook["event"], hook["name"], hook["kind"], hook["result"]) for hook in run["hooks"]]
    assert results == [
        ("project.up.pre", "a.sh", "script", "ok"),
        ("project.up.pre", "b.sh", "script", "skipped"),
        ("project.up.post", "hook_post_up", "function", "failed"),
    ]
    output = folder(shop) / "output" / run["run"] / run["hooks"][0]["output"]
    assert output.read_text() == "hello\n"


def test_directories_are_private_and_files_too(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo hello")
    shop.compose("up", "-d")
    data = shop.box.data
    for path in [data, *data.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.name == "docker-compose":
            assert mode == 0o755  # the shim: docker must be able to start it
        else:
            assert mode == (0o700 if path.is_dir() else 0o600), path


def test_secrets_never_reach_the_log_or_our_messages(shop: Project) -> None:
    shop.write(".env", "DB_PASSWORD=hunter2hunter2\nAPI_TOKEN=abc\n")
    shop.hooks_sh(
        'hook_pre_up() { echo "out $DB_PASSWORD $OTHER_SECRET abc"; echo "err $DB_PASSWORD" >&2; return 1; }\n'
    )
    result = shop.compose("up", "-d", "--pull", "hunter2hunter2", OTHER_SECRET="s3cr3t!")
    assert "err hunter2hunter2\n" in result.err  # what the hook itself shows is its own
    assert 'Hook "hook_pre_up" failed with exit code 1: err ***\n' in result.err
    kept = b"".join(path.read_bytes() for path in folder(shop).rglob("*") if path.is_file())
    assert b"out *** *** abc" in kept
    assert b"hunter2" not in kept
    assert b"s3cr3t" not in kept


def test_an_unwritable_data_directory_breaks_nothing(box: Box) -> None:
    shop = box.project()
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    projects = box.data / "projects"
    projects.write_text("in the way")  # root may write anywhere, but not below a file
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), box.calls()) == (0, ["ran"], ["<compose><up><-d>"])
    assert result.err.count("hookman: ") == 1
    assert "so there is no log, and no lock" in result.err
    assert "HOOKMAN_DATA_DIR" in result.err
    assert "Traceback" not in result.err


def test_a_killed_run_shows_how_far_it_came_and_the_next_run_logs_it(tmp_path: Path) -> None:
    killed = Journal(str(tmp_path), "20260101-000000-aaaaaa", Redactor(), pytest.fail)
    killed.start(command="up")
    killed.hook(event="project.up.pre", name="a.sh", kind="script", result="ok")
    killed.hook_started("project.up.pre", "b.sh", 1, 0)
    assert [run["result"] for run in store.runs(str(tmp_path))] == ["running"]
    assert killed._file is not None  # noqa: SLF001 (what the kernel does when a process dies)
    os.close(killed._file)  # noqa: SLF001
    runs = list(store.runs(str(tmp_path)))
    assert [run["result"] for run in runs] == ["interrupted"]
    assert [(hook["name"], hook["result"]) for hook in runs[0]["hooks"]] == [("a.sh", "ok"), ("b.sh", "interrupted")]
    following = Journal(str(tmp_path), "20260101-000001-bbbbbb", Redactor(), pytest.fail)
    following.start(command="down")
    following.end("ok", 0, 200)
    assert [run["result"] for run in store.runs(str(tmp_path))] == ["interrupted", "ok"]
    assert list((tmp_path / "running").iterdir()) == []


@pytest.mark.root
def test_a_data_directory_of_somebody_elses_is_not_used(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    (shop.box.data / "projects").mkdir()
    os.chown(shop.box.data / "projects", 12345, 12345)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["ran"])
    assert [line for line in result.err.splitlines() if "it belongs to another user" in line] != []
    assert list((shop.box.data / "projects").iterdir()) == []


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    store.append(str(tmp_path), {"run": "1"})
    with (tmp_path / "log.jsonl").open("ab") as log:
        log.write(b'{"run": "cut o')
    store.append(str(tmp_path), {"run": "2"})
    assert [run["run"] for run in store.runs(str(tmp_path))] == ["2", "1"]


def test_a_secret_split_over_two_reads_is_masked(tmp_path: Path) -> None:
    output = HookOutput(str(tmp_path / "o"), Redactor([b"hunter22"]), 1000, lambda error: pytest.fail(str(error)))
    for part in (b"a hun", b"ter", b"22 b hunt", b"er"):
        output.write(part)
    output.close()
    assert (tmp_path / "o").read_bytes() == b"a *** b hunter"


def test_the_limit_of_what_is_kept_is_a_setting(shop: Project) -> None:
    shop.write("hookman.toml", "output_limit = 100\n")
    shop.script("up.pre", "a.sh", "seq 1000")
    shop.compose("up", "-d")
    (run,) = shop.box.runs()
    kept = shop.hookman("log", run["run"]).out
    assert "bytes left out by hookman" in kept
    assert len(kept) < 1000


@pytest.mark.parametrize("name", ["lock", "log.jsonl", "running", "output"])
def test_a_planted_link_is_not_followed(shop: Project, name: str) -> None:
    shop.script("up.pre", "a.sh", "echo printed")
    shop.compose("up", "-d")
    directory = next((shop.box.data / "projects").iterdir())
    planted = shop.path / "planted"
    if name in ("lock", "log.jsonl"):
        planted.write_text("")
        (directory / name).unlink()
    else:
        planted.mkdir()
        shutil.rmtree(directory / name)
    (directory / name).symlink_to(planted)
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    assert "hookman: " in result.err
    assert planted.is_dir() or planted.read_text() == ""
    assert not planted.is_dir() or list(planted.iterdir()) == []


def test_lines_that_are_no_records_are_passed_over(tmp_path: Path) -> None:
    store.append(str(tmp_path), {"run": "1"})
    with (tmp_path / "log.jsonl").open("ab") as log:
        log.write(b'{"run": "cut o\n\xff\n[1]\n')
    store.append(str(tmp_path), {"run": "2"})
    assert [run["run"] for run in store.runs(str(tmp_path))] == ["2", "1"]


def test_only_the_newest_runs_are_kept_with_their_output(tmp_path: Path) -> None:
    for number in range(99):
        one = Journal(str(tmp_path), f"run-{number:02d}", Redactor(), pytest.fail)
        one.start(command="up")
        output = one.output(0, "a.sh")
        output.write(b"x")
        output.close()
        one.end("ok", 0, 10)
    kept = [run["run"] for run in store.runs(str(tmp_path))][::-1]
    assert kept == [f"run-{number:02d}" for number in range(99 - len(kept), 99)]
    assert 10 <= len(kept) <= 30  # it is not counted at every run
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == kept


def test_of_much_output_the_beginning_and_the_end_are_kept_and_the_gap_is_named(tmp_path: Path) -> None:
    output = HookOutput(str(tmp_path / "o"), Redactor(), 20, lambda error: pytest.fail(str(error)))
    for _ in range(10):
        output.write(b"0123456789")
    output.close()
    assert (tmp_path / "o").read_bytes() == b"0123456789\n[... 80 bytes left out by hookman ...]\n0123456789"


def test_output_within_the_limit_is_kept_completely(tmp_path: Path) -> None:
    output = HookOutput(str(tmp_path / "o"), Redactor(), 20, lambda error: pytest.fail(str(error)))
    output.write(b"abcdefgh")
    output.write(b"ijklmnop")
    output.close()
    assert (tmp_path / "o").read_bytes() == b"abcdefghijklmnop"


def test_a_hook_that_prints_nothing_leaves_no_file(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.compose("up", "-d")
    assert shop.box.runs()[-1]["hooks"][0]["output"] == ""
    assert not (folder(shop) / "output").exists()
