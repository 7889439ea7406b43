"""Each record says who ran the command, where, and with which docker context."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import SOMEBODY, Project

ROOT = Path(__file__).parents[2]
NAME = pwd.getpwuid(os.getuid()).pw_name


def test_a_record_says_who_where_and_which_context(shop: Project) -> None:
    shop.compose("up", "-d")
    (run,) = shop.box.runs()
    found = {key: run.get(key) for key in ("user", "uid", "host", "context", "caller")}
    expected = {"user": NAME, "uid": os.getuid(), "host": os.uname().nodename, "context": "default", "caller": None}
    assert found == expected


def test_an_address_in_docker_host_is_recorded_without_its_password(shop: Project) -> None:
    shop.write("hookman.toml", 'lock = "local"\n')
    shop.compose("up", "-d", DOCKER_HOST="tcp://me:hunter2@127.0.0.1:9")
    assert [run["context"] for run in shop.box.runs()] == ["tcp://127.0.0.1:9"]
    assert not any(b"hunter2" in path.read_bytes() for path in shop.box.data.rglob("*.jsonl"))


def test_a_flag_of_docker_says_the_context(shop: Project) -> None:
    shop.write("hookman.toml", 'lock = "local"\n')
    shop.docker("--context", "default", "compose", "up", "-d", DOCKER_CONTEXT="edge-1")
    shop.compose("up", "-d", DOCKER_CONTEXT="edge-1")
    assert [run["context"] for run in shop.box.runs()] == ["default", "edge-1"]


def test_a_command_that_was_stopped_at_once_says_it_too(shop: Project) -> None:
    shop.write("hookman.toml", "lock = 7\n")
    shop.compose("up", "-d", DOCKER_CONTEXT="edge-1")
    (run,) = shop.box.runs()
    assert (run["result"], run["user"], run["context"]) == ("failed", NAME, "edge-1")


def test_who_called_sudo_or_doas_is_recorded_beside_the_user(shop: Project) -> None:
    shop.compose("up", "-d", SUDO_USER="alice")
    shop.compose("down", DOAS_USER="bob")
    assert [(run["user"], run["caller"]) for run in shop.box.runs()] == [(NAME, "alice"), (NAME, "bob")]


def test_names_are_not_masked_because_a_password_is_the_same_word(shop: Project) -> None:
    shop.compose("up", "-d", SUDO_USER="alice", DB_PASSWORD="alice")
    assert [run["caller"] for run in shop.box.runs()] == ["alice"]


@pytest.mark.root
def test_a_user_without_a_name_is_a_number() -> None:
    code = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from hookman.base import whoami; "
        f"os.setuid({SOMEBODY}); print(whoami.user())"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == f"{SOMEBODY}\n"
