"""The id of the engine in the record of a run: asked for while Compose runs, and not for each run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hookman.compose.engine_id import FRESH, EngineNote
from tests.support.box import Box, Project
from tests.support.engine import ask, engine_variable
from tests.support.leases import engine_answering, machine

HEAD = b"HTTP/1.0 200 OK\r\nServer: Docker/28\r\n\r\n"
PODMAN = b"HTTP/1.0 200 OK\r\nServer: Libpod/4.3.1 (linux)\r\n\r\n"
# What Compose does here: it asks after us, and the engine answers one after the other.
ASKS = f"""{sys.executable} -c '
import socket
end = socket.socket(socket.AF_UNIX)
end.connect("socket")
end.send(b"?")
end.recv(1)
'"""


@pytest.fixture
def slow(shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose Compose ends when the engine at `tmp_path/socket` has answered."""
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    shop.write("hookman.toml", 'lock = "local"\n')
    shop.box.environ |= {"DOCKER_HOST": f"unix://{tmp_path}/socket", "STUB_RUN": f"cd {tmp_path}; {ASKS}"}
    return shop


def engine_of_the_last_run(shop: Project) -> str | None:
    assert shop.compose("up", "-d").code == 0
    found = shop.box.runs()[-1].get("engine")
    assert found is None or isinstance(found, str)
    return found


def notes(box: Box) -> list[Path]:
    return sorted((box.data / "engines").glob("*"))


def test_the_engine_says_its_id_while_compose_runs(slow: Project) -> None:
    with engine_answering(Path("socket"), HEAD + b'{"ID":"AB:CD","Containers":3}'):
        assert engine_of_the_last_run(slow) == "AB:CD"


def test_it_is_not_asked_again_for_a_while(slow: Project) -> None:
    with engine_answering(Path("socket"), HEAD + b'{"ID":"one"}'):
        engine_of_the_last_run(slow)
    Path("socket").unlink()
    with engine_answering(Path("socket"), HEAD + b'{"ID":"another"}'):
        assert engine_of_the_last_run(slow) == "one"
        (note,) = notes(slow.box)
        past = note.stat().st_mtime - FRESH - 1
        os.utime(note, (past, past))
        assert engine_of_the_last_run(slow) == "another"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="nothing"),
        pytest.param(b"", id="an end"),
        pytest.param(b"\0\xff" * 9000, id="garbage"),
        pytest.param(HEAD + b'{"ID":"cut', id="half an id"),
        pytest.param(HEAD + b'{"ID":""}', id="an empty id"),
        pytest.param(HEAD + b'{"ID":"%s"}' % (b"x" * 1000), id="a long id"),
        pytest.param(HEAD + b'{"ID":"\xff\xfe"}', id="bytes"),
        pytest.param(HEAD + b'{"ID":"a\\u001b[31m"}', id="an escape"),
        pytest.param(b'HTTP/1.0 403 Forbidden\r\n\r\n{"message":"no"}', id="a refusal"),
        pytest.param(PODMAN + b'{"ID":"random"}', id="podman"),
    ],
)
def test_where_it_says_none_there_is_none_and_the_command_runs(slow: Project, answer: bytes | None) -> None:
    slow.box.environ |= {} if answer is not None else {"STUB_RUN": ""}
    with engine_answering(Path("socket"), answer, closes=answer is not None):
        assert engine_of_the_last_run(slow) is None


def test_without_an_engine_there_is_none(slow: Project) -> None:
    slow.box.environ["STUB_RUN"] = ""
    assert engine_of_the_last_run(slow) is None
    assert notes(slow.box) == []


def test_each_address_has_a_note_of_its_own_without_the_address_in_it(bare: Box) -> None:
    for host in ("tcp://me:hunter2@a:1", "tcp://me:hunter2@b:1", "", "unix:///x"):
        EngineNote(str(bare.data), {}, {"DOCKER_HOST": host}).take(b"", b'{"ID":"one"}')
    EngineNote(str(bare.data), {"context": ["../../x"]}, {}).take(b"", b'{"ID":"one"}')
    assert len(notes(bare)) == 5
    assert "hunter2" not in "".join(note.name + note.read_text() for note in notes(bare))


@pytest.mark.engine
class TestOnARealEngine:
    def test_it_is_the_one_of_docker_info(self, tmp_path: Path, installed: Box) -> None:
        shop = machine(tmp_path / "m", installed, more={"STUB_RUN": "docker info; docker info >/dev/null"}).project()
        assert engine_of_the_last_run(shop) == ask("GET", "/info")["ID"]

    def test_where_it_has_no_socket_here_it_comes_with_the_lock(self, tmp_path: Path, installed: Box) -> None:
        """An `ssh` of our own goes to the engine."""
        host = engine_variable("DOCKER_HOST")
        box = machine(tmp_path / "m", installed, "ssh://engine.invalid")
        ssh = box.base / "bin/ssh"
        ssh.parent.mkdir()
        ssh.write_text(f"#!/bin/sh\nexec docker -H {host} system dial-stdio\n")
        ssh.chmod(0o755)
        box.environ["PATH"] = f"{ssh.parent}:{box.environ['PATH']}"
        shop = box.project("engine-id")
        assert engine_of_the_last_run(shop) == ask("GET", "/info")["ID"]
