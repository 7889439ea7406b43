from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import STUB, Box
from tests.support.trees import copy_tree

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def copied_once(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """A machine with a copy of hookman, which is installed and has its bytecode and its archive."""
    box = Box(tmp_path_factory.mktemp("copied"), STUB)
    copy = box.base / "copy"
    shutil.copytree(ROOT / "hookman", copy / "hookman", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", copy / "templates")
    program = [sys.executable, "-c", "from hookman.cli import main; main()", "install"]
    done = subprocess.run(program, env={**box.environ, "PYTHONPATH": str(copy)}, cwd="/", check=False)
    assert done.returncode == 0
    return box


@pytest.fixture
def copied(tmp_path: Path, copied_once: Box) -> Box:
    """A machine as that, which can be broken: the copy, its Python (a link), and the project `shop`."""
    box = Box(tmp_path, STUB)
    copy_tree(copied_once.base / "copy", tmp_path / "copy")
    box.copy_installation(copied_once)
    box.environ["PYTHONPATH"] = str(tmp_path / "copy")
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    box.shim.write_text(box.shim.read_text().replace(f"python={Path(sys.executable)}", f"python={python}"))
    box.project().script("up.pre", "a.sh", "echo ran >>trace")
    return box
