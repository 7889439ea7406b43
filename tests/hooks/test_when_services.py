"""`when` on services and profiles, which the real Compose knows."""

from __future__ import annotations

import pytest

from tests.support.box import Box
from tests.support.repeated import hook, hooks, reasons

SERVICES = """\
services:
  web:
    image: x
    depends_on: [db]
  db:
    image: x
  debugger:
    image: x
    profiles: [debug]
"""


@pytest.mark.parametrize(
    ("words", "conditions"),
    [
        ("create", {'"web"': "", '"debugger"': "debugger is not touched"}),
        ("create web", {'"web"': "", '"db"': ""}),
        ("pull web", {'"db"': "db is not touched"}),
        ("pull --include-deps web", {'"db"': ""}),
        (
            "create db",
            {
                '"web"': "web is not touched",
                '"!web"': "",
                '["web", "debugger"]': "web is not touched and debugger is not touched",
            },
        ),
        ("--profile debug create", {'"debugger"': ""}),
        ("create debugger", {'"debugger"': ""}),
    ],
)
def test_services_are_those_that_the_command_touches(real_box: Box, words: str, conditions: dict[str, str]) -> None:
    shop = real_box.project(compose=SERVICES)
    event = next(word for word in words.split() if word in ("create", "pull"))
    hooks(shop, [f"{{ services = {when} }}" for when in conditions], f"{event}.pre")
    shop.compose(*words.split())
    assert reasons(shop) == [*conditions.values()]


def test_a_service_that_does_not_exist_stops_the_command_with_the_nearest_name(real_box: Box) -> None:
    shop = real_box.project(compose=SERVICES)
    hook(shop, '{ services = "wbe" }', "create.pre")
    result = shop.compose("create")
    assert (result.code, shop.trace()) == (78, []), result
    assert "hookman.toml:4: x has a condition on wbe, which is not a service. Fix: Did you mean 'web'?" in result.err


def test_a_profile_that_looks_misspelt_is_named_with_the_nearest(real_box: Box) -> None:
    shop = real_box.project(compose=SERVICES)
    hook(shop, '{ profiles = "dbug" }', "create.pre")
    result = shop.compose("create")
    assert result.code == 78
    said = "hookman.toml:4: x has a condition on dbug, which is not a profile of a service. Fix: Did you mean 'debug'?"
    assert said in result.err
    hook(shop, '{ profiles = "nightly" }', "create.pre")  # for hooks alone
    shop.compose("create")
    assert shop.box.runs()[-1]["hooks"][-1]["reason"] == "the profile nightly is not active"
    assert "nightly" not in shop.compose("--profile", "nightly", "create").err
    assert shop.trace() == ["ran"]


def test_a_hook_in_a_service_is_for_commands_that_touch_it(real_box: Box) -> None:
    text = SERVICES.replace("depends_on: [db]\n", "x-hookman: {hooks: {x: {on: create.pre, run: echo ran >>trace}}}\n")
    shop = real_box.project(compose=text)
    shop.compose("create", "db")
    assert shop.trace() == []
    shop.compose("create", "web")
    assert shop.trace() == ["ran"]
