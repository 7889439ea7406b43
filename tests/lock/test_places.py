"""A project on two engines has two locks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.compose.endpoint import Endpoint
from hookman.lock.places import lock_directories, lock_directory, projects_folder
from tests.support.box import PATIENCE, Box, Project
from tests.support.contexts import create_context
from tests.support.waiting import HOLD, let_go, wait_for


def engine(host: str, context: str = "default") -> Endpoint:
    return Endpoint(host=host, context=context, docker=["docker"])


@pytest.mark.parametrize("host", ["unix:///var/run/docker.sock", "unix:///run/docker.sock"])
def test_the_lock_of_this_machines_own_engine_is_in_the_projects_directory(host: str) -> None:
    assert lock_directory("/data/projects/shop", engine(host)) == "/data/projects/shop"


def test_two_contexts_with_one_address_have_one_lock() -> None:
    edge = lock_directory("/data/projects/shop", engine("ssh://edge", "edge"))
    assert lock_directory("/data/projects/shop", engine("ssh://edge")) == edge
    assert lock_directory("/data/projects/shop", engine("ssh://other", "edge")) != edge


def test_an_address_with_a_password_is_not_in_the_name() -> None:
    assert "secret" not in lock_directory("/data/projects/shop", engine("tcp://me:secret@edge"))


def test_all_locks_of_a_project_are_found(tmp_path: Path) -> None:
    shop = str(tmp_path / "projects/shop")
    assert lock_directories(shop) == [shop]
    edge = lock_directory(shop, engine("ssh://edge"))
    Path(edge).mkdir(parents=True)
    assert lock_directories(shop) == [shop, edge]
    assert [projects_folder(path) for path in (shop, edge)] == [str(tmp_path / "projects")] * 2


@pytest.fixture
def held(box: Box) -> Iterator[Project]:
    """A project whose `up` on the context `edge` holds its lock."""
    box.user_settings('lock = "local"\n')
    for name, host in (("edge", "ssh://edge"), ("same", "ssh://edge"), ("other", "ssh://other")):
        create_context(box, name, host)
    shop = box.project()
    shop.script("up.pre", "hold.sh", HOLD)
    process = shop.start("docker", "--context", "edge", "compose", "up", "-d")
    wait_for(shop.path / "held")
    yield shop
    let_go(shop, process)


def test_a_command_on_another_engine_does_not_wait(held: Project) -> None:
    for flags in ([], ["--context", "other"], ["--host", "ssh://third"]):
        result = held.docker(*flags, "compose", "down")
        assert (result.code, "waiting" in result.err) == (0, False), result


def test_a_command_on_the_same_engine_waits(held: Project) -> None:
    for flags in (["--context", "edge"], ["--context", "same"], ["--host", "ssh://edge"]):
        process = held.start("docker", *flags, "compose", "down", stderr=subprocess.PIPE)
        assert process.stderr is not None
        assert b"waiting for `up -d`" in process.stderr.readline()
        process.kill()
        process.communicate(timeout=PATIENCE)


def test_status_shows_the_lock_on_the_engine_that_is_meant_and_the_others(held: Project) -> None:
    here = json.loads(held.hookman("status", "--json").out)
    assert (here["lock"], here["elsewhere"][0]["contexts"]) == (None, ["edge", "same"])
    assert here["elsewhere"][0]["lock"]["command"] == "up -d"
    assert "elsewhere edge, same: held by `up -d` (pid " in held.hookman("status").out
    there = json.loads(held.hookman("status", "--json", DOCKER_CONTEXT="same").out)
    assert (there["lock"]["command"], "elsewhere" in there) == ("up -d", False)


def test_nothing_is_purged_while_a_lock_on_an_engine_is_held(held: Project) -> None:
    result = held.hookman("uninstall", "--purge", "--yes")
    assert result.code == 1
    assert "`up -d` (pid " in result.err
