"""Waiting for an engine that does not do what it should: it is refused, it hangs, it goes away."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Project
from tests.support.waiting import wait_until


class Engine:
    """A socket where an engine should be. It answers each request with the next of `answers`, then with nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: list[object] = []
        self.asked = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        while request := connection.recv(65536):
            self.asked += b"/containers/" in request  # docker itself asks for other things
            try:
                connection.sendall(self._response(request))
            except BrokenPipeError:
                return  # docker has ended meanwhile

    def _response(self, request: bytes) -> bytes:
        if b"/events" in request:
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        if b"/containers/" not in request:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        if not self.answers:
            return b""
        body = json.dumps(self.answers.pop(0)).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def leave(self) -> None:
        """It ends all connections, and takes no new ones."""
        for one in (self._socket, *self._open):
            one.shutdown(socket.SHUT_RDWR)
            one.close()


def container(state: str, status: str) -> dict[str, object]:
    labels = {"com.docker.compose.service": "db"}
    return {"Id": "1", "State": state, "Status": status, "Labels": labels, "Names": ["/shop-db-1"]}


STARTING = [container("running", "Up 2 seconds (health: starting)")]


@pytest.fixture
def engine(shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    found = Engine(Path("socket"))
    shop.box.environ["DOCKER_HOST"] = f"unix://{tmp_path}/socket"
    shop.box.user_settings('lock = "local"\n')  # or a lock on the engine would be asked for first
    shop.script("up.post", "a.sh", "touch ran")
    shop.script("up.always", "z.sh", 'echo "$HOOKMAN_RESULT $HOOKMAN_EXIT_CODE" >>trace')
    yield found
    try:
        found.leave()
    except OSError:
        pass


def ran(shop: Project) -> bool:
    return (shop.path / "ran").exists()


def test_where_no_engine_is_hooks_run_at_once_and_nothing_is_said(shop: Project, engine: Engine) -> None:
    engine.path.unlink()
    result = shop.compose("up", "-d")
    assert (result.code, ran(shop)) == (0, True)
    assert "wait" not in result.err
    assert "waits" not in shop.box.runs()[-1]


def test_an_engine_that_refuses_is_named_and_hooks_run_at_once(shop: Project, engine: Engine) -> None:
    engine.leave()
    result = shop.compose("up", "-d")
    assert (result.code, ran(shop)) == (0, True)
    assert "hookman: post hooks do not wait: the engine can't be asked" in result.err
    assert shop.box.runs()[-1]["waits"][0]["result"] == "unknown"


def test_an_engine_that_hangs_counts_against_the_limit(shop: Project, engine: Engine) -> None:
    shop.write("hookman.toml", "wait_timeout = 0.5\n")
    result = shop.compose("up", "-d")
    assert (result.code, ran(shop), engine.asked > 0) == (0, False, True)
    assert 'Hook "a.sh" did not run: the engine did not answer for 0.5 s (timed out). Fix: docker version' in result.err


def test_an_engine_that_goes_away_while_a_hook_waits_is_asked_again_until_the_limit(
    shop: Project, engine: Engine
) -> None:
    engine.answers = [STARTING, STARTING]
    shop.write("hookman.toml", "wait_timeout = 3\n")
    process = shop.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE)
    wait_until(lambda: not engine.answers, "it did not ask")
    engine.leave()
    said = process.communicate(timeout=60)[1].decode()
    assert (process.returncode, ran(shop)) == (0, False)
    assert 'Hook "a.sh" did not run: the engine did not answer for 3 s' in said


@pytest.mark.parametrize("answers", [[], [STARTING, STARTING]], ids=["while it asks", "while it waits"])
def test_a_signal_ends_the_wait(shop: Project, engine: Engine, answers: list[object]) -> None:
    engine.answers = list(answers)
    process = shop.start(shop.box.shim, "compose", "up", "-d")
    wait_until(lambda: engine.asked and not engine.answers, "it did not ask")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    assert (ran(shop), shop.trace()) == (False, ["interrupted 143"])
    run = shop.box.runs()[-1]
    assert (run["result"], run["waits"][0]["result"]) == ("interrupted", "interrupted")


def test_a_command_whose_hooks_are_all_skipped_asks_no_engine(shop: Project, engine: Engine) -> None:
    shop.write("hookman.toml", 'skip = ["a.sh"]\n')
    assert shop.compose("up", "-d").code == 0
    assert engine.asked == 0


def test_a_command_that_starts_nothing_asks_no_engine(shop: Project, engine: Engine) -> None:
    for command in ("down", "stop", "build", "ps", "exec"):
        shop.script(f"{command}.post", "b.sh", "echo post >>trace")
    for words in (["down"], ["stop"], ["build"], ["ps"], ["exec", "db", "true"]):
        assert shop.compose(*words).code == 0
    assert (engine.asked, shop.trace()) == (0, ["post"] * 5)


def test_quiet_says_nothing_while_it_waits(shop: Project, engine: Engine) -> None:
    engine.answers = [STARTING, STARTING, [container("running", "Up 3 seconds (healthy)")]]
    result = shop.compose("--progress", "quiet", "up", "-d")
    assert (result.code, result.err, ran(shop)) == (0, "", True)


def test_hookman_test_never_waits(shop: Project, engine: Engine) -> None:
    assert shop.hookman("test", "up.post").code == 0
    assert (engine.asked, ran(shop)) == (0, True)
