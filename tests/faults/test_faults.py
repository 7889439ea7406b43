"""Fault injection: SIGKILL in each phase of a run and at random moments. It prints its figures.

The short form runs with all tests; the long one with HOOKMAN_FAULTS=500 scripts/test tests/faults.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookman.base.flocks import is_locked
from tests.support.figures import show
from tests.support.killing import at_work_in, runner_of

if TYPE_CHECKING:
    import subprocess

    from tests.support.box import Box, Project

FAULTS = int(os.environ.get("HOOKMAN_FAULTS", "10"))  # noqa: TID251 (how many at random moments)
WORKERS = 4  # projects on which faults are injected at the same time
PHASES = ("project.up.pre", "compose", "project.up.post", "project.up.failed", "project.up.always")
# Each process that works in a phase is killed in it; between the phases, chance decides.
IN_PHASES = [
    (target, phase) for phase in PHASES for target in ("hookman", "docker", "compose" if phase == "compose" else "hook")
]
TARGETS = ("hookman", "hookman", "compose", "docker", "hook")
LONGEST = 0.8  # seconds within which a run is hit at a random moment
PATIENCE = 15  # seconds until what must end has ended

# Notes that it began; two at a time on one project are an overlap. Its child is what an orphan would be.
# In the phase in which it is to be hit it stays until it is.
HOOK = """
exec 9>>busy; flock -n 9 || echo "$HOOKMAN_EVENT" >>overlaps
echo "$HOOKMAN_RUN_ID $HOOKMAN_EVENT" >>began
echo $$ >hook
[ "$HIT" != "$HOOKMAN_EVENT" ] || { : >there; eval "$STAY"; }
sleep 0.0$(($$ % 5 + 1)) & wait
"""
COMPOSE = """
echo $$ >compose
[ "$HIT" != compose ] || { : >there; until [ -e go ]; do sleep 0.02; done; }
sleep 0.0$(($$ % 5 + 1))
case $HIT in *failed) exit 1 ;; *post) exit 0 ;; *) exit $(($$ % 3)) ;; esac
"""


CLOSING = (".failed", ".always")


class Figures:
    """What the faults did."""

    def __init__(self) -> None:
        self.runs = 0
        self.faults = 0
        self.lost: list[str] = []
        self.stuck: list[str] = []
        self.orphans: list[str] = []
        self.wrong: list[str] = []
        self.closing = 0  # runs that were killed in `failed` or `always`

    def line(self, overlaps: int) -> str:
        return (
            f"runs {self.runs}, faults {self.faults}, records lost {len(self.lost)}, "
            f"locks stuck {len(self.stuck)}, hooks overlapping {overlaps}, orphans left {len(self.orphans)}, "
            f"failures taken for success {len(self.wrong)}, killed in failed or always {self.closing}"
        )


def number_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def eventually(condition: object) -> bool:
    """Does the condition become true within PATIENCE?"""
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def inject(project: Project, lock: Path, figures: Figures, target: str, moment: str | float) -> None:
    """One run, and SIGKILL to one of its processes: in a phase, or after that many seconds."""
    for name in ("hook", "compose", "there", "go"):
        (project.path / name).unlink(missing_ok=True)
    # A hook that is killed itself leaves what it started: that is not ours to end.
    stay = "exec sleep 1000" if target == "hook" else "sleep 1000 & wait"
    line = ("docker", "compose", "up", "-d")
    process = project.start(*line, own_group=True, STUB_RUN=COMPOSE, STUB_CALLS="/dev/null", HIT=str(moment), STAY=stay)
    figures.runs += 1
    if isinstance(moment, float):
        time.sleep(moment)  # the random moment
    else:
        assert eventually((project.path / "there").exists), f"it never came to {moment}"
    pid = {
        "hookman": runner_of(process.pid),
        "docker": process.pid,
        "hook": number_in(project.path / "hook"),
        "compose": number_in(project.path / "compose"),
    }[target]
    if pid and process.poll() is None:
        try:
            os.kill(pid, signal.SIGKILL)
            figures.faults += 1
        except ProcessLookupError:
            pass
    process.wait(PATIENCE)
    if (target, moment) == ("docker", "compose"):
        (project.path / "go").touch()  # where docker ends, Compose goes on until it is done
    if not eventually(lambda: not at_work_in(project.path)):
        figures.orphans += at_work_in(project.path)
    if is_locked(str(lock)):
        figures.stuck.append(str(project.path))


def test_sigkill_in_each_phase_and_at_random_moments(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    figures = Figures()
    projects = []
    for number in range(WORKERS):
        project = box.project(f"shop{number}")
        project.write("hookman.toml", "grace = 1\nkeep_runs = 100000\n")
        for event in ("up.pre", "up.post", "up.failed", "up.always"):
            project.script(event, "a.sh", HOOK)
            project.script(event, "b.sh", HOOK)
        projects.append(project)

    def work(project: Project, seed: int) -> None:
        lock = box.data / "projects" / str(project.path).strip("/").replace("/", "%") / "lock"
        for target, phase in IN_PHASES[seed::WORKERS]:
            inject(project, lock, figures, target, phase)
        moments = random.Random(seed)  # noqa: S311 (any moments will do, the same ones each time)
        while figures.faults < len(IN_PHASES) + FAULTS:
            inject(project, lock, figures, moments.choice(TARGETS), moments.uniform(0, LONGEST))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, projects, range(WORKERS)))

    logged = box.hookman("log", "--json", "-n", "1000000")
    assert logged.code == 0
    records = {run["run"]: run for run in map(json.loads, logged.out.splitlines())}
    overlaps = 0
    for project in projects:
        began = (project.path / "began").read_text().splitlines()
        for line in began:
            run, event = line.split()
            if not any(hook["event"] == event for hook in records.get(run, {"hooks": []})["hooks"]):
                figures.lost.append(line)
        if (project.path / "overlaps").exists():
            overlaps += len((project.path / "overlaps").read_text().splitlines())
    for run in records.values():
        failed = [hook for hook in run["hooks"] if hook["event"].endswith(".pre") and hook["result"] != "ok"]
        figures.closing += any(
            hook["event"].endswith(CLOSING) and hook["result"] == "interrupted" for hook in run["hooks"]
        )
        if failed and "compose" in run:
            figures.wrong.append(run["run"])
    show(capsys, figures.line(overlaps))
    assert figures.faults >= len(IN_PHASES) + FAULTS
    assert figures.closing >= 6
    assert (figures.lost, figures.stuck, overlaps, figures.orphans, figures.wrong) == ([], [], 0, [], [])
    for project in projects:
        assert project.compose("up", "-d").code == 0


def kill_the_runner(docker: subprocess.Popen[bytes]) -> None:
    """SIGKILL for hookman itself; docker ends then."""
    runner = runner_of(docker.pid)
    assert runner
    os.kill(runner, signal.SIGKILL)
    docker.wait(PATIENCE)


@pytest.mark.parametrize("phase", ["failed", "always"])
def test_a_kill_in_a_closing_phase_leaves_nothing_running_and_is_told(box: Box, phase: str) -> None:
    project = box.project("shop")
    project.write("hookman.toml", "grace = 1\n")
    project.script("up.failed", "a.sh", "echo failed >>trace")
    project.script(f"up.{phase}", "z.sh", "sleep 1000 & echo $$ >hook; wait")
    docker = project.start("docker", "compose", "up", "-d", own_group=True, STUB_EXIT="3")
    assert eventually(lambda: number_in(project.path / "hook"))
    kill_the_runner(docker)
    assert eventually(lambda: not at_work_in(project.path))
    assert project.trace() == ["failed"]
    last = box.runs()[-1]
    assert last["result"] == "interrupted"
    assert [(hook["event"], hook["name"], hook["result"]) for hook in last["hooks"]][-1] == (
        f"project.up.{phase}",
        "z.sh",
        "interrupted",
    )
    assert "last: interrupted" in project.hookman("list").out
    assert project.compose("down").code == 0


def test_a_kill_between_attempts_loses_none_and_leaves_nothing_running(box: Box) -> None:
    project = box.project("shop")
    project.write("hookman.toml", 'grace = 1\n[hooks."a.sh"]\nretries = 9\ndelay = 1000\n')
    project.script("up.pre", "a.sh", "echo try >>trace; exit 3")
    docker = project.start("docker", "compose", "up", "-d", own_group=True)
    assert eventually(lambda: any("attempts" in hook for run in box.runs() for hook in run["hooks"]))
    kill_the_runner(docker)
    assert eventually(lambda: not at_work_in(project.path))
    assert project.trace() == ["try"]
    last = box.runs()[-1]
    assert (last["result"], last["hooks"][0]["result"]) == ("interrupted", "interrupted")
    assert [(attempt["result"], attempt["exit_code"]) for attempt in last["hooks"][0]["attempts"]] == [("failed", 3)]
    assert project.compose("down").code == 0
    assert box.runs()[0]["hooks"][0]["attempts"] == last["hooks"][0]["attempts"]


def test_a_kill_around_the_note_of_a_success_never_skips_a_hook_that_did_not_succeed(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    project = box.project("shop")
    table = 'on = "up.pre"\nrun = "sleep 0.0$(($$ % 5)); cat a >>done"\nsources = "a"\n'
    project.write("hookman.toml", f'grace = 1\n[hooks.a]\n{table}[hooks.b]\n{table}once = "project"\n')
    moments = random.Random(7)  # noqa: S311 (any moments will do, the same ones each time)
    killed = again = 0
    for number in range(max(8, FAULTS // 4)):
        project.write("a", f"{number}\n")
        docker = project.start("docker", "compose", "up", "-d", own_group=True)
        time.sleep(moments.uniform(0, 0.6))  # the random moment
        try:
            if runner := runner_of(docker.pid):
                os.kill(runner, signal.SIGKILL)
                killed += 1
        except ProcessLookupError:  # it has ended
            pass
        docker.wait(PATIENCE)
        assert eventually(lambda: not at_work_in(project.path))
        before = (
            (project.path / "done").read_text().split().count(str(number)) if (project.path / "done").exists() else 0
        )
        assert project.compose("up", "-d").code == 0
        succeeded = (project.path / "done").read_text().split().count(str(number))
        assert succeeded >= 2, "a hook was skipped that had not succeeded"
        again += succeeded > before
        assert project.compose("up", "-d").code == 0
        assert (project.path / "done").read_text().split().count(str(number)) == succeeded, "a success was not noted"
    show(capsys, f"killed {killed}, ran again after it {again}, skipped without a success 0")
    assert killed
