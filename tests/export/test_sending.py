"""When a run is sent, when it is kept, and that it never delays or fails a command."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.collector import Collector, Reply
from tests.support.exports import exporting, idle, problem, senders, state, waiting
from tests.support.ports import free_port
from tests.support.waiting import wait_until


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_what_was_not_taken_is_sent_with_the_next(shop: Project, status: int) -> None:
    collector = Collector([(status, {}, b"")])
    exporting(shop, collector.url)
    shop.compose("up", "-d")
    idle(shop.box)
    assert f"it says {status}" in problem(shop.box)
    assert len(waiting(shop.box)) == 1
    shop.compose("down")
    collector.wait(3)
    idle(shop.box)
    collector.close()
    first, second = (run["run"] for run in shop.box.runs())
    sent = [span["attributes"]["cicd.pipeline.run.id"] for span in collector.spans if span["name"].startswith("RUN")]
    assert sent == [first, first, second]
    assert waiting(shop.box) == []
    assert state(shop.box)["servers"] == {}


@pytest.mark.parametrize("status", [400, 413])
def test_what_the_server_refuses_is_not_sent_again(shop: Project, status: int) -> None:
    answer = (status, {"Content-Type": "application/json"}, b'{"code": 3, "message": "bad \x1b[1mspan"}')
    collector = Collector([answer])
    exporting(shop, collector.url)
    for command in ("up", "down"):
        shop.compose(command)
        idle(shop.box)
    collector.close()
    assert len(collector.requests) == 2
    assert waiting(shop.box) == []
    assert state(shop.box)["refused"] == 1


def test_what_was_taken_in_part_is_not_sent_again(shop: Project) -> None:
    answer = b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}'
    collector = Collector([(200, {"Content-Type": "application/json"}, answer)])
    exporting(shop, collector.url)
    shop.compose("up", "-d")
    assert "rejected 1" in problem(shop.box)
    idle(shop.box)
    collector.close()
    assert waiting(shop.box) == []


@pytest.mark.parametrize(
    "reply",
    [
        (200, {"Content-Type": "text/html"}, b"<html>welcome to the hotel</html>"),
        (200, {"Content-Type": "application/json"}, b"[1]"),
        (200, {"Content-Type": "application/json"}, b"[" * 60000),
    ],
)
def test_an_answer_that_is_not_that_of_a_collector_does_not_count(shop: Project, reply: Reply) -> None:
    collector = Collector([reply])
    exporting(shop, collector.url)
    shop.compose("up", "-d")
    assert "not OTLP's" in problem(shop.box)
    idle(shop.box)
    collector.close()
    assert len(waiting(shop.box)) == 1


def test_a_run_that_the_server_can_not_take_is_given_up(shop: Project) -> None:
    collector = Collector([(500, {}, b"")] * 5)
    exporting(shop, collector.url)
    for number in range(5):
        shop.compose("up", "-d")
        idle(shop.box)
        assert state(shop.box).get("refused") == (1 if number == 4 else None)
    shop.compose("down")
    collector.wait(10)
    idle(shop.box)
    collector.close()
    assert waiting(shop.box) == []


@pytest.mark.parametrize("status", [200, 401])
def test_a_secret_in_an_answer_is_not_shown_in_part_either(shop: Project, status: int) -> None:
    said = "x" * 190 + "hunter22-hunter33"
    answer = {"partialSuccess": {"rejectedSpans": "1", "errorMessage": said}, "message": said}
    collector = Collector([(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())])
    exporting(shop, collector.url, 'headers = { X-Token = "${TOKEN}" }\n')
    shop.compose("up", "-d", TOKEN="hunter22-hunter33")
    found = problem(shop.box)
    idle(shop.box)
    collector.close()
    assert "xxx" in found
    assert "hunter" not in found


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed(shop: Project, collector: Collector, status: int) -> None:
    first = Collector([(status, {"Location": f"{collector.url}/v1/traces"}, b"")])
    exporting(shop, first.url)
    shop.compose("up", "-d")
    assert f"redirects to {collector.url}" in problem(shop.box)
    idle(shop.box)
    first.close()
    assert collector.requests == []
    assert len(waiting(shop.box)) == 1


def test_a_server_that_asks_for_a_short_wait_gets_it_again_from_the_same_sender(shop: Project) -> None:
    collector = Collector([(429, {"Retry-After": "1"}, b"")])
    exporting(shop, collector.url)
    shop.compose("up", "-d")
    collector.wait(2)
    idle(shop.box)
    collector.close()
    assert waiting(shop.box) == []


@pytest.mark.parametrize("status", [401, 500, 503])
def test_a_server_that_asks_for_a_long_wait_is_left_alone_for_so_long(shop: Project, status: int) -> None:
    collector = Collector([(status, {"Retry-After": "600"}, b"")])
    exporting(shop, collector.url)
    for _ in range(2):
        shop.compose("up", "-d")
        idle(shop.box)
    collector.close()
    assert len(collector.requests) == 1
    assert len(waiting(shop.box)) == 2
    (facts,) = state(shop.box)["servers"].values()
    assert 500 < facts["until"] - time.time() < 601


def test_a_server_that_says_nothing_keeps_no_command(shop: Project, silent: str) -> None:
    exporting(shop, silent)
    assert shop.compose("up", "-d").code == 0
    wait_until(lambda: senders(shop.box), "there is no sender")
    began = time.monotonic()
    assert shop.compose("down").code == 0
    assert senders(shop.box)  # the first one, which still waits for its answer
    assert time.monotonic() - began < 10
    for pid in senders(shop.box):
        os.kill(pid, signal.SIGKILL)
    assert len(waiting(shop.box)) == 2


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\r\n" * 100, "what answers there does not speak HTTP"),
        (b"", "it closed the connection without an answer"),
    ],
)
def test_a_server_whose_answer_is_none(shop: Project, sent: bytes, told: str) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()

        def answer() -> None:
            connection, _ = one.accept()
            with connection:
                connection.recv(100)
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        exporting(shop, f"http://127.0.0.1:{one.getsockname()[1]}")
        assert shop.compose("up", "-d").code == 0
        assert told in problem(shop.box)
        thread.join()
    assert len(waiting(shop.box)) == 1


def test_a_server_that_is_not_there(shop: Project) -> None:
    exporting(shop, f"http://127.0.0.1:{free_port()}")
    assert shop.compose("up", "-d").code == 0
    assert "refused" in problem(shop.box)
    idle(shop.box)
    assert len(waiting(shop.box)) == 1


def test_a_host_that_does_not_exist(shop: Project) -> None:
    exporting(shop, "http://no-such-host.invalid:4318")
    result = shop.compose("up", "-d")
    assert (result.code, "export" in result.err) == (0, False)
    assert problem(shop.box)


def test_the_sender_has_no_descriptor_of_the_caller(shop: Project, silent: str) -> None:
    exporting(shop, silent)
    script = "exec 7>held-open 8<compose.yaml; docker compose up -d"
    assert shop.box.run("sh", "-c", script, cwd=shop.path).code == 0
    wait_until(lambda: senders(shop.box), "there is no sender")
    (pid,) = senders(shop.box)
    held = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has closed it meanwhile
            held.add(os.readlink(path))
    assert "/dev/null" in held
    assert not any(str(shop.path) in path for path in held)
    assert os.getsid(pid) == pid
    wait_until(lambda: os.readlink(f"/proc/{pid}/cwd") == "/", "it keeps the directory in use")
    os.kill(pid, signal.SIGKILL)


def test_a_dotenv_does_not_say_where_runs_are_sent(shop: Project, collector: Collector) -> None:
    shop.write(".env", f"HOOKMAN_OTLP_ENDPOINT={collector.url}\n")
    shop.compose("up", "-d")
    assert not (shop.box.data / "export").exists()


def test_a_project_that_is_not_enabled_says_nothing(box: Box, collector: Collector) -> None:
    shop = box.project(enable=False)
    exporting(shop, collector.url)
    shop.compose("up", "-d")
    assert not (box.data / "export").exists()
