"""The log of a project as data: what is read, in which order, and how much is kept."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from hookman.base.flocks import create_locked
from hookman.log import store
from tests.support.journals import names, under_way


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"v": 1, "run": f"2026-{number:04d}", "ended": float(number), "result": "ok", "hooks": [], **more}


def add(log: str, *runs: dict[str, Any]) -> None:
    for run in runs:
        store.append(log, run)


class TestAppend:
    def test_it_returns_the_sizes_before_and_after(self, log: str) -> None:
        line = len(store.line_of(record(1)))
        assert store.append(log, record(1)) == (0, line)
        assert store.append(log, record(2)) == (line, 2 * line)
        assert Path(log, "log.jsonl").stat().st_size == 2 * line

    @pytest.mark.parametrize("cut", [b"cut", b"cu\t", b"cu\0"])
    def test_a_line_that_was_cut_off_is_ended_first(self, log: str, cut: bytes) -> None:
        Path(log, "log.jsonl").write_bytes(cut)
        line = store.line_of(record(1))
        assert store.append(log, record(1)) == (3, 3 + 1 + len(line))
        assert Path(log, "log.jsonl").read_bytes() == cut + b"\n" + line

    def test_a_disk_that_is_full_leaves_no_half_line(self, log: str, monkeypatch: pytest.MonkeyPatch) -> None:
        add(log, record(1))
        before = Path(log, "log.jsonl").read_bytes()
        write = os.write

        def half(file: int, data: memoryview) -> int:
            if len(data) < 20:
                raise OSError(28, "No space left on device")
            return write(file, data[: len(data) // 2])

        monkeypatch.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space"):
            store.append(log, record(2))
        assert Path(log, "log.jsonl").read_bytes() == before

    def test_it_waits_for_another_that_writes(self, log: str) -> None:
        add(log, record(1))
        with Path(log, "log.jsonl").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            thread = threading.Thread(target=add, args=(log, record(3)), daemon=True)
            thread.start()
            file.write(store.line_of(record(2)))
        thread.join()
        assert names(log) == ["2026-0003", "2026-0002", "2026-0001"]

    def test_only_its_user_can_read_the_log(self, log: str) -> None:
        add(log, record(1))
        assert Path(log, "log.jsonl").stat().st_mode & 0o777 == 0o600


class TestRuns:
    def test_there_are_none(self, log: str) -> None:
        assert names(log) == []

    def test_the_newest_is_first(self, log: str) -> None:
        add(log, *(record(number) for number in range(5)))
        assert names(log) == [f"2026-{number:04d}" for number in (4, 3, 2, 1, 0)]

    def test_a_log_of_many_blocks_is_read_completely(self, log: str) -> None:
        add(log, *(record(number, said="x" * 10_000) for number in range(30)))
        assert names(log) == [f"2026-{number:04d}" for number in reversed(range(30))]

    @pytest.mark.parametrize("size", [1, 2, 5, 25, 63, 64, 125, 126, 127, 1000])
    def test_it_is_read_completely_whatever_the_size_of_a_block(
        self, log: str, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        monkeypatch.setattr(store, "BLOCK", size)
        add(log, record(1), record(2))
        assert names(log) == ["2026-0002", "2026-0001"]

    def test_what_is_under_way_is_first_and_what_was_killed_is_at_its_start(self, log: str) -> None:
        add(log, record(10), record(20))
        under_way(log, "killed").write_bytes(store.line_of({"type": "start", "run": "killed", "started": 15.0}))
        os.close(create_locked(f"{log}/running/early.jsonl"))
        live = create_locked(f"{log}/running/live.jsonl")
        os.write(live, store.line_of({"type": "start", "run": "live", "started": 1.0}))
        found = [(run["run"], run["result"]) for run in store.runs(log)]
        os.close(live)
        assert found == [("live", "running"), ("2026-0020", "ok"), ("killed", "interrupted"), ("2026-0010", "ok")]

    def test_of_failed_runs_those_that_went_well_are_left_out(self, log: str) -> None:
        good, skipped = {"name": "a", "result": "ok"}, {"name": "a", "result": "skipped"}
        add(log, record(1, hooks=[good, skipped]), record(2, hooks=[{"name": "a", "result": "failed"}]))
        add(log, record(3, result="failed"), record(4))
        assert names(log, failed=True) == ["2026-0003", "2026-0002"]

    def test_a_record_without_a_result_counts_as_failed(self, log: str) -> None:
        add(log, {"v": 1, "run": "x"})
        assert names(log, failed=True) == ["x"]

    def test_a_line_that_is_no_record_is_told_by_the_path_of_its_file(self, log: str) -> None:
        add(log, record(1))
        with Path(log, "log.jsonl").open("a") as file:
            file.write('nonsense\n[1]\n\n{"run": "../x"}\n')
        add(log, record(2))
        told: list[str] = []
        assert names(log, tell=told.append) == ["2026-0002", "2026-0001"]
        assert told == [f"{log}/log.jsonl"] * 3

    def test_a_record_of_a_newer_format_is_shown_without_its_hooks(self, log: str) -> None:
        add(log, record(1, v=2, hooks="all", argv=3, command="up"))
        (run,) = store.runs(log)
        assert (run["v"], run["command"], "hooks" in run, "argv" in run) == (2, "up", False, False)

    @pytest.mark.parametrize("version", [0, 1])
    def test_a_record_of_this_format_with_wrong_types_does_not_count(self, log: str, version: int) -> None:
        add(log, record(1, hooks="all", v=version))
        assert names(log) == []

    def test_a_log_that_is_no_file_is_told(self, log: str) -> None:
        Path(log, "log.jsonl").mkdir()
        told: list[str] = []
        assert names(log, tell=told.append) == []
        assert [line.partition(":")[0] for line in told] == [f"{log}/log.jsonl can't be read"]

    def test_several_logs_are_shown_in_one_order(self) -> None:
        first, second = ([record(number) for number in numbers] for numbers in ((9, 4, 1), (8, 5)))
        merged = store.newest_of([iter(first), iter(second)])
        assert [run["ended"] for run in merged] == [9, 8, 5, 4, 1]


class TestNamed:
    def test_the_end_of_its_id_is_enough(self, log: str) -> None:
        add(log, record(12), record(112), record(13))
        assert [run["run"] for run in store.run_named(log, "12")] == ["2026-0112", "2026-0012"]
        assert [run["run"] for run in store.run_named(log, "2026-0013")] == ["2026-0013"]

    def test_another_fact_with_the_same_end_is_not_its_id(self, log: str) -> None:
        add(log, record(1, command="12"))
        assert store.run_named(log, "12") == []

    def test_one_that_was_killed_is_found_unless_only_ended_ones_are_asked_for(self, log: str) -> None:
        under_way(log, "killed")
        assert [run["run"] for run in store.run_named(log, "killed")] == ["killed"]
        assert store.run_named(log, "killed", ended=True) == []


class TestCutBack:
    def fill(self, log: str, count: int) -> None:
        add(log, *(record(number) for number in range(count)))

    def test_the_newest_are_kept_in_their_order(self, log: str) -> None:
        self.fill(log, 20)
        store.cut_back(log, 5, (0, 10**9))
        lines = Path(log, "log.jsonl").read_text().splitlines()
        assert [json.loads(line)["run"] for line in lines] == [f"2026-{number:04d}" for number in range(15, 20)]

    @pytest.mark.parametrize(("count", "kept"), [(6, 6), (7, 7), (8, 5)])
    def test_half_as_many_more_are_let_be(self, log: str, count: int, kept: int) -> None:
        self.fill(log, count)
        store.cut_back(log, 5, (0, 10**9))
        assert len(names(log)) == kept

    def test_exactly_half_as_many_more_are_let_be(self, log: str) -> None:
        self.fill(log, 6)
        store.cut_back(log, 4, (0, 10**9))
        assert len(names(log)) == 6

    def test_runs_that_printed_nothing_leave_nothing(self, log: str) -> None:
        self.fill(log, 20)
        store.cut_back(log, 5, (0, 10**9))
        assert os.listdir(log) == ["log.jsonl"]

    @pytest.mark.parametrize(("sizes", "kept"), [((0, 999), 20), ((0, 1000), 5), ((1000, 1999), 20), ((999, 1000), 5)])
    def test_it_counts_once_for_as_many_bytes_as_the_kept_runs_have_at_least(
        self, log: str, sizes: tuple[int, int], kept: int
    ) -> None:
        self.fill(log, 20)
        store.cut_back(log, 5, sizes)
        assert len(names(log)) == kept

    def test_the_output_of_those_that_go_goes_too(self, log: str) -> None:
        self.fill(log, 20)
        for name in names(log):
            os.makedirs(f"{log}/output/{name}")
            Path(log, "output", name, "00-a.sh").write_text("x")
        store.cut_back(log, 5, (0, 10**9))
        assert sorted(os.listdir(f"{log}/output")) == [f"2026-{number:04d}" for number in range(15, 20)]

    def test_what_is_no_file_among_the_output_stays(self, log: str) -> None:
        self.fill(log, 20)
        os.makedirs(f"{log}/output/2026-0000/directory")
        store.cut_back(log, 5, (0, 10**9))
        assert os.listdir(f"{log}/output/2026-0000") == ["directory"]


def test_the_lines_of_an_output_file_are_read_and_no_link_is_followed(log: str) -> None:
    os.makedirs(f"{log}/output/run")
    Path(log, "output/run/a").write_text("one\ntwo\n")
    Path(log, "output/run/link").symlink_to("a")
    assert list(store.output_lines(log, "run", "a")) == [b"one\n", b"two\n"]
    with pytest.raises(OSError, match="link"):
        list(store.output_lines(log, "run", "link"))


def test_the_output_of_a_run_that_printed_nothing_is_missing_and_stays_so(log: str) -> None:
    with pytest.raises(FileNotFoundError):
        list(store.output_lines(log, "run", "a"))
    assert os.listdir(log) == []


def test_a_name_that_is_not_utf_8_survives(log: str) -> None:
    add(log, record(1, command="a\udc80"))
    assert [run["command"] for run in store.runs(log)] == ["a\udc80"]


def test_a_line_too_long_for_a_record_ends_the_reading(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LONGEST", 100_000)
    add(log, record(1), record(2, said="x" * 300_000), record(3))
    told: list[str] = []
    assert names(log, tell=told.append) == ["2026-0003"]
    assert told == [f"{log}/log.jsonl"]
