"""Hooks side by side, killed at random: nothing is left, no line is mixed, nothing is taken for success.

The short form runs with all tests; the long one with HOOKMAN_FAULTS=100 scripts/test tests/faults.
"""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING

from tests.support.figures import show
from tests.support.killing import left_in, run_and_disturb

if TYPE_CHECKING:
    import pytest

    from tests.support.box import Project

RUNS = min(100, int(os.environ.get("HOOKMAN_FAULTS", "10")))  # noqa: TID251 (how long the tests go on)
NAMES = "abcde"
# A line in two pieces, again and again; a child that would be an orphan; some fail, some take too long.
BODY = """
sleep 1000 & child=$!
trap 'kill $child' EXIT
for n in 1 2 3 4 5 6; do printf 'NAME NAME '; sleep 0.0$(($$ % 6 + 1)); echo "NAME end"; done
[ $(($$ % 11)) != 3 ] || exit 3
[ $(($$ % 11)) != 5 ] || sleep 1000
echo NAME >>done-$HOOKMAN_RUN_ID
"""


def test_killed_at_random_moments(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        shop.script("up.pre", f"{name}.sh", BODY.replace("NAME", name))
    settings = 'grace = 0.5\njobs = 4\ntimeout = 2\nparallel = ["up.pre"]\nkeep_runs = 1000\n'
    shop.write("hookman.toml", f'{settings}[hooks."e.sh"]\nretries = 1\ndelay = 0.1\n')
    moments = random.Random(7)  # noqa: S311 (any moments will do, the same ones each time)
    done: dict[str, int] = {}
    orphans: list[str] = []
    for _ in range(RUNS):
        what = run_and_disturb(shop, moments, 0.8)
        done[what] = done.get(what, 0) + 1
        orphans += left_in(shop.path)
    runs = shop.box.runs()
    wrong, mixed = [], []
    for run in runs:
        hooks = {hook["name"]: hook["result"] for hook in run["hooks"]}
        ended = shop.path / f"done-{run['run']}"
        finished = ended.read_text().split() if ended.exists() else []
        wrong += [
            f"{run['run']} {name}" for name, result in hooks.items() if result == "ok" and name[0] not in finished
        ]
        if "compose" in run and [*hooks.values()] != ["ok"] * len(NAMES):
            wrong.append(run["run"])
    for path in shop.box.data.glob("projects/*/output/*/*"):
        name = path.name.split("-")[1][0]
        text = path.read_text()
        if re.sub(rf"(?:{name} {name} {name} end\n)*(?:{name} {name} )?(?:Terminated\n)?", "", text):
            mixed.append(f"{path}: {text!r}")
    results = sorted({hook["result"] for run in runs for hook in run["hooks"]})
    show(
        capsys,
        f"runs {len(runs)} ({done}), orphans left {len(orphans)}, outputs mixed {len(mixed)}, "
        f"failures taken for success {len(wrong)}, results of hooks: {', '.join(results)}",
    )
    assert (orphans, mixed, wrong) == ([], [], [])
    assert len(results) > 2
