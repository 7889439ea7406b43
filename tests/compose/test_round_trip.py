"""Several questions in one round trip: what may come back, and what is no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.compose.endpoint import Endpoint, endpoint
from hookman.compose.engine_api import EngineError
from hookman.compose.round_trip import Request, Response, RoundTrips
from tests.support.leases import engine_answering

LONG = 30.0
CHUNKED = b"HTTP/1.1 200 OK\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
SIZED = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnull"


def engine_at(path: Path) -> Endpoint:
    """The engine behind a socket."""
    return endpoint({"host": [f"unix://{path}"]}, {})


def answers(path: Path, text: bytes, count: int, patience: float = LONG) -> list[Response]:
    """What comes of `count` questions to an engine that answers `text`."""
    with engine_answering(path, text, closes=True):
        connection = RoundTrips(engine_at(path), {}, patience)
        try:
            return connection.ask([Request(method="GET", path="/x")] * count, patience)
        finally:
            connection.close()


def test_answers_come_in_their_order_whatever_their_form(tmp_path: Path) -> None:
    found = answers(tmp_path / "s", CHUNKED + EMPTY + SIZED + REFUSED + CHUNKED, 5)
    assert [one.status for one in found] == [200, 204, 201, 403, 200]
    assert [one.body for one in found] == [b"[1,2]", b"", b"{}", b"null", b"[1,2]"]
    assert found[0].parsed() == [1, 2]
    assert found[0].date == "now"


@pytest.mark.parametrize("cut", [1, 20, 60, 70])
def test_an_answer_that_is_cut_off_is_an_error(tmp_path: Path, cut: int) -> None:
    with pytest.raises(EngineError, match="ended the connection"):
        answers(tmp_path / "s", CHUNKED[:cut], 1)


@pytest.mark.parametrize(
    "text",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nno chunk\r\n",
    ],
)
def test_garbage_is_not_http(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(EngineError, match="not HTTP"):
        answers(tmp_path / "s", text, 1)


def test_an_answer_that_is_not_json_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    (found,) = answers(tmp_path / "s", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{", 1)
    with pytest.raises(EngineError, match="not JSON"):
        found.parsed()


def test_an_engine_that_says_nothing_is_waited_for_in_vain_for_so_long(tmp_path: Path) -> None:
    with engine_answering(tmp_path / "s", None):
        connection = RoundTrips(engine_at(tmp_path / "s"), {}, 0.05)
        with pytest.raises(EngineError, match="it does not answer"):
            connection.ask([Request(method="GET", path="/x")], 0.05)
        connection.close()


def test_who_refuses_and_closes_the_connection_has_answered(tmp_path: Path) -> None:
    assert [one.status for one in answers(tmp_path / "s", REFUSED, 2)] == [403]


def test_an_optional_answer_may_be_missing(tmp_path: Path) -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with engine_answering(tmp_path / "s", good):
        connection = RoundTrips(engine_at(tmp_path / "s"), {}, 0.2)
        found = connection.ask([Request(method="GET", path="/x")] * 2, 0.2, optional=1)
        connection.close()
    assert [one.status for one in found] == [200, 0]


def test_a_question_with_a_body_says_its_length() -> None:
    text = Request(method="POST", path="/volumes/create", body=b'{"a":1}').text
    assert text.startswith(b"POST /volumes/create HTTP/1.1\r\n")
    assert b"Content-Length: 7\r\n" in text
    assert text.endswith(b'\r\n\r\n{"a":1}')
