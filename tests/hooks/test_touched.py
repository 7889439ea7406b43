"""Which services and profiles a command line touches. Plain functions, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hookman.compose.commandline import parse
from hookman.hooks.touched import Touched, touched

SERVICES: dict[str, Any] = {
    "web": {"depends_on": {"api": {"condition": "service_started"}}},
    "api": {"depends_on": ["db"]},
    "db": {},
    "debug": {"profiles": ["debug", "all"], "depends_on": ["api"]},
    "odd": None,
}
ALWAYS = {"web", "api", "db", "odd"}


def found(line: str, environ: Mapping[str, str] | None = None, services: Any = SERVICES) -> Touched:
    return touched(parse(["compose", *line.split()]), environ or {}, lambda: {"services": services})


@pytest.mark.parametrize(
    ("line", "services"),
    [
        ("up", ALWAYS),
        ("up web", {"web", "api", "db"}),
        ("up --no-deps web", {"web"}),
        ("up --no-deps", ALWAYS),
        ("up debug", {"debug", "api", "db"}),
        ("up web odd", {"web", "api", "db", "odd"}),
        ("stop web", {"web"}),
        ("stop", ALWAYS),
        ("pull web", {"web"}),
        ("pull --include-deps api", {"api", "db"}),
        ("build --with-dependencies api", {"api", "db"}),
        ("push --include-deps=false api", {"api"}),
        ("--profile debug up", {*ALWAYS, "debug"}),
        ("--profile other up", ALWAYS),
        ("--profile * up", {*ALWAYS, "debug"}),
    ],
)
def test_the_services_are_those_of_compose(line: str, services: set[str]) -> None:
    assert found(line).services == frozenset(services)


def test_services_that_need_each_other_are_touched_together() -> None:
    services = {"a": {"depends_on": ["b"]}, "b": {"depends_on": ["a"]}, "c": {}}
    assert found("up a", services=services).services == frozenset({"a", "b"})


def test_a_service_needs_also_what_it_shares_a_network_with() -> None:
    services = {"a": {"network_mode": "service:b"}, "b": {}, "c": {}}
    assert found("up a", services=services).services == frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("line", "environ", "profiles"),
    [
        ("up", {}, set()),
        ("up", {"COMPOSE_PROFILES": "a, b,"}, {"a", "b"}),
        ("--profile c up", {"COMPOSE_PROFILES": "a"}, {"c"}),
        ("up debug", {}, {"debug", "all"}),
    ],
)
def test_the_profiles_are_the_active_ones(line: str, environ: dict[str, str], profiles: set[str]) -> None:
    assert found(line, environ).profiles == frozenset(profiles)


@pytest.mark.parametrize("answer", [None, {}, {"services": []}])
def test_without_an_answer_of_compose_the_named_services_count(answer: Mapping[str, Any] | None) -> None:
    invocation = parse(["compose", "--profile", "a", "up", "web"])
    told = touched(invocation, {}, lambda: answer)
    assert (told.services, told.profiles, told.known) == (frozenset({"web"}), frozenset({"a"}), ())


def test_without_an_answer_and_without_names_every_service_counts() -> None:
    told = touched(parse(["compose", "up"]), {}, lambda: None)
    assert "whatever" in told.services
    assert "whatever" not in told.profiles


def test_all_services_of_the_project_are_known() -> None:
    assert set(found("up db").known) == {*ALWAYS, "debug"}
