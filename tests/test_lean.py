from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hookman.lean import json_line

# Any string, with lone surrogates too: names that are not UTF-8 come so.
STRINGS = st.text(alphabet=st.characters(exclude_categories=[]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | STRINGS,
    lambda inner: st.lists(inner) | st.dictionaries(STRINGS, inner),
)


@given(VALUES)
def test_a_line_is_what_json_makes_of_it(value: object) -> None:
    assert json_line(value) == json.dumps(value, separators=(",", ":"))
