"""Runs that wait to be sent: which are kept, for how long, who sends them, and that each is sent once."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from tests.support.box import Box, Project
from tests.support.collector import Collector
from tests.support.exports import exporting, idle, senders, state, waiting
from tests.support.ports import free_port
from tests.support.waiting import let_go, number_in, wait_for, wait_until


def test_a_sender_that_is_killed_loses_nothing(shop: Project, silent: str, collector: Collector) -> None:
    exporting(shop, silent)
    shop.compose("up", "-d")
    wait_until(lambda: senders(shop.box), "there is no sender")
    for pid in senders(shop.box):
        os.kill(pid, signal.SIGKILL)
    exporting(shop, collector.url)
    shop.compose("down")
    collector.wait(2)
    assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN shop up", "RUN shop down"]


def test_of_many_runs_at_once_each_is_sent_once(shop: Project, collector: Collector) -> None:
    exporting(shop, collector.url)
    running = [shop.start("docker", "compose", "up", "-d") for _ in range(8)]
    assert [one.wait(120) for one in running] == [0] * 8
    collector.wait(8)
    idle(shop.box)
    sent = [span["attributes"]["cicd.pipeline.run.id"] for span in collector.spans if "RUN" in span["name"]]
    assert sorted(sent) == sorted(run["run"] for run in shop.box.runs())
    assert waiting(shop.box) == []


def test_a_run_that_was_killed_is_sent_with_the_next_of_any_project(
    shop: Project, box: Box, collector: Collector
) -> None:
    exporting(shop, collector.url)
    shop.script("up.pre", "a.sh", "echo $PPID >began; sleep 1000")
    killed = shop.start("docker", "compose", "up", "-d")
    os.kill(number_in(shop.path / "began"), signal.SIGKILL)
    killed.wait()
    other = box.project("other")
    exporting(other, collector.url)
    other.compose("up", "-d")
    collector.wait(2)
    spans = {span["name"]: span for span in collector.spans}
    root, hook = spans["RUN shop up"]["attributes"], spans["up.pre/a.sh"]["attributes"]
    assert (root["cicd.pipeline.result"], root["error.type"]) == ("error", "killed")
    assert (hook["cicd.pipeline.task.run.result"], hook["error.type"]) == ("error", "killed")


def test_a_run_that_goes_on_is_not_sent_by_another(shop: Project, box: Box, collector: Collector) -> None:
    exporting(shop, collector.url)
    shop.script("up.pre", "hold.sh", "touch held; mkfifo go; read x <go")
    holder = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    other = box.project("other")
    exporting(other, collector.url)
    other.compose("up", "-d")
    collector.wait(1)
    idle(box)
    assert len(waiting(box)) == 1
    let_go(shop, holder)
    collector.wait(2)
    idle(box)
    assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN other up", "RUN shop up"]
    assert waiting(box) == []


def test_the_spool_keeps_the_newest(shop: Project, collector: Collector) -> None:
    exporting(shop, f"http://127.0.0.1:{free_port()}")
    spool = shop.box.data / "export"
    spool.mkdir(mode=0o700, parents=True)
    for number in range(520):
        entry = {"run": f"20200101-000000-{number:06x}", "project": str(shop.path), "at": time.time()}
        (spool / f"{number:04}-{entry['run']}.json").write_text(json.dumps(entry))
    shop.compose("up", "-d")
    wait_until(lambda: state(shop.box).get("dropped"), "nothing was dropped")
    assert state(shop.box)["dropped"] == 21


def test_what_is_too_old_is_dropped(shop: Project, collector: Collector) -> None:
    exporting(shop, f"http://127.0.0.1:{free_port()}")
    shop.compose("up", "-d")
    idle(shop.box)
    (run,) = waiting(shop.box)
    path = shop.box.data / f"export/{run}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "at": time.time() - 8 * 24 * 3600}))
    exporting(shop, collector.url)
    shop.compose("down")
    collector.wait(1)
    idle(shop.box)
    assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN shop down"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"project": 3}', '{"project": "/x", "at": "y"}', "\0" * 100])
def test_an_entry_that_is_none_is_removed(shop: Project, collector: Collector, text: str) -> None:
    exporting(shop, collector.url)
    spool = shop.box.data / "export"
    spool.mkdir(mode=0o700, parents=True)
    (spool / "1-20200101-000000-000000.json").write_text(text)
    (spool / "state").write_text(text)
    shop.compose("up", "-d")
    collector.wait(1)
    idle(shop.box)
    assert waiting(shop.box) == []


def test_a_spool_that_can_not_be_written_is_said_and_the_command_runs(shop: Project) -> None:
    exporting(shop, "http://127.0.0.1:4318")
    (shop.box.data / "export").write_text("a file in its place")
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert "this run will not be exported" in result.err
    assert shop.box.calls()[-1] == "<compose><up><-d>"


def test_the_endpoint_of_the_environment_is_for_its_own_runs_alone(
    shop: Project, box: Box, collector: Collector
) -> None:
    other = box.project("other")
    exporting(shop, f"http://127.0.0.1:{free_port()}")
    shop.compose("up", "-d")
    idle(box)
    other.compose("up", "-d", HOOKMAN_OTLP_ENDPOINT=collector.url)
    collector.wait(1)
    idle(box)
    assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN other up"]
    assert len(waiting(box)) == 1
