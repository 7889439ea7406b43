"""The bytecode of many modules in one file (front/archive.py): quick, and never other code than the modules have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import STUB, Box, Project
from tests.support.trees import copy_tree

# Which of the modules that a run loads come from the archive.
TELL = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from hookman.front import program
program.main()
for name, module in sorted(sys.modules.items()):
    if name.startswith("hookman."):
        print(name, type(module.__loader__).__name__)
"""


@pytest.fixture
def copy(tmp_path: Path, copied_once: Box) -> Path:
    """A copy of hookman with its archive."""
    return copy_tree(copied_once.base / "copy", tmp_path / "copy")


def write(copy: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from hookman.install.bytecode import *; write_bytecode()"
    subprocess.run([sys.executable, "-c", code, copy], check=True, cwd="/")


def archive(copy: Path) -> Path:
    return next((copy / "hookman/__pycache__").glob("*.archive"))


@pytest.fixture
def shop(bare: Box) -> Project:
    shop = bare.project()
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    return shop


def loaders(shop: Project, copy: Path) -> dict[str, str]:
    """What loaded each module of a run by the hookman in `copy`."""
    program = [sys.executable, "-I", "-S", "-c", TELL, str(copy), "plugin", str(STUB), str(shop.box.data)]
    result = shop.box.run(*program, "compose", "up", "-d", cwd=shop.path)
    assert result.code == 0, result
    assert shop.trace() == ["ran"]
    return dict(line.split() for line in result.out.splitlines())


def test_the_modules_of_a_run_come_from_it(shop: Project, copy: Path) -> None:
    found = loaders(shop, copy)
    assert len(found) > 50
    own_way = {name for name, loader in found.items() if loader != "Archive"}
    assert own_way == {"hookman.front", "hookman.front.program"}  # this test imports them


def test_without_hooks_it_loads_nothing_of_theirs(bare: Box, copy: Path) -> None:
    program = [sys.executable, "-I", "-S", "-c", TELL, str(copy), "plugin", str(STUB), str(bare.data)]
    out = bare.run(*program, "compose", "up", "-d", cwd=bare.project().path).out
    found = {line.split()[0].removeprefix("hookman.") for line in out.splitlines()}
    assert "run.carry_out" in found
    assert not found & {"run.one_hook", "run.event_loop", "run.hook_starter", "run.hook_process", "run.guardian"}


def test_a_module_that_changed_since_comes_from_its_source(shop: Project, copy: Path) -> None:
    path = copy / "hookman/run/display.py"
    path.write_text(path.read_text() + "\n# changed\n")
    assert {name for name, loader in loaders(shop, copy).items() if loader != "Archive"} >= {"hookman.run.display"}


def test_a_module_of_the_same_size_and_another_time_comes_from_its_source(shop: Project, copy: Path) -> None:
    path = copy / "hookman/run/display.py"
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert loaders(shop, copy)["hookman.run.display"] == "SourceFileLoader"


def test_that_of_another_python_counts_for_nothing(shop: Project, copy: Path) -> None:
    data = archive(copy).read_bytes()
    archive(copy).write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert "Archive" not in loaders(shop, copy).values()


@pytest.mark.parametrize("kept", [0, 3, 8, 12, 16, 100, 5_000, 50_000, 400_000, -1])
def test_one_that_is_cut_off_counts_for_nothing(shop: Project, copy: Path, kept: int) -> None:
    archive(copy).write_bytes(archive(copy).read_bytes()[:kept])
    assert "Archive" not in loaders(shop, copy).values()


def test_where_there_is_none_python_goes_its_own_way(shop: Project, copy: Path) -> None:
    archive(copy).unlink()
    assert "Archive" not in loaders(shop, copy).values()


def test_writing_it_again_changes_nothing(copy: Path) -> None:
    write(copy)
    before = archive(copy).stat()
    write(copy)
    assert (archive(copy).stat().st_ino, archive(copy).stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


# Is the archive what `hookman install` would write, before and after something changed?
CHANGE = """
import os, sys
copy, change = sys.argv[1:]
sys.path.insert(0, copy)
from hookman.install import bytecode
print(bytecode.is_current())
exec(change)
print(bytecode.is_current())
"""


def is_current_before_and_after(copy: Path, change: str) -> list[str]:
    program = [sys.executable, "-I", "-S", "-c", CHANGE, str(copy), change]
    return subprocess.run(program, capture_output=True, text=True, check=True, cwd="/").stdout.split()


@pytest.mark.parametrize(
    "change",
    [
        "os.utime(f'{copy}/hookman/run/display.py')",
        "open(f'{copy}/hookman/run/new.py', 'w').close()",
        "os.unlink(f'{copy}/hookman/run/display.py')",
        "os.utime(f'{copy}/hookman/install/bytecode.py')",
        "sys.version = 'another'",
        "file = open(bytecode.ARCHIVE, 'r+b'); file.seek(200_000); file.write(b'spoilt'); file.close()",
        "os.truncate(bytecode.ARCHIVE, 100_000)",
        "os.truncate(bytecode.ARCHIVE, 0)",
        "os.unlink(bytecode.ARCHIVE)",
    ],
    ids=["changed", "new", "removed", "what writes it", "another Python", "spoilt", "cut off", "empty", "gone"],
)
def test_it_is_not_current_once_it_is_not_what_install_would_write(copy: Path, change: str) -> None:
    assert is_current_before_and_after(copy, change) == ["True", "False"]


def test_install_writes_one_that_is_not_current_again(copy: Path) -> None:
    archive(copy).write_bytes(archive(copy).read_bytes()[:100_000])
    assert is_current_before_and_after(copy, "bytecode.write_bytecode()") == ["False", "True"]


def test_everybody_may_read_it(copy: Path) -> None:
    assert archive(copy).stat().st_mode & 0o777 == 0o644


def test_uninstall_takes_it_away(copy: Path, bare: Box) -> None:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from hookman.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, copy, "uninstall"], cwd="/", env=bare.environ, check=False)
    assert done.returncode == 0
    assert list((copy / "hookman/__pycache__").glob("*.archive")) == []


