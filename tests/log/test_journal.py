"""What the record of a run says, and what is kept of a hook's output. Each test calls the writer in this process."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from hookman.base.errors import HookmanError, Problem
from hookman.base.redact import Redactor
from hookman.log import store
from hookman.log.writer import Journal, new_run_id, record_refusal
from tests.support.journals import RUN, journal


def ended(path: Path) -> dict[str, Any]:
    """The only run in the log."""
    (line,) = (path / "log.jsonl").read_text().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def happened(path: Path) -> list[dict[str, Any]]:
    """What is written of a run under way."""
    return [json.loads(line) for line in (path / f"running/{RUN}.jsonl").read_text().splitlines()]


def full(_file: int, _data: bytes) -> None:
    raise OSError(28, "No space left on device")


def test_an_id_sorts_by_time_and_is_short() -> None:
    first = new_run_id()
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", first)
    assert first != new_run_id()


class TestRun:
    def test_its_line_has_all_that_happened(self, tmp_path: Path) -> None:
        run, before = journal(tmp_path), time.time()
        run.start(command="up", argv=["compose", "up"])
        run.phase("lock", seconds=1.5)
        run.renamed("shop2")
        run.hook(event="project.up.pre", name="a.sh", result="ok")
        run.phase("compose", exit_code=0)
        run.end("warned", 3, 200)
        line = ended(tmp_path)
        assert before - 0.01 <= line.pop("started") <= line.pop("ended") <= time.time() + 0.01
        assert line == {
            "v": 1,
            "run": RUN,
            "command": "up",
            "argv": ["compose", "up"],
            "lock": {"seconds": 1.5},
            "name": "shop2",
            "compose": {"exit_code": 0},
            "result": "warned",
            "exit_code": 3,
            "hooks": [{"event": "project.up.pre", "name": "a.sh", "result": "ok"}],
        }

    def test_while_it_goes_on_each_thing_is_written_at_once(self, tmp_path: Path) -> None:
        run = journal(tmp_path)
        run.start(command="up")
        run.hook_started("project.up.pre", "a.sh", 0, 0)
        run.hook(name="a.sh", result="ok")
        run.phase("compose", exit_code=0)
        kinds = [event["type"] for event in happened(tmp_path)]
        assert kinds == ["start", "hook_started", "hook", "compose"]
        assert all(0 <= time.time() + 0.01 - event["at"] < 60 for event in happened(tmp_path))
        run.end("ok", 0, 200)
        assert os.listdir(tmp_path / "running") == []

    def test_its_first_problem_is_the_reason(self, tmp_path: Path) -> None:
        run = journal(tmp_path)
        run.start(command="up")
        run.problem(Problem(what="first", where="x", fix="y"))
        run.problem(Problem(what="second", where="x", fix="y"))
        run.end("failed", 1, 200)
        assert ended(tmp_path)["problem"]["what"] == "first"

    def test_secrets_are_masked_wherever_they_are(self, tmp_path: Path) -> None:
        run = journal(tmp_path, Redactor([b"hunter22"]))
        run.start(command="up", argv=["-e", "X=hunter22"], cwd="/hunter22", deep={"list": [{"x": "hunter22"}], "n": 1})
        run.hook(name="a.sh", said="a hunter22 b")
        run.end("ok", 0, 200)
        line = ended(tmp_path)
        assert (line["argv"], line["cwd"], line["deep"]) == (["-e", "X=***"], "/***", {"list": [{"x": "***"}], "n": 1})
        assert line["hooks"] == [{"name": "a.sh", "said": "a *** b"}]

    @pytest.mark.parametrize("name", ["project", "name", "command"])
    def test_what_runs_are_found_by_is_not_masked(self, tmp_path: Path, name: str) -> None:
        run = journal(tmp_path, Redactor([b"hunter22"]))
        run.start(**{name: "hunter22"})
        run.end("ok", 0, 200)
        assert ended(tmp_path)[name] == "hunter22"

    @pytest.mark.parametrize("secret", ["!hunter22", "~hunter22"])
    def test_what_is_learned_later_is_masked_whatever_it_begins_with(self, tmp_path: Path, secret: str) -> None:
        secrets = Redactor()
        run = journal(tmp_path, secrets)
        run.start()
        output = run.output(0, "a.sh")
        output.write(secret.encode())
        path = Path(output.close())
        secrets.learn({"DB_PASSWORD": secret})
        run.end("ok", 0, 200)
        assert path.read_bytes() == b"***"

    def test_what_is_learned_later_is_masked_in_all_that_was_written(self, tmp_path: Path) -> None:
        secrets = Redactor()
        run = journal(tmp_path, secrets)
        run.start(cwd="/hunter22")
        run.hook(name="a.sh", said="hunter22")
        output = run.output(0, "a.sh")
        output.write(b"printed hunter22")
        path = Path(output.close())
        secrets.learn({"DB_PASSWORD": "hunter22"})
        run.hook(name="b.sh")
        assert path.read_bytes() == b"printed ***"
        run.end("ok", 0, 200)
        assert (ended(tmp_path)["cwd"], ended(tmp_path)["hooks"][0]["said"]) == ("/***", "***")

    def test_a_secret_learned_later_is_masked_also_where_the_output_was_cut(self, tmp_path: Path) -> None:
        secrets = Redactor()
        run = journal(tmp_path, secrets, output_limit=20)
        run.start()
        output = run.output(0, "a.sh")
        output.write(b"abchunter22" + b"-" * 100 + b"hunter22xyz")
        path = Path(output.close())
        secrets.learn({"DB_PASSWORD": "hunter22"})
        run.end("ok", 0, 200)
        text = path.read_bytes()
        assert b"hunter" not in text
        assert b"nter22" not in text
        assert text.startswith(b"abc")
        assert text.endswith(b"xyz")
        assert b"\n[... 102 bytes left out by hookman ...]\n" in text

    def test_a_hook_that_prints_what_looks_like_a_gap_is_masked_as_any_other(self, tmp_path: Path) -> None:
        secrets = Redactor()
        run = journal(tmp_path, secrets)
        run.start()
        output = run.output(0, "a.sh")
        output.write(b"hunter22\n[... some bytes left out by hookman ...]\nhunter22")
        path = Path(output.close())
        secrets.learn({"DB_PASSWORD": "hunter22"})
        run.end("ok", 0, 200)
        assert path.read_bytes() == b"***\n[... some bytes left out by hookman ...]\n***"

    def test_without_a_directory_it_is_written_nowhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        run = Journal("", RUN, Redactor(), pytest.fail)
        run.start(command="up")
        output = run.output(0, "a.sh")
        output.write(b"printed")
        assert output.close() == ""
        run.hook(name="a.sh")
        run.end("ok", 0, 200)
        assert os.listdir(tmp_path) == []
        assert run.hooks == [{"name": "a.sh"}]

    def test_where_it_cannot_be_written_it_says_so_once(self, tmp_path: Path) -> None:
        said: list[str] = []
        (tmp_path / "running").write_text("in the way")
        run = Journal(str(tmp_path), RUN, Redactor(), said.append)
        run.start(command="up")
        run.hook(name="a.sh")
        assert run.output(0, "a.sh").path == ""
        run.end("ok", 0, 200)
        assert len(said) == 1
        assert said[0].startswith("the log of this run can't be written (")
        assert f"{tmp_path}/running" in said[0]
        assert not (tmp_path / "log.jsonl").exists()

    def test_where_its_line_cannot_be_written_it_says_so_once(self, tmp_path: Path) -> None:
        said: list[str] = []
        run = Journal(str(tmp_path), RUN, Redactor(), said.append)
        run.start(command="up")
        (tmp_path / "log.jsonl").mkdir()
        run.end("ok", 0, 200)
        assert [line.partition(" (")[0] for line in said] == ["the log of this run can't be written"]

    def test_after_a_line_that_could_not_be_written_nothing_more_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        said: list[str] = []
        run = Journal(str(tmp_path), RUN, Redactor(), said.append)
        run.start(command="up")
        with monkeypatch.context() as full_disk:
            full_disk.setattr("hookman.log.writer.write_all", full)
            run.hook(name="a.sh")
        run.hook(name="b.sh")
        assert run.output(0, "c.sh").path == ""
        assert [event["type"] for event in happened(tmp_path)] == ["start"]
        run.end("ok", 0, 200)
        assert len(said) == 1
        assert "No space left on device" in said[0]
        assert not (tmp_path / "log.jsonl").exists()

    def test_a_hook_that_printed_nothing_is_no_problem_when_a_secret_is_learned(self, tmp_path: Path) -> None:
        secrets = Redactor()
        run = journal(tmp_path, secrets)
        run.start()
        run.output(0, "a.sh").close()
        secrets.learn({"DB_PASSWORD": "hunter22"})
        run.end("ok", 0, 200)
        assert ended(tmp_path)["result"] == "ok"

    def test_an_output_that_can_not_be_masked_is_said(self, tmp_path: Path) -> None:
        said: list[str] = []
        secrets = Redactor()
        run = Journal(str(tmp_path), RUN, secrets, said.append)
        run.start()
        os.makedirs(run.output(0, "a.sh").path)
        secrets.learn({"DB_PASSWORD": "hunter22"})
        run.end("ok", 0, 200)
        assert [line.partition(" (")[0] for line in said] == ["the log of this run can't be written"]

    def test_a_command_that_was_refused_has_a_record_with_the_reason(self, tmp_path: Path) -> None:
        record_refusal(str(tmp_path), Redactor(), HookmanError("nothing works", "Do something else."), command="up")
        line = ended(tmp_path)
        assert (line["command"], line["result"], line["exit_code"], line["hooks"]) == ("up", "failed", 1, [])
        assert line["problem"]["what"] == "nothing works"


def test_a_run_with_an_output_is_found_again(tmp_path: Path) -> None:
    run = journal(tmp_path)
    run.start()
    output = run.output(1, "a.sh")
    output.write(b"one\ntwo\n")
    name = os.path.basename(output.close())
    run.end("ok", 0, 200)
    assert list(store.output_lines(str(tmp_path), RUN, name)) == [b"one\n", b"two\n"]
