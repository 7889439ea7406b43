"""No function is above a cognitive complexity of 15."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.box import BIN

ROOT = Path(__file__).parents[1]


def test_no_function_is_too_complex() -> None:
    command = [str(BIN / "complexipy"), "hookman", "--max-complexity-allowed=15", "--plain=true", "--failed=true"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == []
