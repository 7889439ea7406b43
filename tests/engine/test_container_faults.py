"""Hooks in containers and on the host side by side, on the real engine, killed at random: nothing is left in either.

The short form runs with all tests. The long one takes four minutes:
HOOKMAN_FAULTS=100 scripts/test -o faulthandler_timeout=0 tests/engine/test_container_faults.py
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.engine import ask, containers_of, engine_variable
from tests.support.figures import show
from tests.support.killing import left_in, run_and_disturb
from tests.support.waiting import wait_until_engine

pytestmark = pytest.mark.engine

RUNS = min(100, int(os.environ.get("HOOKMAN_FAULTS", "5")))  # noqa: TID251 (how long the tests go on)
HOSTS, INSIDE = "abcde", "mn"
# A line in two pieces, again and again, and a child that would be left; some fail, some take too long.
BODY = """
sleep 1000 & child=$!
trap 'kill -9 $child' EXIT
for n in 1 2 3 4 5 6; do printf 'NAME NAME '; sleep 0.1; echo "NAME end"; done
[ $(($(date +%s) % 7)) != 3 ] || exit 3
[ $(($(date +%s) % 7)) != 5 ] || sleep 1000
echo NAME done
"""
SETTINGS = """
grace = 0.5
jobs = 7
timeout = 3
parallel = ["up.post"]
keep_runs = 1000
wait = "none"
"""
COMPOSE = """
services:
  web: {{image: {image}, network_mode: host, command: sleep 2000, stop_grace_period: 0s, init: true}}
  db: {{image: {image}, network_mode: host, command: sleep 2000, stop_grace_period: 0s, init: true}}
"""


@pytest.fixture
def stack(real_box: Box, tmp_path: Path) -> Iterator[Project]:
    """A stack that is up, with five hooks on the host and two in its containers; one of these ignores SIGTERM."""
    name = f"hm-kill-{tmp_path.name.lower().replace('_', '-')[:40]}"
    project = real_box.project(name, COMPOSE.format(image=engine_variable("HOOKMAN_TEST_IMAGE")))
    project.compose("up", "-d", "--skip-hooks")
    for name in HOSTS:
        project.script("up.post", f"{name}.sh", BODY.replace("NAME", name))
    tables = [
        f"[hooks.{name}]\non = 'up.post'\nservice = '{service}'\nrun = '''{before}{BODY.replace('NAME', name)}'''\n"
        for name, service, before in [("m", "web", ""), ("n", "db", "trap '' TERM")]
    ]
    project.write("hookman.toml", SETTINGS + "".join(tables))
    yield project
    project.compose("down", "--skip-hooks", "-v", "-t", "0")


def at_work_inside(stack: Project) -> list[str]:
    """What runs in its containers beside what they were started with."""
    found = []
    for container in containers_of(stack.path.name):
        rows = ask("GET", f"/containers/{container['Id']}/top?ps_args=-o%20pid,stat,args")["Processes"]
        found += [row[-1] for row in rows if "sleep 2000" not in row[-1] and not row[1].startswith("Z")]
    return found


def printed(stack: Project, run: str, output: str | None) -> str:
    """What the log has of one hook."""
    return (
        "".join(path.read_text() for path in stack.box.data.glob(f"projects/*/output/{run}/{output}")) if output else ""
    )


def test_killed_at_random_moments(stack: Project, capsys: pytest.CaptureFixture[str]) -> None:
    moments = random.Random(3)  # noqa: S311 (any moments will do, the same ones each time)
    done: dict[str, int] = {}
    orphans: list[str] = []
    for _ in range(RUNS):
        what = run_and_disturb(stack, moments, 2.5)
        done[what] = done.get(what, 0) + 1
        orphans += left_in(stack.path)
        wait_until_engine(lambda: not at_work_inside(stack), f"left in a container: {at_work_inside(stack)}")
    wrong, mixed, results = [], [], set()
    for run in stack.box.runs():
        for hook in run["hooks"]:
            results.add(hook["result"])
            name = hook["name"][0]
            text = printed(stack, run["run"], hook.get("output"))
            if hook["result"] == "ok" and f"{name} done" not in text:
                wrong.append(f"{run['run']} {name}")
            if not re.fullmatch(rf"(?:{name} {name} {name} end\n)*(?:{name} {name} )?(?:{name} done\n)?", text):
                mixed.append(f"{run['run']} {name}: {text!r}")
    show(
        capsys,
        f"runs {len(stack.box.runs())} ({done}), orphans left on the host {len(orphans)}, in containers 0, "
        f"outputs mixed {len(mixed)}, failures taken for success {len(wrong)}, results: {', '.join(sorted(results))}",
    )
    assert (orphans, mixed, wrong) == ([], [], [])
    assert results
