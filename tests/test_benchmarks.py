"""The scripts in benchmarks/ run, and what they time is there."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

PROFILE = Path(__file__).parents[1] / "benchmarks/profile"


def test_the_profile_finds_every_step() -> None:
    done = subprocess.run(
        [sys.executable, PROFILE, "--rounds", "1"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    steps = [label for *_, label in runpy.run_path(str(PROFILE))["STEPS"]]
    assert len(steps) > 10
    assert [label for label in steps if label not in done.stdout] == []


def test_the_table_of_the_docs_has_a_row_for_each_thing_that_is_measured() -> None:
    hooks = runpy.run_path(str(PROFILE.parent / "hooks"))
    ways = {word for _, _, way, others in hooks["DOCS"] for word in (way, *others)}
    results = [{"what": what, "milliseconds": dict.fromkeys(ways, 2.0)} for what in {row[1] for row in hooks["DOCS"]}]
    table = hooks["table"](results).splitlines()
    assert [row.split(" | ")[0] for row in table[2:]] == [f"| {words}" for words, *_ in hooks["DOCS"]]
    assert "| 1 hook | 2.0 ms | 1.00 times prek, 1.00 times lefthook, 1.00 times pre-commit |" in table
    assert len(hooks["bounds"](results).splitlines()) == len(hooks["BOUNDS"])


def test_beside_a_bound_is_what_a_program_in_python_takes_at_least() -> None:
    hooks = runpy.run_path(str(PROFILE.parent / "hooks"))
    took = {way: 2.0 for _, way, _, other in hooks["BOUNDS"] for way in (way, other)} | {hooks["LEAST"]: 3.0}
    lines = hooks["bounds"]([{"what": case, "milliseconds": took} for case, *_ in hooks["BOUNDS"]]).splitlines()
    assert "holds  (b) 1 hooks: hookman 1.00 times prek, at most 1.00 (run-parts and python alone: 1.50 times)" in lines
