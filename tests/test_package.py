"""The package as users get it: installed from its wheel, not from the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.box import STUB, Box

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a virtual environment with hookman in it."""
    where = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", where], check=True)
    install = [str(where / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*install, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return where / "bin"


def test_the_installed_package_scaffolds_installs_and_runs_hooks(installed: Path, tmp_path: Path) -> None:
    box = Box(tmp_path, STUB)
    shop = box.project(enable=False)
    for words in (["init", "--examples"], ["install"]):
        result = box.run(installed / "hookman", *words, cwd=shop.path)
        assert result.code == 0, result
    assert str(installed) in (box.data / "cli-plugins/docker-compose").read_text()
    result = shop.compose("up", "-d")
    assert (result.code, "  shop: docker compose up -d\n" in result.err) == (0, True)


def test_install_leaves_bytecode_for_every_module(installed: Path, tmp_path: Path) -> None:
    (package,) = installed.parent.glob("lib/*/site-packages/hookman")
    for stale in package.rglob("*.pyc"):
        stale.unlink()
    assert Box(tmp_path, STUB).run(installed / "hookman", "install").code == 0
    sources = {path.with_suffix("").relative_to(package) for path in package.rglob("*.py")}
    compiled = {path.parents[1].relative_to(package) / path.name.partition(".")[0] for path in package.rglob("*.pyc")}
    assert sources == compiled


def test_the_small_dde_comes_with_it_and_is_executable(installed: Path, tmp_path: Path) -> None:
    box = Box(tmp_path, STUB)
    shop = box.project(enable=False)
    assert box.run(installed / "hookman", "install", cwd=shop.path).code == 0
    shop.script("up.pre", "a.sh", "dde project:exec -s web php x")
    assert shop.compose("up", "-d").code == 0
    assert box.calls()[0] == "<compose><exec><-T><web><php><x>"
