"""When a file came to be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hookman.base.lean import birth_time


@pytest.mark.linux  # elsewhere Python knows it
def test_the_time_of_birth_is_what_stat_says(tmp_path: Path) -> None:
    said = subprocess.run(["stat", "-c", "%.9W", tmp_path], capture_output=True, text=True, check=True).stdout
    assert birth_time(str(tmp_path)) == said.strip()


@pytest.mark.parametrize("path", ["/proc", "/dev/null/nowhere", "/proc/self/fd/none\nwhere"])
def test_a_file_without_a_time_of_birth_or_a_missing_file_has_none(path: str) -> None:
    assert birth_time(path) == ""


def test_another_ctypes_gives_the_same_time_of_birth_and_none_gives_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = birth_time(str(tmp_path))
    monkeypatch.delattr("_ctypes.call_function")
    assert birth_time(str(tmp_path)) == known
    monkeypatch.setitem(sys.modules, "_ctypes", None)
    monkeypatch.setitem(sys.modules, "ctypes", None)
    assert birth_time(str(tmp_path)) == ""
