"""hookman lock and unlock, and what hookman status tells of the lock on the engine."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.support.box import PATIENCE, Project
from tests.support.contexts import create_context
from tests.support.engine import ask
from tests.support.leases import state_of
from tests.support.waiting import HOLD, let_go, wait_for, wait_until

pytestmark = pytest.mark.engine


def lease(shop: Project) -> Any:
    return json.loads(shop.hookman("status", "--json").out)["lease"]


def test_plain_compose_of_anybody_ends_with_the_message(here: Project, there: Project) -> None:
    locked = here.hookman("lock", "-m", "new disks until noon")
    assert (locked.code, locked.out) == (0, f"locked    {here.path.name}. To end it: hookman unlock\n")
    for shop in (here, there):
        shop.write("hookman.toml", "lock_timeout = 0.2\n")
        result = shop.compose("up", "-d")
        assert result.code == 75
        assert "maintenance (root on " in result.err
        assert (
            "): new disks until noon. Fix: wait until the maintenance has ended; hookman unlock ends it" in result.err
        )
        assert shop.box.calls() == []


def test_what_waits_goes_on_after_unlock(here: Project, there: Project) -> None:
    assert here.hookman("lock").code == 0
    with there.start("docker", "compose", "build", stderr=subprocess.PIPE) as waiting:
        assert waiting.stderr is not None
        assert b"waiting for maintenance (" in waiting.stderr.readline()
        assert here.hookman("unlock").out == f"unlocked  {here.path.name}\n"
        assert waiting.wait(PATIENCE) == 0


def test_it_ends_after_its_time(here: Project, there: Project) -> None:
    assert "for 1s." in here.hookman("lock", "--for", "1s").out
    assert there.compose("build").code == 0


def test_looking_does_not_wait(here: Project) -> None:
    here.hookman("lock")
    assert here.compose("ps").code == 0


def test_status_says_who_locked_it(here: Project, there: Project) -> None:
    assert lease(there) is None
    assert "engine    free" in there.hookman("status").out
    here.hookman("lock", "-m", "disks")
    found = lease(there)
    assert (found["state"], found["message"], found["user"], found["limit"]) == ("closed", "disks", "root", None)
    assert found["host"] == os.uname().nodename
    assert "engine    held by maintenance (root on " in there.hookman("status").out
    here.hookman("lock", "-m", "disks", "--for", "2h")
    assert lease(there)["limit"] == 7200


def test_status_says_which_command_has_it(here: Project, there: Project) -> None:
    here.script("up.pre", "hold.sh", HOLD)
    with here.start("docker", "compose", "up", "-d") as first:
        wait_for(here.path / "held")
        found = lease(there)
        let_go(here, first)
    assert (found["state"], found["command"]) == ("held", "up -d")
    assert found["limit"] is None
    assert found["pid"] > 0


def test_unlock_takes_nothing_from_a_running_command_unless_forced(here: Project, there: Project, name: str) -> None:
    here.script("up.pre", "hold.sh", HOLD)
    with here.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE, HOOKMAN_LEASE_EXPIRY="2") as first:
        wait_for(here.path / "held")
        refused = there.hookman("unlock")
        assert refused.code == 1
        assert "a command holds the lock: `up -d` (pid " in refused.err
        assert there.hookman("unlock", "--force").code == 0
        _, said = first.communicate(timeout=PATIENCE)
    assert first.returncode == 75
    assert b"somebody else took it" in said
    assert state_of(name) == "free"


def test_unlock_of_what_is_not_locked_says_so(here: Project) -> None:
    result = here.hookman("unlock")
    assert (result.code, result.out) == (0, f"{here.path.name} was not locked\n")


def test_with_a_local_lock_nobody_would_look_so_it_is_refused(here: Project) -> None:
    here.write("hookman.toml", 'lock = "local"\n')
    result = here.hookman("lock")
    assert result.code == 2
    assert "no command looks at the engine. Fix: hookman config set lock engine" in result.err


def test_a_directory_that_is_no_project_is_refused(here: Project) -> None:
    (here.path / "stacks" / "web").mkdir(parents=True)
    (here.path / "stacks" / "web" / "compose.yaml").touch()
    (here.path / "compose.yaml").unlink()
    result = here.box.hookman("lock", cwd=here.path / "stacks")
    assert (result.code, result.out) == (2, "")
    assert f"{here.path / 'stacks'} has no compose file, so no command would wait for this lock. Fix: " in result.err


def test_a_project_that_is_only_a_name_can_be_locked(here: Project, name: str) -> None:
    (here.path / "compose.yaml").unlink()
    assert here.hookman("lock", COMPOSE_PROJECT_NAME=name).out.startswith(f"locked    {name}.")


@pytest.mark.parametrize("time", ["soon", "-1", "0", "0.5s", ""])
def test_a_time_that_is_none_is_refused(here: Project, time: str) -> None:
    result = here.hookman("lock", f"--for={time}")
    assert result.code == 2
    assert 'must be a number of seconds or a text like "90s"' in result.err


def test_an_engine_that_is_not_there_is_an_error(here: Project) -> None:
    for command in ("lock", "unlock"):
        result = here.hookman(command, DOCKER_HOST="unix:///nowhere.sock")
        assert result.code == 1
        assert "no lock on the engine (unix:///nowhere.sock): /nowhere.sock: No such file or directory" in result.err
        assert "Fix: start the engine" in result.err


def test_a_second_lock_of_the_same_user_takes_the_place_of_the_first(here: Project, there: Project) -> None:
    here.hookman("lock", "-m", "disks", "--for", "2h")
    for shop, message in ((here, "disks and fans"), (there, "all of it")):
        again = shop.hookman("lock", "-m", message)
        assert (again.code, again.err) == (0, "")  # nobody waits for himself
        assert lease(there)["message"] == message
    assert here.hookman("unlock").code == 0
    assert lease(there) is None


def test_what_another_user_locked_is_told_and_stays_unless_forced(here: Project, there: Project, name: str) -> None:
    labels = {"state": "closed", "run": "x", "user": "ann", "host": "ci-7", "since": "1", "message": "mine"}
    told = {f"hookman.{key}": value for key, value in labels.items()}
    ask("POST", "/volumes/create", {"Name": f"hookman-lock.{name}.1", "Labels": told})
    for command in ("lock", "unlock"):
        refused = here.hookman(command)
        assert refused.code == 1
        assert "somebody else locked it: maintenance (ann on ci-7, since " in refused.err
        assert "): mine. Fix: ask them, or: hookman unlock --force" in refused.err
    there.write("hookman.toml", "lock_timeout = 0.1\n")
    assert "waiting for maintenance (ann on ci-7, since " in there.compose("build").err
    assert here.hookman("unlock", "--force").out == f"unlocked  {name}\n"
    assert there.compose("build").code == 0


def test_what_was_locked_for_a_time_is_taken_by_the_next_lock_after_it(here: Project, name: str) -> None:
    here.hookman("lock", "--for", "1s")
    wait_until(lambda: lease(here) is None, "it does not end")
    assert here.hookman("unlock").code == 0
    assert here.hookman("lock", "-m", "again").code == 0
    assert lease(here)["message"] == "again"


class TestContext:
    @pytest.fixture
    def shop(self, here: Project) -> Project:
        """The project on a machine where only the context `edge` means the engine."""
        create_context(here.box, "edge", here.box.environ["DOCKER_HOST"])
        here.box.environ["DOCKER_HOST"] = "unix:///nowhere.sock"
        return here

    @pytest.mark.parametrize("flag", ["--context", "-c"])
    def test_it_can_be_named(self, shop: Project, flag: str, name: str) -> None:
        locked = shop.hookman("lock", flag, "edge", "-m", "disks")
        assert locked.out == f"locked    {name}. To end it: hookman unlock --context edge\n"
        assert json.loads(shop.hookman("status", flag, "edge", "--json").out)["lease"]["message"] == "disks"
        assert shop.hookman("unlock", flag, "edge").out == f"unlocked  {name}\n"

    def test_the_variable_of_docker_counts(self, shop: Project, name: str) -> None:
        assert shop.hookman("lock", DOCKER_HOST="", DOCKER_CONTEXT="edge").code == 0
        assert state_of(name) == "closed"
        assert shop.hookman("status").out.count("No such file or directory") == 1

    def test_one_that_does_not_exist_is_an_error_with_the_nearest_name(self, shop: Project) -> None:
        for command in ("lock", "unlock", "status"):
            result = shop.hookman(command, "--context", "edeg")
            assert result.code == 2
            assert "there is no docker context 'edeg'. Fix: Did you mean 'edge'?" in result.err
            by_variable = shop.hookman(command, DOCKER_HOST="", DOCKER_CONTEXT="edeg")
            assert "there is no docker context edeg. Fix: Did you mean 'edge'?" in by_variable.err + by_variable.out
