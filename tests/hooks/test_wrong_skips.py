"""A name to skip that means nothing is a typo, and a hook runs that should not: so it is said."""

from __future__ import annotations

import json

import pytest

from tests.support.box import Box, Project


@pytest.fixture
def shop(shop: Project) -> Project:
    """A project with a script, a function, and a script of another command."""
    shop.script("up.pre", "01-load.sh", "echo ran >>trace")
    shop.script("down.post", "09-tidy.sh")
    shop.hooks_sh("hook_post_up() { :; }\n")
    shop.write("hookman.toml", 'output = ["output"]\n')
    return shop


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("01-laod.sh", "01-load.sh"),
        ("01-load", "01-load.sh"),
        (".dde/hooks/project.up.pre/01-load.sh", "project.up.pre/01-load.sh"),
        ("project.up.pre/01-laod.sh", "project.up.pre/01-load.sh"),
        ("up.pre", "project.up.pre"),
        ("project.pre.up", "project.up.pre"),
        ("hook_up_post", "hook_post_up"),
    ],
)
def test_the_nearest_name_is_suggested_and_the_hook_runs(shop: Project, name: str, nearest: str) -> None:
    result = shop.compose("up", "-d", HOOKMAN_SKIP=name)
    assert (result.code, shop.trace()) == (0, ["ran"])
    assert (
        result.err == f"hookman: HOOKMAN_SKIP skips {name}, but there is no such hook or event. Fix: write {nearest}\n"
    )


def test_a_name_that_nothing_is_near_to_is_said_as_well(shop: Project) -> None:
    fix = "Fix: remove it; hookman list shows all hooks\n"
    assert shop.compose("up", "-d", HOOKMAN_SKIP="quux").err.endswith(f"no such hook or event. {fix}")


def test_a_function_that_hooks_sh_does_not_have_is_one(shop: Project) -> None:
    assert "skips hook_pre_down, but" in shop.compose("up", "-d", HOOKMAN_SKIP="hook_pre_down").err


@pytest.mark.parametrize(
    "text",
    ['skip = [\n  "01-laod.sh",\n]\n', 'output = ["output"]\n[hooks."01-laod.sh"]\nskip = true\n'],
)
def test_the_settings_are_named_with_their_line(shop: Project, text: str) -> None:
    shop.write("hookman.toml", text)
    said = f"hookman: {shop.path}/hookman.toml:2 skips 01-laod.sh, but there is no such hook or event"
    assert shop.compose("up", "-d").err.count(said) == 1


@pytest.mark.parametrize(
    "names",
    ["09-tidy.sh", "project.down.post/09-tidy.sh", "project.build.pre", "hook_post_up", "project.up.post/hook_post_up"],
)
def test_what_another_event_has_is_no_typo(shop: Project, names: str) -> None:
    assert shop.compose("up", "-d", HOOKMAN_SKIP=names).err == ""


@pytest.mark.parametrize("name", ["migrate", "project.down.pre/migrate"])
def test_a_declared_hook_of_another_event_is_no_typo(shop: Project, name: str) -> None:
    shop.write("hookman.toml", 'output = ["output"]\n[hooks.migrate]\non = "down.pre"\nrun = "true"\n')
    assert shop.compose("up", "-d", HOOKMAN_SKIP=name).err == ""


def test_a_function_that_only_sourcing_can_tell_of_is_none_either(shop: Project) -> None:
    shop.hooks_sh('for one in pre post; do eval "hook_${one}_down() { :; }"; done\n')
    assert shop.compose("up", "-d", HOOKMAN_SKIP="hook_pre_down").err == ""


def test_where_no_hook_runs_it_cannot_matter(shop: Project) -> None:
    assert shop.compose("stop", HOOKMAN_SKIP="quux").err == ""
    assert shop.compose("ps", HOOKMAN_SKIP="quux").err == ""


def test_the_users_own_settings_are_for_all_projects(shop: Project) -> None:
    shop.box.user_settings('skip = ["02-slow.sh"]\noutput = ["output"]\n')
    assert shop.compose("up", "-d").err == ""


def test_a_hook_hands_the_names_of_its_own_project_on(box: Box, shop: Project) -> None:
    other = box.project("other")
    other.write("hookman.toml", 'output = ["output"]\n')
    other.script("up.pre", "a.sh", "echo ran >trace")
    shop.script("up.pre", "02.sh", f"cd {other.path} && docker compose up -d")
    assert shop.compose("up", "-d", HOOKMAN_SKIP="01-load.sh").err == ""
    assert other.trace() == ["ran"]


def test_what_another_stack_of_the_root_has_is_no_typo(box: Box) -> None:
    root = Project(box, box.base / "root")
    assert root.hookman("init", "--root").code == 0
    stacks = [box.project(f"root/{name}") for name in ("api", "web")]
    for stack in stacks:
        stack.write("hookman.toml", 'output = ["output"]\n')
        stack.script("up.pre", f"{stack.path.name}.sh", "echo ran >trace")
    assert stacks[0].compose("up", "-d", HOOKMAN_SKIP="web.sh").err == ""
    assert "skips wbe.sh" in stacks[0].compose("up", "-d", HOOKMAN_SKIP="wbe.sh").err


@pytest.mark.parametrize("command", ["list", "test", "doctor"])
def test_list_test_and_doctor_show_it(shop: Project, command: str) -> None:
    shop.write("hookman.toml", 'skip = ["01-laod.sh"]\n')
    result = shop.hookman(command)
    assert f"{shop.path}/hookman.toml:1" in result.out
    assert "skips 01-laod.sh, but there is no such hook or event" in result.out
    assert "Fix: write 01-load.sh" in result.out


def test_list_has_it_in_json(shop: Project) -> None:
    document = json.loads(shop.hookman("list", "--json", HOOKMAN_SKIP="01-laod.sh").out)
    (wrong,) = document["wrong_skips"]
    assert (wrong["where"], wrong["name"], wrong["nearest"]) == ("HOOKMAN_SKIP", "01-laod.sh", "01-load.sh")
