"""What is masked, and how a stream of it is: equal to masking the whole, however it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.redact import MASK, Redactor, Stream

FEW_BYTES = st.binary(min_size=4, max_size=9).map(lambda data: bytes(b"abc\n"[byte % 4] for byte in data))


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


@given(
    st.lists(st.one_of(FEW_BYTES, st.binary(min_size=4, max_size=40)), max_size=5),
    st.lists(st.one_of(FEW_BYTES, st.binary(max_size=20), st.integers(0, 4)), max_size=12),
    st.lists(st.integers(min_value=0, max_value=1000), max_size=20),
)
def test_a_stream_is_masked_like_the_complete_text_however_it_is_cut(
    secrets: list[bytes], parts: list[bytes | int], cuts: list[int]
) -> None:
    text = b"".join(part if isinstance(part, bytes) else b"".join(secrets[part : part + 1]) for part in parts)
    redactor = Redactor(secrets)
    stream = Stream(redactor)
    out = b"".join([*(stream.feed(piece) for piece in pieces(text, cuts)), stream.end()])
    assert out == redactor.text(text)
    assert not any(secret in piece for secret in secrets for piece in out.split(MASK))


@given(st.lists(st.binary(min_size=8, max_size=30), min_size=1, max_size=3), st.integers(4, 29), st.binary(max_size=10))
def test_no_part_of_a_secret_survives_a_cut(secrets: list[bytes], length: int, around: bytes) -> None:
    secret = max(secrets, key=len)
    length = min(length, len(secret) - 1)
    redactor = Redactor(secrets)
    assert redactor.text(around + secret[:length], cut_after=True).endswith(MASK)
    assert redactor.text(secret[-length:] + around, cut_before=True).startswith(MASK)


@given(st.lists(st.binary(max_size=20)))
def test_without_secrets_nothing_is_changed_or_held_back(parts: list[bytes]) -> None:
    stream = Stream(Redactor())
    assert [stream.feed(part) for part in parts] == parts


def test_what_is_learned_in_the_middle_of_a_stream_counts_from_there() -> None:
    redactor = Redactor()
    stream = Stream(redactor)
    before = stream.feed(b"hunter22 ")
    redactor.learn({"A_TOKEN": "hunter22"})
    assert (before, stream.feed(b"hunter22 "), stream.end()) == (b"hunter22 ", b"*** ", b"")


def test_names_from_the_config_count_for_what_was_learned_before() -> None:
    redactor = Redactor()
    redactor.learn({"MY_PIN": "12345", "A_TOKEN": "hunter22"})
    assert redactor.shown("12345 hunter22") == "12345 ***"
    redactor.learn_names(["my_pin"])
    assert redactor.shown("12345 hunter22") == "*** ***"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_secret_of_many_lines_does_not_hold_back_other_text(size: int) -> None:
    key = "\n".join(f"{number:x}MIIEvQIBADANBgkq" for number in range(200))
    redactor = Redactor()
    redactor.learn({"KEY": key})
    stream = Stream(redactor)
    text = b"line of text\n" * 1000
    out = b"".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size))
    assert out == text
