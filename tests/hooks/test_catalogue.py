"""The events there are, and which of them a text names. Plain functions, in this process."""

from __future__ import annotations

import pytest

from hookman.base.errors import UsageError
from hookman.hooks.catalogue import events_named, every_event


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("up.pre", ["project.up.pre"]),
        ("project.up.always", ["project.up.always"]),
        ("db_export.failed", ["project.db_export.failed"]),
        ("up", ["project.up.pre", "project.up.post", "project.up.failed", "project.up.always"]),
        ("project.down", ["project.down.pre", "project.down.post", "project.down.failed", "project.down.always"]),
    ],
)
def test_a_text_names_one_event_or_all_of_a_command(text: str, events: list[str]) -> None:
    assert events_named(text) == events
    assert set(events) <= {*every_event()}


@pytest.mark.parametrize("text", ["", "ls", "ls.pre", "up.", "up.now", "up.pre.x", "up.now.pre", "pre.up", "project."])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="there is no event"):
        events_named(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [("up.prre", "up.pre"), ("project.up.pots", "up.post"), ("dowm", "down"), ("db_exprot", "db_export")],
)
def test_the_error_names_the_nearest_event(text: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        events_named(text)
    assert error.value.message == f"there is no event {text!r}. Did you mean {near!r}?"
    assert error.value.fix == f"write an event like {near}"


def test_where_none_is_near_the_error_shows_one() -> None:
    with pytest.raises(UsageError) as error:
        events_named("xyzzy")
    assert error.value.message == "there is no event 'xyzzy'"
    assert error.value.fix == "write an event like project.up.pre"
