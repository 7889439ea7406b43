"""x-hookman in compose files."""

from __future__ import annotations

import json

import pytest

from tests.support.box import Box, Project

SERVICE = """\
services:
  web:
    image: x
"""


def test_a_compose_file_declares_hooks_as_a_table_does(shop: Project) -> None:
    shop.write(
        "compose.yaml",
        SERVICE
        + """\
        x-hookman:
          hooks:
            greet:
              on: up.pre
              run: echo "$HOOKMAN_EVENT $$HOME $TAG" >>trace
              env: {TAG: 12, YES: yes, ON: true, TIME: 1:30}
              timeout: 1m
            words:
              on: [up.post, restart.post]
              run: [sh, -c, 'echo "$0 $1" >>trace', a b, "12"]
        """.replace("        ", ""),
    )
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == [f"project.up.pre {shop.box.home} 12", "a b 12"]
    listed = shop.hookman("list").out
    assert "greet  compose.yaml:6  60 s" in listed or "greet  compose.yaml:6" in listed


def test_the_projects_table_is_over_it(shop: Project) -> None:
    shop.write("compose.yaml", SERVICE + "x-hookman: {hooks: {a: {on: up.pre, run: echo yaml >>trace}}}\n")
    shop.write("hookman.toml", '[hooks.a]\nrun = "echo toml >>trace"\n')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["toml"]


def test_a_later_compose_file_is_over_an_earlier_one(shop: Project) -> None:
    shop.write(
        "compose.yaml", SERVICE + "x-hookman: {hooks: {a: {on: up.pre, run: echo $A $B >>trace, env: {A: 1, B: 1}}}}\n"
    )
    shop.write("compose.override.yaml", "x-hookman: {hooks: {a: {env: {B: 2}}}}\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["1 2"]
    assert shop.compose("-f", "compose.yaml", "up", "-d").code == 0
    assert shop.trace() == ["1 2", "1 1"]


def test_anchors_and_merge_keys_and_unknown_tags_are_read(shop: Project) -> None:
    shop.write(
        "compose.yaml",
        """\
        services:
          web:
            image: !override x
            ports: !reset []
        x-base: &base
          on: up.pre
          env: {A: base}
        x-hookman:
          hooks:
            a:
              <<: *base
              run: echo a $A >>trace
            b:
              <<: [*base]
              run: echo b $A >>trace
              env: {A: own}
        """,
    )
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["a base", "b own"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x-hookman: 5\n", "compose.yaml:4: x-hookman must be hooks:"),
        ("x-hookman: {hook: {}}\n", "compose.yaml:4: x-hookman has no key 'hook'"),
        ("x-hookman: {hooks: []}\n", "compose.yaml:4: hooks must be a table with the names of hooks: hooks: {NAME:"),
        ("x-hookman:\n  hooks:\n    a: 5\n", "compose.yaml:6: a: must be a table"),
        (
            "x-hookman:\n  hooks:\n    a:\n      on: up.pre\n      run: 5\n",
            "compose.yaml:8: run: must be a text for sh",
        ),
        (
            "x-hookman:\n  hooks:\n    a:\n      on: up.pre\n      rum: x\n",
            "compose.yaml:8: rum: unknown key. Fix: Did you mean",
        ),
        (
            "x-hookman:\n  hooks:\n    a:\n      on: up.pst\n      run: x\n",
            "compose.yaml:7: on: there is no event 'up.pst'",
        ),
        ("x-hookman:\n  hooks:\n    a:\n      run: x\n", "compose.yaml:7: a has run, but no on"),
        ("x-hookman:\n  hooks:\n    a: {}\n    a: {}\n", "compose.yaml:7: a is there twice: see line 6"),
        ("x-hookman:\n  hooks: &h\n    a: *h\n", "a value is part of itself"),
    ],
)
def test_a_mistake_stops_the_command_and_names_file_and_line(shop: Project, text: str, says: str) -> None:
    shop.write("compose.yaml", SERVICE + text)
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (78, []), result
    assert says in " ".join(result.err.split())


def test_two_services_can_not_have_a_hook_of_one_name(shop: Project) -> None:
    hook = "    x-hookman: {hooks: {a: {on: up.pre, run: 'true'}}}\n"
    shop.write("compose.yaml", f"services:\n  web:\n    image: x\n{hook}  db:\n    image: x\n{hook}")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (78, []), result
    assert "compose.yaml:7: two hooks are called a: here and on line 4" in result.err


