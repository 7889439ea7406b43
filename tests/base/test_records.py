from __future__ import annotations

import pytest

from hookman.base.records import record, replaced


@record
class Point:
    x: int
    y: int = 2


def test_fields_and_defaults() -> None:
    assert (Point(x=1).x, Point(x=1).y, Point(x=1, y=3).y) == (1, 2, 3)


def test_equal_if_all_fields_are() -> None:
    assert Point(x=1) == Point(x=1, y=2)
    assert Point(x=1) != Point(x=2)


def test_it_is_frozen() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2  # type: ignore[misc]
    assert point.x == 1


def test_missing_and_unknown_fields_are_errors() -> None:
    with pytest.raises(TypeError, match="missing field x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unknown field z"):
        Point(x=1, z=2)  # type: ignore[call-arg]


def test_a_changed_copy() -> None:
    point = Point(x=1)
    assert replaced(point, y=5) == Point(x=1, y=5)
    assert point.y == 2


def test_it_shows_its_fields() -> None:
    assert repr(Point(x=1)) == "Point(x=1, y=2)"
