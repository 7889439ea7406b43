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