def test_a_bomb_of_aliases_is_an_error(shop: Project) -> None:
    levels = "".join(f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    shop.write("compose.yaml", f"x-0: &a0 [x]\n{levels}x-hookman: {{hooks: {{a: {{on: up.pre, run: *a8}}}}}}\n")
    result = shop.compose("up", "-d")
    assert (result.code, "more than 10000 values" in result.err) == (78, True), result


def test_a_file_that_is_no_yaml_is_a_warning_where_it_has_no_hook_of_the_command(shop: Project) -> None:
    shop.write("compose.yaml", "services: {\nx-hookman: {hooks: {a: {on: down.pre, run: 'true'}}}\n")
    shop.script("up.pre", "a.sh", "echo script >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["script"]), result
    assert "compose.yaml:" in result.err
    result = shop.compose("down")
    assert (result.code, [call for call in shop.box.calls() if "down" in call]) == (78, []), result
    assert shop.compose("down", "--skip-hooks").code == 0


def test_without_the_key_nothing_is_read(shop: Project) -> None:
    shop.write("compose.yaml", "services: {\nx-hooks: [\n")
    shop.script("up.pre", "a.sh", "echo script >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), result.err.count("compose.yaml")) == (0, ["script"], 0), result


def test_hooks_of_a_compose_file_elsewhere_never_run(box: Box) -> None:
    """COMPOSE_FILE may come from the .env of a fresh clone."""
    shop, clone = box.project(), box.project("clone", enable=False)
    clone.write("evil.yaml", "x-hookman: {hooks: {a: {on: up.pre, run: touch evil}}}\n")
    clone.write(".env", f"COMPOSE_FILE={shop.path}/compose.yaml:{clone.path}/evil.yaml\n")
    shop.script("up.pre", "a.sh", "echo script >>trace")
    assert clone.compose("up", "-d").code == 0
    assert shop.trace() == ["script"]
    assert not (shop.path / "evil").exists()


def test_what_others_may_change_is_refused(shop: Project) -> None:
    path = shop.write("compose.yaml", SERVICE + "x-hookman: {hooks: {a: {on: up.pre, run: echo ran >>trace}}}\n")
    path.chmod(0o666)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (1, [], []), result
    assert f"any user of this machine may write to {path}" in result.err


def test_review_shows_the_hooks_alone(box: Box) -> None:
    box.user_settings("review = true\n")
    shop = box.project(enable=False)
    hooks = "x-hookman: {hooks: {a: {on: up.pre, run: echo ran >>trace}}}\n"
    shop.write("compose.yaml", SERVICE + hooks)
    assert shop.hookman("enable").code == 0
    shop.write("compose.yaml", SERVICE + "  db:\n    image: x\n" + hooks)
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["ran"])
    shop.write("compose.yaml", SERVICE + hooks.replace("ran", "changed"))
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, ["ran"]), result
    review = shop.hookman("review", "--yes").out
    assert ('+    "run": "echo changed >>trace"' in review, "image" in review) == (True, False)
    assert (shop.compose("up", "-d").code, shop.trace()[1:]) == (0, ["changed"])


def test_of_a_project_that_is_not_enabled_nothing_runs(box: Box) -> None:
    shop = box.project(compose=SERVICE + "x-hookman: {hooks: {a: {on: up.pre, run: echo ran >>trace}}}\n", enable=False)
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, [])


def test_plain_values_of_env_and_of_a_list_are_texts_as_they_are_written(shop: Project) -> None:
    run = "[sh, -c, 'echo \"$A $B $C $1\" >>trace', 0, 010]"
    hook = f"{{on: up.pre, run: {run}, env: {{A: 010, B: 1e3, C: True}}}}"
    shop.write("compose.yaml", f"{SERVICE}x-hookman: {{hooks: {{a: {hook}}}}}\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["010 1e3 True 010"]


@pytest.mark.parametrize("text", ["x-hookman:\n", "x-hookman:\n  hooks:\n", "x-hookman: {hooks: {a.sh: }}\n"])
def test_what_is_empty_says_nothing(shop: Project, text: str) -> None:
    shop.write("compose.yaml", SERVICE + text)
    shop.script("up.pre", "a.sh", "echo script >>trace")
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["script"])


def test_in_a_service_a_key_about_containers_means_that_service(shop: Project) -> None:
    shop.write("compose.yaml", SERVICE + "    x-hookman: {hooks: {a: {on: up.post, run: id, user: 010}}}\n")
    (hook,) = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)["hooks"]
    assert hook["kind"] == "container"


def test_in_a_service_a_hook_without_such_a_key_runs_on_the_host(shop: Project) -> None:
    shop.write("compose.yaml", SERVICE + "    x-hookman: {hooks: {a: {on: up.post, run: echo host >>trace}}}\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["host"]
