"""Lengths of time as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from hookman.base.durations import LONGEST, seconds, shown


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((0, 0.0), (90, 90.0), (1.5, 1.5), ("90", 90.0), ("1.5", 1.5), (" 5m ", 300.0)),
        *(("5m", 300.0), ("1h30m", 5400.0), ("1h 30m", 5400.0), ("2d", 172800.0), ("90s", 90.0), ("1.5h", 5400.0)),
        *(("500ms", 0.5), ("1s500ms", 1.5), ("1m30s", 90.0), ("0s", 0.0), (".5s", 0.5)),
        *(("1e3", 1000.0), ("2w", 1209600.0)),
    ],
)
def test_a_number_or_a_text_with_units_is_a_length_of_time(written: Any, meant: float) -> None:
    assert seconds(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            " ",
            "m",
            "5 minutes",
            "5M",
            "m5",
            "30m1h",
            "5m5m",
            "-5m",
            "+5m",
            "1_000",
            "inf",
            "nan",
            "٣m",
            "٣",
        ),
        *("1.2.3s", "5mh", "5m30", ".", ".m"),
        *(-1, -0.5, float("nan"), float("inf"), True, False, None, [5], {"m": 5}),
    ],
)
def test_a_text_that_is_not_a_length_of_time_is_refused(written: Any) -> None:
    assert seconds(written) is None


@pytest.mark.parametrize("written", [LONGEST * 10, 10**400, "9" * 400, "9" * 400 + "d", "1e400"])
def test_a_time_beyond_the_limit_is_the_longest_time(written: Any) -> None:
    assert seconds(written) == LONGEST


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0s"), (5, "5s"), (90, "1m30s"), (300, "5m"), (5400, "1h30m"), (172800, "2d"), (2.5, "2.5s"), (0.25, "0.25s")],
)
def test_a_length_is_shown_as_it_can_be_written(length: float, text: str) -> None:
    assert shown(length) == text
    assert seconds(text) == length
