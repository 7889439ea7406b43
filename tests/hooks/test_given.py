"""What hookman gives a hook, and how a call for another project gives it back. All in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hookman.hooks import given

DOTENV, TARGET, OWN = given.DOTENV, given.TARGET, given.OWN


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def hook(values: dict[str, str], why: dict[str, str], callers: dict[str, str], data: str) -> dict[str, str]:
    """The environment of a hook that has `values`."""
    return values | given.note(values, why, callers, data)


def test_a_hook_can_be_told_from_anything_else(data: str) -> None:
    assert given.told(hook({}, {}, {}, data))
    assert not given.told({"HOOKMAN_GIVEN_1": ""})


def test_what_was_given_is_taken_back(data: str) -> None:
    environ = hook({"A": "1", "B": "2"}, {"A": DOTENV}, {}, data)
    assert given.without(environ, data) == {"B": "2"}


def test_what_the_caller_had_comes_back(data: str) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {"A": "before"}, data)
    assert given.without(environ, data) == {"A": "before"}


@pytest.mark.parametrize("before", ["", "two\nlines", "50%0A", "%25", "a=b c"])
def test_whatever_the_caller_had_comes_back_as_it_was(data: str, before: str) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {"A": before}, data)
    assert given.without(environ, data) == {"A": before}


def test_what_the_hook_changed_stays(data: str) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {"A": "before"}, data) | {"A": "changed"}
    assert given.without(environ, data) == {"A": "changed"}


def test_what_the_hook_removed_does_not_come_back(data: str) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {"A": "before"}, data)
    del environ["A"]
    assert given.without(environ, data) == {}


def test_a_value_that_is_the_callers_is_not_noted(data: str) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {"A": "1"}, data)
    assert given.without(environ, data) == {"A": "1"}


def test_a_name_that_the_hook_does_not_get_is_not_noted(data: str) -> None:
    assert given.note({}, {"A": DOTENV}, {}, data) == {"HOOKMAN_GIVEN_0": ""}


def test_names_that_are_not_noted_keep_no_other_from_it(data: str) -> None:
    environ = hook({"B": "same", "C": "1"}, dict.fromkeys("ABC", DOTENV), {"B": "same"}, data)
    assert given.without(environ, data) == {"B": "same"}


def test_a_name_with_a_line_end_is_not_noted(data: str) -> None:
    assert given.note({"A\nB": "1"}, {"A\nB": DOTENV}, {}, data) == {"HOOKMAN_GIVEN_0": ""}


def test_only_what_was_given_for_one_reason_is_taken_back_and_the_rest_later(data: str) -> None:
    environ = hook({"A": "1", "B": "2", "C": "3"}, {"A": DOTENV, "B": TARGET, "C": OWN}, {"B": "before"}, data)
    some = given.without(environ, data, DOTENV)
    assert {name: value for name, value in some.items() if not name.startswith(given.GIVEN)} == {"B": "2", "C": "3"}
    assert given.told(some)
    assert given.without(some, data) == {"B": "before"}


def test_a_value_is_told_as_a_digest_that_is_another_for_each_user(data: str, tmp_path: Path) -> None:
    first, second = (given.note({"A": "hunter22"}, {"A": DOTENV}, {}, place) for place in (data, str(tmp_path / "o")))
    assert "hunter22" not in str(first)
    assert first != second
    assert first == given.note({"A": "hunter22"}, {"A": DOTENV}, {}, data)


def test_another_users_key_takes_nothing_back(data: str, tmp_path: Path) -> None:
    environ = hook({"A": "1"}, {"A": DOTENV}, {}, data)
    assert given.without(environ, str(tmp_path / "other")) == {"A": "1"}


def test_the_key_is_private(data: str) -> None:
    given.note({"A": "1"}, {"A": DOTENV}, {}, data)
    key = Path(data, "key")
    assert (key.stat().st_mode & 0o777, key.stat().st_size) == (0o600, 32)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_without_a_complete_key_all_that_was_given_counts_as_unchanged(data: str, size: int) -> None:
    os.makedirs(data, 0o700)
    Path(data, "key").write_bytes(b"x" * size)
    environ = hook({"A": "1"}, {"A": DOTENV}, {}, data) | {"A": "changed"}
    assert given.without(environ, data) == {}


def test_where_no_key_can_be_written_what_was_given_counts_as_unchanged(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    data = str(tmp_path / "file/data")
    environ = hook({"A": "1"}, {"A": DOTENV}, {}, data) | {"A": "changed"}
    assert given.without(environ, data) == {}


def test_many_names_are_told_in_variables_that_the_kernel_takes(data: str) -> None:
    values = {f"NAME_{number}_{'x' * 900}": "1" for number in range(100)}
    noted = given.note(values, dict.fromkeys(values, DOTENV), {}, data)
    assert len(noted) > 1
    assert max(len(text) for text in noted.values()) <= 16 * 1024
    assert sorted(noted) == sorted(f"HOOKMAN_GIVEN_{number}" for number in range(len(noted)))
    assert given.without(values | noted, data) == {}
