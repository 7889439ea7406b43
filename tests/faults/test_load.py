"""Many runs at once: one after the other on one project, side by side on many.

The short form runs with all tests; the long one with HOOKMAN_FAULTS=100 scripts/test tests/faults.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from tests.support.figures import show

if TYPE_CHECKING:
    import pytest

    from tests.support.box import Box, Project

AT_ONCE = int(os.environ.get("HOOKMAN_FAULTS", "30"))  # noqa: TID251 (how many is the caller's word)
PROJECTS = 20
IN_SEQUENCE = 4  # the same without anybody to wait for, for the figure
WORK = """
exec 9>>busy; flock -n 9 || echo overlap >>overlaps
echo "$HOOKMAN_RUN_ID" >>ran; sleep 0.02
"""


def start(project: Project) -> subprocess.Popen[bytes]:
    return project.start("docker", "compose", "up", "-d", STUB_CALLS="/dev/null", STUB_ENV="")


def test_many_runs_on_one_project_come_one_after_the_other(
    box: Box, shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.script("up.pre", "a.sh", WORK)
    shop.script("up.post", "a.sh", WORK)
    shop.write("hookman.toml", "keep_runs = 10000\n")
    began = time.monotonic()
    for _ in range(IN_SEQUENCE):
        assert start(shop).wait(60) == 0
    in_sequence = (time.monotonic() - began) * AT_ONCE / IN_SEQUENCE
    began = time.monotonic()
    codes = [process.wait(120) for process in [start(shop) for _ in range(AT_ONCE)]]
    at_once = time.monotonic() - began
    show(
        capsys,
        f"{AT_ONCE} waiters {at_once:.1f} s, the same in sequence {in_sequence:.1f} s: {at_once / in_sequence:.2f}",
    )
    assert codes == [0] * AT_ONCE
    assert not (shop.path / "overlaps").exists()
    assert len((shop.path / "ran").read_text().splitlines()) == 2 * (IN_SEQUENCE + AT_ONCE)
    assert [run["result"] for run in box.runs()] == ["ok"] * (IN_SEQUENCE + AT_ONCE)


def test_many_projects_at_once_never_wait_for_each_other(box: Box) -> None:
    projects = [box.project(f"shop{number}", enable=False) for number in range(PROJECTS)]
    for project in projects:
        # Each waits for all the others: with a lock in common nobody would ever be done.
        project.script(
            "up.pre", "a.sh", f"touch ../here-$$; until [ $(ls -d ../here-* | wc -l) = {PROJECTS} ]; do sleep 0.1; done"
        )
    assert box.hookman("enable", "--yes", cwd=box.base).code == 0
    assert [process.wait(120) for process in [start(project) for project in projects]] == [0] * PROJECTS
    assert sorted(run["name"] for run in box.runs()) == sorted(f"shop{number}" for number in range(PROJECTS))
