"""The rules of the tests themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The modules that a file imports, in functions too."""
    tree = ast.parse(path.read_text())
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module} | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(TESTS)) for path in FILES])
def test_what_tests_share_is_in_support(path: Path) -> None:
    """A test file imports no other test file and no conftest."""
    ours = {name for name in imported(path) if name.startswith("tests.")}
    assert {name for name in ours if not name.startswith("tests.support")} == set()
