"""Which program reads a script: as the kernel has it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hookman.hooks.interpreter import DEEPEST, reader


def chain(directory: Path, length: int, last: str) -> Path:
    """A script whose interpreter is a script, and so on, `length` times; `last` is the interpreter of the last."""
    interpreter = last
    for number in range(length + 1):
        path = directory / str(number)
        path.write_text(f"#!{interpreter}\n")
        path.chmod(0o755)
        interpreter = str(path)
    return directory / str(length)


def flaw_of(path: Path) -> str:
    found = reader(str(path), path.read_bytes(), str(path.parent), os.defpath).flaw
    return found.problem.what if found else ""


@pytest.mark.parametrize("length", range(1, DEEPEST + 1))
def test_an_interpreter_that_is_missing_is_found_behind_scripts(tmp_path: Path, length: int) -> None:
    assert flaw_of(chain(tmp_path, length, "/bin/sh")) == ""
    assert flaw_of(chain(tmp_path, length, "/gone")) == "its interpreter /gone does not exist"


@pytest.mark.linux
def test_the_kernel_follows_as_many_scripts_and_no_more(tmp_path: Path) -> None:
    assert subprocess.run([chain(tmp_path, DEEPEST, "/bin/true")], check=False).returncode == 0
    with pytest.raises(OSError, match="symbolic links"):
        subprocess.run([chain(tmp_path, DEEPEST + 1, "/bin/true")], check=False)


@pytest.mark.parametrize(
    "words", ["sh", "-i sh", "-uX sh", "-u X sh", "-iuX sh", "-iu X sh", "--unset=X sh", "--unset X sh", "A=1 B= sh"]
)
def test_env_starts_the_word_after_its_options(tmp_path: Path, words: str) -> None:
    path = tmp_path / "a"
    path.write_text(f"#!/usr/bin/env -S {words} -e\n")
    found = reader(str(path), path.read_bytes(), str(tmp_path), "/usr/bin:/bin")
    assert (os.path.basename(found.path), found.flaw) == ("sh", None)
    assert subprocess.run(["/usr/bin/env", "-S", f"{words} -c true"], check=False).returncode == 0
