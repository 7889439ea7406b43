"""No function is above a cognitive complexity of 15, and no file above 300 lines without a reason."""

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


def test_no_file_of_code_has_more_than_300_lines_without_a_reason() -> None:
    listed = subprocess.check_output(
        ["git", "ls-files", "hookman", "tests", "scripts", "benchmarks"], cwd=ROOT, text=True
    )
    texts = {name: (ROOT / name).read_text() for name in listed.splitlines() if not name.startswith("tests/data/")}
    long = {name: text for name, text in texts.items() if text.count("\n") > 300}
    assert "scripts/engine" in long
    assert [name for name, text in long.items() if "More than 300 lines, because " not in text] == []
