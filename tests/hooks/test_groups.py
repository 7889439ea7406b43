"""Which hooks of an event run side by side."""

from __future__ import annotations

import pytest

from hookman.hooks.groups import neighbours, numbers
from hookman.hooks.planned import RUN, SCRIPT, SKIP, PlannedHook


def hook(letter: str) -> PlannedHook:
    """A hook by a letter: a capital is parallel, one after a minus is skipped, T wants a terminal."""
    name = letter[-1]
    keys = {"parallel": name.isupper(), "pty": name == "T"}
    action = SKIP if letter.startswith("-") else RUN
    return PlannedHook(event="project.up.pre", name=name, kind=SCRIPT, path="", action=action, keys=keys)


@pytest.mark.parametrize(
    ("order", "groups"),
    [
        ("a b", ["a", "b"]),
        ("A B c D E", ["AB", "c", "DE"]),
        ("a B c", ["a", "B", "c"]),
        ("A -b C", ["AbC"]),
        ("a -b c", ["a", "b", "c"]),
        ("-a b", ["a", "b"]),
        ("-a B -c D -e f", ["aBcDe", "f"]),
        ("A T B", ["A", "T", "B"]),
    ],
)
def test_neighbours_that_say_so_are_a_group_and_a_skipped_hook_does_not_break_it(order: str, groups: list[str]) -> None:
    found = neighbours(map(hook, order.split()))
    assert ["".join(one.name for one in group) for group in found] == groups


def test_only_those_that_run_with_others_have_a_number() -> None:
    found = numbers(map(hook, ["A", "B", "c", "D", "-E", "f", "G", "-h", "I"]))
    assert found == {f"project.up.pre/{name}": number for name, number in (("A", 1), ("B", 1), ("G", 2), ("I", 2))}


def test_hooks_of_several_events_are_never_neighbours() -> None:
    other = PlannedHook(event="project.up.post", name="B", kind=SCRIPT, path="", action=RUN, keys={"parallel": True})
    assert len(neighbours([hook("A"), other])) == 2
