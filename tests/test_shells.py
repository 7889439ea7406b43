"""Our shell scripts keep to what every sh and bash 3.2 know: macOS has no newer bash, and other systems another sh."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hookman.hooks.bash_needs import needs
from tests.support.box import Box

ROOT = Path(__file__).parents[1]
IN_BASH = ["hookman/hooks/driver.bash", "hookman/hooks/trace.bash", "templates/hooks.sh", "templates/hooks.example.sh"]
IN_SH = [
    *("hookman/run/container_guard.sh", "hookman/run/inside.sh"),
    *("hookman/run/guardian.sh", "bin/hookman", "templates/bin/dde", "templates/kompose.sh"),
    *("templates/01-check-env.sh", "templates/01-show-services.sh"),
    *("scripts/test", "scripts/venv", "scripts/portable", "scripts/demo"),
]
# `-nt` and `-ef`, which dash, bash 3.2, ksh, zsh and busybox have and POSIX has had since 2024.
KNOWN_EVERYWHERE = 3013


def beyond_posix(path: Path) -> list[str]:
    """What shellcheck finds in a script that an sh need not know, and what it can't read."""
    argv = ["shellcheck", "--shell=sh", "--format=json", str(path)]
    found = json.loads(subprocess.run(argv, capture_output=True, check=False).stdout)
    return [
        f"{one['line']}: {one['message']}"
        for one in found
        if one["level"] == "error" or (3000 <= one["code"] < 4000 and one["code"] != KNOWN_EVERYWHERE)
    ]


@pytest.mark.parametrize("name", IN_BASH)
def test_what_bash_runs_needs_no_newer_one_than_3_2(name: str) -> None:
    assert needs((ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", IN_SH)
def test_what_sh_runs_is_posix(name: str) -> None:
    assert beyond_posix(ROOT / name) == []


def test_the_shim_is_posix(box: Box) -> None:
    assert beyond_posix(box.data / "cli-plugins/docker-compose") == []


def test_something_that_is_not_posix_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("#!/bin/sh\nif [[ $1 == x ]]; then a=(1 2); fi\n")
    assert len(beyond_posix(tmp_path / "a")) == 2


def test_every_shell_script_of_ours_is_looked_at() -> None:
    listed = {ROOT / name for name in (*IN_BASH, *IN_SH)}
    folders = [ROOT / name for name in ("hookman", "templates", "bin", "scripts")]
    files = [
        path for folder in folders for path in folder.rglob("*") if path.is_file() and "__pycache__" not in str(path)
    ]
    scripts = {
        path
        for path in files
        if path.suffix in (".sh", ".bash")
        or path.read_bytes().partition(b"\n")[0] in (b"#!/bin/sh", b"#!/usr/bin/env bash")
    }
    assert scripts - listed == {ROOT / "templates/shim.sh"}  # which is looked at as it is installed


@pytest.mark.parametrize(("limit", "descriptor"), [(32, 30), (200, 198), (201, 199), (1024, 199)])
def test_the_drivers_report_is_not_on_the_last_descriptor(limit: int, descriptor: int) -> None:
    """Bash 3.2 puts the script that it reads there, whatever is there already."""
    code = "from hookman.hooks.function_kind import FunctionKind; print(FunctionKind.report_descriptor)"
    tell = f"{sys.executable} -c '{code}'"
    done = subprocess.run(
        ["bash", "-c", f"ulimit -n {limit}; {tell}"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert int(done.stdout) == descriptor
