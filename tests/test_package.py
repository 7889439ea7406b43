"""The package as users get it: installed from its wheel, not from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import STUB, Box

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin directory of a virtual environment with hookman in it."""
    where = tmp_path_factory.mktemp("venv")
    # Our own pip installs into it: one of its own would take longer than all the rest.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", where], check=True)
    install = [sys.executable, "-m", "pip", f"--python={where}/bin/python", "install", "--quiet"]
    install.append("--disable-pip-version-check")
    environ = {**os.environ, "HOME": str(where)}  # noqa: TID251 (pip starts programs that write below HOME)
    done = subprocess.run([*install, str(ROOT)], env=environ, capture_output=True, text=True, check=False)
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


def test_the_topics_of_help_and_the_manual_pages_come_with_it(installed: Path, tmp_path: Path) -> None:
    result = Box(tmp_path, STUB).run(installed / "hookman", "help", "rules")
    assert (result.code, result.out.startswith("THE RULES OF EXECUTION\n")) == (0, True)
    assert {page.name for page in (installed.parent / "share/man/man1").iterdir()} >= {"hookman.1", "hookman-log.1"}


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


# What each variable or file would have a Python load that is not isolated.
PLANTED = ("sitecustomize", "usercustomize", "click", "re", "os", "json", "tomllib", "runpy", "hookman", "encodings")


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A directory full of modules that say so when they are loaded."""
    place = tmp_path / "planted"
    site = place / "lib/python3.11/site-packages"
    for folder in (place, site):
        folder.mkdir(parents=True, exist_ok=True)
        for name in PLANTED:
            (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'a').write({name!r})\n")
    return place


@pytest.mark.parametrize(
    "variable", ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR"]
)
def test_nothing_in_the_environment_loads_code_into_the_command(
    installed: Path, planted: Path, tmp_path: Path, variable: str
) -> None:
    box = Box(tmp_path, STUB)
    box.environ[f"PYTHON{variable}"] = str(planted / "re.py" if variable == "STARTUP" else planted)
    result = box.run(installed / "hookman", "--version")
    assert (result.code, result.err, (tmp_path / "loaded").exists()) == (0, "", False)


def test_nothing_in_the_directory_one_is_in_does(installed: Path, planted: Path, tmp_path: Path) -> None:
    box = Box(tmp_path, STUB)
    for command in (installed / "hookman", "hookman", "./hookman"):
        if command == "./hookman":
            (planted / "hookman").symlink_to(installed / "hookman")
        result = box.run(command, "list", cwd=planted, PATH=f"{installed}:/usr/bin:/bin")
        assert (result.err.count("Traceback"), (tmp_path / "loaded").exists()) == (0, False), result


def test_nothing_that_a_dotenv_or_a_hook_says_loads_code_into_the_hookman_it_calls(
    installed: Path, planted: Path, tmp_path: Path
) -> None:
    box = Box(tmp_path, STUB)
    shop = box.project(enable=False)
    assert box.run(installed / "hookman", "install", cwd=shop.path).code == 0
    shop.write(".env", f"PYTHONPATH={planted}\nPYTHONHOME={planted}\n")
    shop.hooks_sh(f"hook_pre_up() {{ hookman --version >said; PYTHONPATH={planted} hookman --version >>said; }}\n")
    result = box.run("docker", "compose", "up", "-d", cwd=shop.path, PATH=f"{installed}:{box.environ['PATH']}")
    assert (result.code, (tmp_path / "loaded").exists()) == (0, False), result
    assert (shop.path / "said").read_text().count("hookman 0") == 2


def test_the_command_runs_as_pipx_installs_it(installed: Path, tmp_path: Path) -> None:
    """By a link, and with an option behind the Python."""
    box = Box(tmp_path, STUB)
    venv = tmp_path / "my -venv"
    shutil.copytree(installed.parent, venv, symlinks=True)
    (venv / "bin/hookman-python").write_text(f"#!{venv}/bin/python -E\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/hookman").symlink_to(venv / "bin/hookman")
    result = box.run("hookman", "--version", PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert (result.code, result.out.startswith("hookman 0.")) == (0, True), result


def test_the_command_runs_where_a_user_installed_it(installed: Path, tmp_path: Path) -> None:
    """`pip install --user`: no virtual environment, and the package is in a place that -I leaves out."""
    base = tmp_path / "home/.local"
    (package,) = installed.parent.glob("lib/*/site-packages")
    shutil.copytree(package, base / "lib" / package.parent.name / "site-packages")
    (base / "bin").mkdir()
    for name in ("hookman", "hookman-python"):
        shutil.copy(installed / name, base / "bin" / name)
    python = Path(sys.executable).resolve()
    (base / "bin/hookman-python").write_text(f"#!{python}\n")
    result = Box(tmp_path, STUB).run(base / "bin/hookman", "--version")
    assert (result.code, result.out.startswith("hookman 0.")) == (0, True), result


def test_a_python_that_is_gone_is_said(installed: Path, tmp_path: Path) -> None:
    shutil.copy(installed / "hookman", tmp_path / "hookman")
    (tmp_path / "hookman-python").write_text("#!/nowhere/python3\n")
    result = Box(tmp_path, STUB).run(tmp_path / "hookman", "--version")
    assert (result.code, result.out) == (127, "")
    assert result.err == "hookman: its Python is gone (/nowhere/python3). Fix: reinstall hookman-compose\n"


def test_without_programs_on_the_path_it_takes_no_python_from_the_directory_one_is_in(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/hookman").symlink_to(installed / "hookman")
    evil = tmp_path / "python3"
    evil.write_text(f"#!/bin/sh\necho loaded >{tmp_path}/loaded\n")
    evil.chmod(0o755)
    (tmp_path / "hookman-python").write_text(f"#!{evil}\n")
    result = Box(tmp_path, STUB).run(tmp_path / "bin/hookman", "--version", PATH="/nowhere")
    assert (result.out.startswith("hookman 0."), (tmp_path / "loaded").exists()) == (True, False), result
