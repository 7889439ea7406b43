"""Which name is meant by one that there is not."""

from __future__ import annotations

import pytest

from hookman.base.suggestion import did_you_mean, nearest

NAMES = ("timeout", "lock_timeout", "project.up.pre", "hook_post_up")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("timeuot", "timeout"),
        ("timeout_lock", "lock_timeout"),
        ("pre.up.project", "project.up.pre"),
        ("Project-Up-Pre", "project.up.pre"),
        ("hook_up_post", "hook_post_up"),
        ("timeout", "timeout"),
        ("xyz", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_has_the_same_words_or_most_of_the_letters(name: str, meant: str) -> None:
    assert nearest(name, NAMES) == meant


def test_how_alike_names_must_be_can_be_said() -> None:
    assert [nearest("timer", ["timeout"], alike=alike) for alike in (0.6, 0.7)] == ["timeout", ""]


def test_it_is_asked_whether_the_nearest_name_is_meant() -> None:
    assert did_you_mean("timeuot", NAMES, "See the manual.") == "Did you mean 'timeout'?"


def test_where_none_is_near_something_else_is_said() -> None:
    assert did_you_mean("xyz", NAMES, "See the manual.") == "See the manual."
