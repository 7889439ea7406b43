"""hookman status: DESIGN 1.7."""

from __future__ import annotations

import json
import subprocess
import time

from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import let_go


def status(project: Project) -> dict[str, object]:
    found: dict[str, object] = json.loads(project.hookman("status", "--json").out)
    return found


def test_a_free_lock(box: Box, shop: Project) -> None:
    assert status(shop) == {
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


def test_a_killed_waiter_is_none(shop: Project, holder: subprocess.Popen[bytes]) -> None:
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
    assert "none; to install it: hookman install" in shown
    assert "no; to let its hooks run: hookman enable" in shown
