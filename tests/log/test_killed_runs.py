"""How a killed run gets into the log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hookman.base.flocks import create_locked
from hookman.log import store
from tests.support.journals import names, under_way


class TestKilled:
    def test_what_had_happened_becomes_its_record(self, log: str) -> None:
        under_way(
            log,
            "killed",
            {"type": "lock", "at": 2, "seconds": 1},
            {"type": "hook_started", "at": 3, "event": "up", "name": "a.sh"},
            {"type": "hook", "at": 4, "name": "a.sh", "result": "ok"},
            {"type": "other", "at": 5},
            {"type": "compose", "at": 6, "exit_code": 0},
            {"type": "problem", "at": 7, "what": "x"},
            {"type": "hook_started", "at": 8, "event": "up", "name": "b.sh"},
        )
        (run,) = store.runs(log)
        assert run == {
            "run": "killed",
            "hooks": [
                {"name": "a.sh", "result": "ok"},
                {"event": "up", "name": "b.sh", "started": 8, "result": "interrupted", "output": ""},
            ],
            "exit_code": None,
            "lock": {"seconds": 1},
            "compose": {"exit_code": 0},
            "problem": {"what": "x"},
            "result": "interrupted",
        }

    def test_it_is_put_into_the_log_once(self, log: str) -> None:
        path = under_way(log, "killed")
        store.log_killed(log)
        assert [run["result"] for run in store.runs(log)] == ["interrupted"]
        assert not path.exists()
        under_way(log, "killed")
        store.log_killed(log)
        assert Path(log, "log.jsonl").read_bytes().count(b"\n") == 1

    def test_one_that_is_under_way_is_left_alone(self, log: str) -> None:
        os.mkdir(f"{log}/running")
        live = create_locked(f"{log}/running/a-live-one.jsonl")
        under_way(log, "killed")
        store.log_killed(log)
        os.close(live)
        assert os.listdir(f"{log}/running") == ["a-live-one.jsonl"]

    def test_its_files_of_values_go_and_no_others(self, log: str) -> None:
        under_way(log, "killed")
        for name in ("values-killed-in", "values-killed-out", "values-other", "killed"):
            Path(log, name).write_text("")
        os.mkdir(f"{log}/values-killed-directory")
        store.log_killed(log)
        left = {"values-other", "killed", "values-killed-directory", "log.jsonl", "running"}
        assert set(os.listdir(log)) == left

    def test_a_directory_among_the_records_is_left_out(self, log: str) -> None:
        os.makedirs(f"{log}/running/directory.jsonl")
        assert names(log) == []

    @pytest.mark.parametrize("kind", ["hook", "title"])
    def test_a_record_that_does_not_begin_with_the_start_is_removed(self, log: str, kind: str) -> None:
        path = under_way(log, "odd")
        path.write_bytes(store.line_of({"type": kind, "run": "odd"}))
        store.log_killed(log)
        assert (names(log), path.exists()) == ([], False)

    def test_lines_that_were_cut_off_are_left_out(self, log: str) -> None:
        path = under_way(log, "killed", {"type": "hook", "name": "a.sh", "result": "ok"})
        with path.open("ab") as file:
            file.write(b'7\n{"type": 1}\n{"type": "hook", "na')
        (run,) = store.runs(log)
        assert run["hooks"] == [{"name": "a.sh", "result": "ok"}]
