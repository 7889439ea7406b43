from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base import paths


@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": "/home/x"},
        {"HOME": "/home/x", "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/config"},
        {"HOME": "/home/x", "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": " "},
    ],
)
def test_they_are_platformdirs_own(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import platformdirs as p; print(p.user_data_dir('hookman')); print(p.user_config_dir('hookman'))"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    data, config = done.stdout.split("\n")[:2]
    monkeypatch.setenv("HOME", environ["HOME"])
    assert paths.data_dir(environ) == data
    assert paths.config_file(environ) == f"{config}/config.toml"


def test_elsewhere_than_on_linux_platformdirs_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("FreeBSD", "", "", "", "")))
    assert paths.data_dir({"HOME": str(tmp_path)}) == f"{tmp_path}/.local/share/hookman"


def test_hookman_data_dir_overrides_it() -> None:
    assert paths.data_dir({"HOOKMAN_DATA_DIR": "/x/../y"}) == "/y"


@given(st.lists(st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1), max_size=40))
def test_every_project_has_a_data_directory_of_its_own(parts: list[str]) -> None:
    directory = "/" + "/".join(parts)
    name = os.path.basename(paths.project_data_dir("/data", directory))
    assert len(os.fsencode(name)) <= 255
    assert "/" not in name
    other = os.path.basename(paths.project_data_dir("/data", directory + "/%2f"))
    assert name != other


def test_private_directories_are_private_all_the_way(tmp_path: Path) -> None:
    paths.make_private_dir(str(tmp_path / "a/b/c"))
    modes = [stat.S_IMODE((tmp_path / one).stat().st_mode) for one in ("a", "a/b", "a/b/c")]
    assert modes == [0o700] * 3
