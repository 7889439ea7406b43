"""What the engine sends: answers in pieces, what containers printed, and garbage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.engine_api import Chunks, EngineError, unframed


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


@given(st.lists(st.binary(max_size=30)), st.integers(min_value=1, max_value=9))
def test_a_chunked_answer_is_put_together_however_it_comes_in(parts: list[bytes], size: int) -> None:
    raw, chunks, body = chunked(parts), Chunks(), b""
    for at in range(0, len(raw), size):
        body += chunks.feed(raw[at : at + size])
    assert (body, chunks.ended) == (b"".join(parts), True)


def test_an_answer_with_a_length() -> None:
    chunks = Chunks(length=7)
    assert chunks.feed(b'{"a"') + chunks.feed(b": 1") == b'{"a": 1'
    assert chunks.ended


@given(st.binary(max_size=200), st.booleans())
def test_garbage_from_the_engine_is_an_engine_error_or_some_bytes(data: bytes, chunked: bool) -> None:
    try:
        assert isinstance(Chunks(None if chunked else 50).feed(data), bytes)
    except EngineError:
        pass


def test_what_a_container_printed_has_no_heads() -> None:
    framed = b"\x01\0\0\0\0\0\0\x03out\x02\0\0\0\0\0\0\x04err\n"
    assert unframed(framed) == b"outerr\n"
    assert unframed(b"of a terminal\r\n") == b"of a terminal\r\n"


@given(st.binary(max_size=60))
def test_what_a_container_printed_is_never_an_error(data: bytes) -> None:
    assert isinstance(unframed(data), bytes)
