"""hookman status: DESIGN 1.7."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.support.box import PATIENCE, STUB, Box, Project
from tests.support.waiting import let_go


def status(project: Project) -> dict[str, object]:
    found: dict[str, object] = json.loads(project.hookman("status", "--json").out)
    return found


def test_a_free_lock(box: Box, shop: Project) -> None:
    assert status(shop) == {
        "version": 1,
        "shim": str(box.data / "cli-plugins/docker-compose"),
        "compose": str(box.config / "cli-plugins/docker-compose"),
        "project": str(shop.path),
        "name": "shop",
        "enabled": True,
        "lock": None,
        "waiting": [],
    }


def test_holder_and_waiters_are_shown_in_their_order(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    waiting = []
    for command in ("down", "restart"):
        process = shop.start("docker", "compose", command, stderr=subprocess.PIPE)
        assert process.stderr is not None
        assert b"waiting" in process.stderr.readline()
        waiting.append(process)
        while len(shop.hookman("status", "--json").out.split('"pid"')) < len(waiting) + 2:
            time.sleep(0.01)
    shown = shop.hookman("status").out
    assert "lock      held by `up -d` (pid " in shown
    assert shown.index("`down`") < shown.index("`restart`")
    let_go(shop, holder)
    for process in waiting:
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert "waiting   nobody" in shop.hookman("status").out


def test_a_killed_waiter_is_not_shown(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    process = shop.start("docker", "compose", "down", stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()
    while not (found := status(shop)["waiting"]):
        time.sleep(0.01)
    assert isinstance(found, list)
    subprocess.run(["kill", "-KILL", str(found[0]["pid"])], check=True)
    process.communicate(timeout=PATIENCE)
    assert status(shop)["waiting"] == []
    let_go(shop, holder)


def test_not_installed_not_enabled(bare: Box) -> None:
    project = bare.project(enable=False)
    shown = project.hookman("status").out
    assert "shim      hookman is not in front of docker compose. Fix: hookman install\n" in shown
    assert "enabled   no. Fix: hookman enable\n" in shown


def dead_shims(box: Box) -> dict[str, Callable[[], object]]:
    """Ways to break a shim, by what status then says."""
    shim = box.data / "cli-plugins/docker-compose"
    text = shim.read_text()
    before = box.base / "before"
    before.mkdir()
    shutil.copy(STUB, before / "docker-compose")
    config = json.loads((box.config / "config.json").read_text())
    shadowed = {**config, "cliPluginsExtraDirs": [str(before), *config["cliPluginsExtraDirs"]]}

    def write(changed: str) -> Callable[[], object]:
        return lambda: shim.write_text(changed)

    def starts(python: str, entry: str) -> str:
        lines = text.splitlines(keepends=True)
        lines = [f"python={python}\n" if line.startswith("python=") and python else line for line in lines]
        return "".join(f"entry={entry}\n" if line.startswith("entry=") and entry else line for line in lines)

    return {
        f"{shim}: it is gone": shim.unlink,
        f"{shim}: it is not executable": lambda: shim.chmod(0o644),
        f"{shim}: something else is in its place": write("#!/bin/sh\n"),
        f"{shim}: the Python that it starts is gone (/gone/python)": write(starts("/gone/python", "")),
        f"{shim}: the hookman that it starts is gone (/gone/entry.py)": write(starts("", "/gone/entry.py")),
        f"{shim}: the hookman that it starts does not start (exit code 1)": write(starts("/bin/false", "")),
        f"docker finds {before}/docker-compose before the shim": lambda: (box.config / "config.json").write_text(
            json.dumps(shadowed)
        ),
    }


@pytest.mark.parametrize("number", range(7))
def test_a_dead_shim_is_known(box: Box, number: int) -> None:
    shop = box.project()
    says, kill = list(dead_shims(box).items())[number]
    assert "problem" not in status(shop)
    kill()
    assert f"shim      {says}. Fix: hookman install\n" in shop.hookman("status").out
    assert status(shop)["problem"] == {"what": says, "where": "", "fix": "hookman install"}


def test_a_config_that_cannot_be_read_is_said_and_no_error(box: Box) -> None:
    shop = box.project()
    (box.config / "config.json").write_text("{")
    result = shop.hookman("status")
    assert (result.code, "config.json can't be changed" in result.out) == (0, True), result
