"""The rules of the tests themselves."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.box import STUB, Box, Project
from tests.support.parallel import SAME_NAMES

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """The files of the tests, parsed."""
    return {str(path.relative_to(TESTS)): ast.parse(path.read_text()) for path in FILES}


def imported(tree: ast.Module) -> set[str]:
    """The modules that a file imports, in functions too."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_what_tests_share_is_in_support(trees: dict[str, ast.Module]) -> None:
    """A test file imports no other test file and no conftest."""
    found = {path: {name for name in imported(tree) if name.startswith("tests.")} for path, tree in trees.items()}
    assert any(found.values())
    others = {path: {name for name in ours if not name.startswith("tests.support")} for path, ours in found.items()}
    assert {path: names for path, names in others.items() if names} == {}


def test_files_whose_projects_on_the_engine_may_have_the_same_names_run_in_one_process() -> None:
    paths = {f"tests/{path.relative_to(TESTS)}" for path in FILES if "(real_box" in path.read_text()}
    elsewhere = {path for path in paths if not path.startswith(("tests/engine/", "tests/database/"))}
    elsewhere.add("tests/engine/test_picture.py")  # the project in the picture is called `shop`, as theirs are
    assert elsewhere - {"tests/conftest.py", "tests/test_suite.py"} == set(SAME_NAMES)


def state(box: Box) -> dict[str, tuple[int, str]]:
    """Every file and directory of a machine: mode and content, without its paths."""
    found = {}
    for path in sorted(box.home.rglob("*")):
        text = os.readlink(path) if path.is_symlink() else path.read_bytes().decode() if path.is_file() else ""
        text = re.sub("since=.*", "", text).replace(str(box.base), "BASE")
        found[str(path.relative_to(box.base))] = (path.stat().st_mode, text)
    return found


@pytest.mark.parametrize(("name", "settings"), [("box", ""), ("reviewing", "review = true\n")])
def test_a_copied_machine_is_as_an_installed_one(request: pytest.FixtureRequest, name: str, settings: str) -> None:
    box: Box = request.getfixturevalue(name)
    copied = state(box)
    shutil.rmtree(box.home)
    installed = Box(box.base, STUB)
    if settings:
        installed.user_settings(settings)
    installed.install()
    installed.prove()
    assert state(installed) == copied


def test_a_project_of_a_machine_is_enabled_as_the_command_does_it(box: Box) -> None:
    mark = box.data / "enabled" / str(box.project().path).strip("/") / ".hookman-enabled"
    ours = re.sub("since=.*", "", mark.read_text())
    mark.unlink()
    assert box.hookman("enable", cwd=box.base / "shop").code == 0
    assert re.sub("since=.*", "", mark.read_text()) == ours


SHOW = r"""
env | grep -v '^HOOKMAN_\|^LINES=\|^COLUMNS=\|^_=' | sort
umask; pwd; ulimit -a; trap; readlink /proc/self/fd/[0-9]* | sed 's/[0-9]//g'
cut -d ' ' -f 6,7,8 /proc/self/stat; grep '^Sig[^Q]\|^Uid' /proc/self/status
"""


@pytest.mark.parametrize(
    "words", ["--version", "", "list", "list --json", "test a.sh", "list --bogus", "config get grace", "log", "rerun"]
)
def test_hookman_without_its_start_is_as_hookman(shop: Project, words: str) -> None:
    """The same output, exit code and, for a hook, everything that it inherits."""
    shop.script("up.pre", "a.sh", SHOW, first="#!/bin/bash")
    shop.box.environ["NAMED"] = "\udcff x"
    old = os.umask(0o027)
    try:
        results = (shop.box.run("hookman", *words.split(), cwd=shop.path), shop.hookman(*words.split()))
    finally:
        os.umask(old)
    started, forked = [(result.code, re.sub(r"\d+ ms", "", result.out), result.err) for result in results]
    assert forked == started


NEEDS_ROOT = re.compile(r"os\.chown\(|\bunshare\b|\bSOMEBODY\b")


def lacks_root_mark(node: ast.AST, lines: list[str]) -> list[str]:
    """The tests below `node` that need root and have no mark that says so, on them or on their class."""
    found = []
    for one in getattr(node, "body", []):
        if not isinstance(one, ast.ClassDef | ast.FunctionDef):
            continue
        if any(ast.unparse(mark) == "pytest.mark.root" for mark in one.decorator_list):
            continue
        if isinstance(one, ast.ClassDef):
            found += lacks_root_mark(one, lines)
        elif one.name.startswith("test_") and NEEDS_ROOT.search("\n".join(lines[one.lineno - 1 : one.end_lineno])):
            found.append(one.name)
    return found


def test_what_needs_root_says_so(trees: dict[str, ast.Module]) -> None:
    sources = {path: (TESTS / path).read_text() for path in trees}
    assert any(NEEDS_ROOT.search(source) for source in sources.values())
    lack = {
        path: lacks_root_mark(trees[path], source.splitlines())
        for path, source in sources.items()
        if path != Path(__file__).name and "pytestmark = pytest.mark.root" not in source
    }
    assert {path: names for path, names in lack.items() if names} == {}


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ("", 0, "all passed"),
        ("scripts/portable", 1, "FAILED: portable"),
        (".venv/bin/ruff", 1, "FAILED: linters"),
        (".venv/bin/python", 1, "FAILED: tests"),
        (".venv/bin/python .venv/bin/mypy", 1, "FAILED: tests linters"),
    ],
)
def test_the_exit_code_of_scripts_test_says_whether_all_passed(
    tmp_path: Path, wrong: str, code: int, says: str
) -> None:
    """Run with stand-ins for the tests and the linters: only how the script ends is of interest."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(TESTS.parent / "scripts" / "test", tmp_path / "scripts")
    for name in ("scripts/venv", "scripts/portable", ".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/python"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name}; exec {'false' if name in wrong.split() else 'true'}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([tmp_path / "scripts" / "test"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, f"test: {says}")
    assert "scripts/portable" in done.stdout
