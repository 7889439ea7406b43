"""hookman run on several real engines: what runs where, and one of them that is stopped (issue 18)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project, Result
from tests.support.contexts import create_context
from tests.support.engine import SHORT_LIVED, engine_variable
from tests.support.engines import Engine, engines
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.engine, pytest.mark.root]

WEB = """
services:
  web: {image: hookman-busybox, command: sleep 1000, network_mode: none, stop_grace_period: 0s, volumes: ['data:/data']}
volumes: {data: {}}
"""
GONE = "unix:///nowhere/docker.sock"


@pytest.fixture(scope="module")
def two() -> Iterator[list[Engine]]:
    with engines(2) as found:
        yield found


class Fleet:
    """A root of stacks, and the contexts edge-1 and edge-2 of two engines, and edge-3 of one that is not there."""

    def __init__(self, box: Box, two: list[Engine]) -> None:
        self.box = box
        self.engines = two
        self.path = box.base / "stacks"
        for name, host in (("edge-1", two[0].host), ("edge-2", two[1].host), ("edge-3", GONE)):
            create_context(box, name, host)

    def stack(self, name: str, hooks: str = "") -> Project:
        stack = self.box.project(f"stacks/{name}", WEB)
        stack.hooks_sh(hooks)
        return stack

    def run(self, *words: str) -> Result:
        return self.box.hookman("run", *words, cwd=self.path)

    def containers(self) -> list[list[str]]:
        return [engine.containers() for engine in self.engines]

    def trace(self) -> list[str]:
        return Project(self.box, self.path).trace()


@pytest.fixture
def fleet(tmp_path: Path, installed: Box, two: list[Engine]) -> Iterator[Fleet]:
    box = Box(tmp_path, Path(engine_variable("HOOKMAN_TEST_COMPOSE")), SHORT_LIVED)
    box.copy_installation(installed)
    fleet = Fleet(box, two)
    yield fleet
    for engine in two:
        engine.remove_containers()


def test_side_by_side_each_stack_is_on_its_engines_and_nothing_is_mixed(fleet: Fleet) -> None:
    hook = (
        'hook_post_up() { echo "$stack $DOCKER_CONTEXT $(docker compose ps --services)" >>../trace\n'
        'for i in 1 2 3 4 5; do echo "of $stack on $DOCKER_CONTEXT"; done; }\n'
    )
    names = [f"hm-en-{number}" for number in range(4)]
    for name in names:
        fleet.stack(name, hook)
    result = fleet.run("--jobs", "8", "--context", "edge-*", "*", "up", "-d")
    assert result.code == 1
    here = [f"{name}-web-1" for name in names]
    assert fleet.containers() == [here, here]
    assert sorted(fleet.trace()) == [f"{name} {context} web" for name in names for context in ("edge-1", "edge-2")]
    summary = re.findall(r"^hookman: (\S+) on (\S+)  +(ok|not reached) +\d", result.err, re.MULTILINE)
    states = {"edge-1": "ok", "edge-2": "ok", "edge-3": "not reached"}
    assert summary == [(name, context, state) for name in names for context, state in states.items()]
    assert result.err.count("on edge-3: the engine can't be reached") == 4
    assert "hookman: in all: 8 ok, 4 not reached\n" in result.err
    lines = re.findall(r"^of (\S+ on \S+)$", result.err, re.MULTILINE)
    assert [lines[at : at + 5].count(lines[at]) for at in range(0, 40, 5)] == [5] * 8


def test_hooks_in_containers_are_in_those_of_the_engine(fleet: Fleet) -> None:
    stack = fleet.stack("hm-en-in")
    stack.write(
        "hookman.toml",
        """
        [hooks.mark]
        on = "up.post"
        service = "web"
        run = "echo >/data/$DOCKER_CONTEXT"
        env = {DOCKER_CONTEXT = "inside"}
        [hooks.new]
        on = "up.pre"
        service = "web"
        mode = "run"
        run = "touch /data/new"
        """,
    )
    assert fleet.run("--context", "edge-1", "hm-en-in", "up", "-d").code == 0
    assert fleet.containers() == [["hm-en-in-web-1"], []]
    seen = fleet.run("--context", "edge-1", "hm-en-in", "exec", "-T", "web", "ls", "/data")
    assert seen.out.split() == ["inside", "new"]


def test_a_hook_runs_once_for_each_engine(fleet: Fleet) -> None:
    stack = fleet.stack("hm-en-once")
    tables = [
        f'[hooks.{name}]\non = "up.post"\nonce = "{once}"\nrun = "echo {name} $DOCKER_CONTEXT >>../trace"\n'
        for name, once in (("engine", "engine"), ("seed", "volume:data"))
    ]
    stack.write("hookman.toml", "".join(tables))
    for _ in range(2):
        assert fleet.run("--context", "edge-1,edge-2", "hm-en-once", "up", "-d").code == 0
    assert fleet.trace() == [f"{name} edge-{number}" for number in (1, 2) for name in ("engine", "seed")]


def test_one_stack_on_two_engines_runs_at_the_same_time(fleet: Fleet) -> None:
    meet = 'touch "../here-$DOCKER_CONTEXT"; until [ -e ../here-edge-1 ] && [ -e ../here-edge-2 ]; do sleep 0.02; done'
    fleet.stack("hm-en-both", f"hook_pre_up() {{ {meet}; }}\n")
    result = fleet.run("--jobs", "2", "--context", "edge-1,edge-2", "hm-en-both", "up", "-d")
    assert (result.code, fleet.containers()) == (0, [["hm-en-both-web-1"]] * 2), result
    assert "waiting" not in result.err
    runs = fleet.box.runs()
    assert sorted(run["context"] for run in runs) == ["edge-1", "edge-2"]


def test_engine_after_engine_it_stops_at_the_first_that_fails(fleet: Fleet) -> None:
    fleet.stack("hm-en-roll", 'hook_pre_up() { echo "$DOCKER_CONTEXT" >>../trace; }\n')
    result = fleet.run("--rolling", "1", "--context", "edge-1,edge-3,edge-2", "hm-en-roll", "up", "-d")
    assert (result.code, fleet.trace(), fleet.containers()) == (1, ["edge-1"], [["hm-en-roll-web-1"], []])
    assert "hookman: engines done: edge-1; failed: edge-3; not begun: edge-2\n" in result.err


def test_an_engine_that_stops_in_the_middle_fails_its_stacks_only(
    fleet: Fleet, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fleet.stack("hm-en-stop", '[ "$DOCKER_CONTEXT" = third ] && hook_pre_up() { touch ../held; read x <../go; }\n')
    wait = fleet.path / "go"
    subprocess.run(["mkfifo", wait], check=True)
    with engines(1) as (third,):
        create_context(fleet.box, "third", third.host)
        words = ("run", "--jobs", "2", "--context", "third,edge-1", "*", "up", "-d")
        process = Project(fleet.box, fleet.path).start("hookman", *words, stderr=subprocess.PIPE)
        wait_for(fleet.path / "held")
        third.stop()
        with wait.open("w") as go:
            go.write("\n")
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert re.search(rb"hm-en-stop on third +exit \d", err), err
    assert re.search(rb"hm-en-stop on edge-1 +ok", err), err


def test_rerun_means_the_engine_of_the_run(fleet: Fleet) -> None:
    stack = fleet.stack("hm-en-again", "hook_post_up() { docker compose ps --services >>trace; [ -e fixed ]; }\n")
    assert fleet.run("--context", "edge-2", "hm-en-again", "up", "-d").code == 1
    stack.write("fixed", "")
    assert stack.hookman("rerun").code == 0
    assert stack.trace() == ["web", "web"]