@pytest.mark.parametrize("name", ["front/archive.py", "front/start.py", "base/records.py", "hooks/plan.py"])
def test_a_module_that_is_newer_wins_wherever_it_is_on_the_way(shop: Project, copy: Path, name: str) -> None:
    path = copy / "hookman" / name
    path.write_text(path.read_text() + "\nMARK = 1\n")
    found = loaders(shop, copy)
    module = f"hookman.{name.removesuffix('.py').replace('/', '.')}"
    assert found.get(module, "SourceFileLoader") == "SourceFileLoader"


# What each module has, as it is loaded from the archive and as it is loaded from its source.
NAMES = """
import importlib, sys
copy, way = sys.argv[1:]
sys.path.insert(0, copy)
from hookman.install import bytecode
modules = sorted(module.name for module in bytecode._modules())
for name in [name for name in sys.modules if name.startswith("hookman")]:
    del sys.modules[name]
if way == "archive":
    from hookman.front import program
    program.use_archive()
left_out = {"__doc__", "__annotations__", "annotations", "__builtins__", "__cached__", "__spec__", "__loader__"}
for name, module in [(name, importlib.import_module(name)) for name in modules]:
    print(name, module.__file__, *sorted(vars(module).keys() - left_out))
"""


def test_a_module_of_the_archive_has_all_that_its_source_has(copy: Path) -> None:
    found = []
    for way in ("archive", "source"):
        program = [sys.executable, "-I", "-c", NAMES, str(copy), way]
        found.append(subprocess.run(program, capture_output=True, text=True, check=True, cwd="/").stdout)
    assert len(found[0].splitlines()) > 90
    assert found[0] == found[1]


def test_it_has_no_docstrings_and_no_types(shop: Project, copy: Path) -> None:
    tell = TELL.replace("print(", "print(module.__doc__, getattr(module, 'decide', module).__annotations__, ")
    tell = tell.replace('startswith("hookman.")', 'startswith("hookman.front.decide")')
    program = [sys.executable, "-I", "-S", "-c", tell, str(copy), "plugin", str(STUB), str(shop.box.data)]
    assert shop.box.run(*program, "compose", "up", "-d", cwd=shop.path).out == "None {} hookman.front.decide Archive\n"
