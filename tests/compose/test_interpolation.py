from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.interpolation import InterpolationError, interpolate

VALUES = {"SET": "value", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("$SET", "value"),
        ("${SET}x$SET-", "valuexvalue-"),
        ("$$SET", "$SET"),
        ("$UNSET|${UNSET}", "|"),
        ("${EMPTY:-d}|${EMPTY-d}|${UNSET-d}|${UNSET:-d}", "d||d|d"),
        ("${SET:+s}|${EMPTY:+s}|${EMPTY+s}|${UNSET+s}", "s||s|"),
        ("${SET:?no}|${EMPTY?no}", "value|"),
        ("${UNSET:-${SET}}", "value"),
        ("${UNSET:-a}b}", "ab}"),
        ("cost: 5$ $1 $", "cost: 5$ $1 $"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, result: str) -> None:
    assert interpolate(text, VALUES.get) == result


@pytest.mark.parametrize("text", ["${SET", "${}", "${1}", "${SET!}", "${EMPTY:?why}", "${UNSET?}"])
def test_what_compose_refuses_is_refused(text: str) -> None:
    with pytest.raises(InterpolationError):
        interpolate(text, VALUES.get)


def test_a_line_may_name_a_variable_a_thousand_times() -> None:
    assert interpolate("${SET:-no}, " * 1000, VALUES.get) == "value, " * 1000


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_a_dollar_is_left_alone(text: str) -> None:
    assert interpolate(text, VALUES.get) == text


def test_deep_nesting_is_an_error_and_does_not_end_hookman() -> None:
    with pytest.raises(InterpolationError, match="nested too deeply"):
        interpolate("${C:-" * 5000 + "x" + "}" * 5000, VALUES.get)
