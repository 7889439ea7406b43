from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.lean import json_line, json_value

# Any string, with lone surrogates too: names that are not UTF-8 come so.
STRINGS = st.text(alphabet=st.characters(exclude_categories=[]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | STRINGS,
    lambda inner: st.lists(inner) | st.dictionaries(STRINGS, inner),
)


@given(VALUES)
def test_a_line_is_what_json_makes_of_it(value: object) -> None:
    assert json_line(value) == json.dumps(value, separators=(",", ":"))


@given(VALUES)
def test_a_value_is_what_json_reads(value: object) -> None:
    text = json.dumps(value, indent=1)
    assert repr(json_value(f" {text}\n".encode())) == repr(json.loads(text))


@pytest.mark.parametrize(
    "text", [b"", b" ", b"{", b'{"a":1}x', b"[1,]", b'"\x01"', b"\xff", b"nul", b"'a'", b"9" * 5000, b'{"a" 1}']
)
def test_what_is_no_json_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        json_value(text)


def test_without_the_c_half_of_json_the_value_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    assert json_value(b'{"a": [1, "\xc3\xa9"]}') == {"a": [1, "é"]}
