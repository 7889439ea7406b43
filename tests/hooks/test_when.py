"""`when`: hooks that run only for some command lines, in some environments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.box import Box, Project


def hook(shop: Project, when: str, event: str = "up.post") -> None:
    shop.write("hookman.toml", f'[hooks.x]\non = "{event}"\nrun = "echo ran >>trace"\nwhen = {when}\n')


def ran(shop: Project, *words: str, **environ: Any) -> tuple[bool, str]:
    """Did the hook run, and if not, the reason in the log?"""
    (shop.path / "trace").unlink(missing_ok=True)
    result = shop.docker("compose", *words, **environ)
    assert result.code == 0, result
    last = shop.box.runs()[-1]["hooks"][-1]
    return bool(shop.trace()), last.get("reason", "")


@pytest.mark.parametrize(
    ("when", "words", "environ", "reason"),
    [
        ('{ flags = "--build" }', "up -d --build", {}, ""),
        ('{ flags = "--biuld" }', "up -d --build", {}, "--biuld is not given"),
        ('{ flags = "build" }', "up -d --build", {}, ""),
        ('{ flags = "--build" }', "up -d", {}, "--build is not given"),
        ('{ flags = "--build" }', "up -d --build=false", {}, "--build is not given"),
        ('{ flags = "-d" }', "up --detach", {}, ""),
        ('{ flags = "!--detach" }', "up -d", {}, "--detach is given"),
        ('{ flags = "pull=always" }', "up -d --pull always", {}, ""),
        ('{ flags = "pull=always" }', "up -d --pull missing", {}, "pull=always is not given"),
        ('{ flags = ["--build", "--pull"] }', "up -d --pull missing", {}, ""),
        ('{ flags = ["--build", "--pull"] }', "up -d", {}, "--build is not given and --pull is not given"),
        ('{ flags = "--ansi" }', "--ansi never up -d", {}, ""),
        ('{ env = "DEPLOY" }', "up -d", {"DEPLOY": "1"}, ""),
        ('{ env = "DEPLOY" }', "up -d", {"DEPLOY": ""}, "DEPLOY is not set"),
        ('{ env = "STAGE=prod" }', "up -d", {"STAGE": "prod"}, ""),
        ('{ env = "STAGE=prod" }', "up -d", {"STAGE": "test"}, "STAGE=prod is not set"),
        ('{ env = "!STAGE=prod" }', "up -d", {"STAGE": "prod"}, "STAGE=prod is set"),
        ("{ ci = true }", "up -d", {"CI": "true"}, ""),
        ("{ ci = true }", "up -d", {}, "not in CI"),
        ("{ ci = true }", "up -d", {"CI": "false", "GITHUB_ACTIONS": "true"}, "not in CI"),
        ("{ ci = true }", "up -d", {"GITHUB_ACTIONS": "true"}, ""),
        ("{ ci = false }", "up -d", {"CI": "1"}, "in CI"),
        ('{ exists = "compose.yaml" }', "up -d", {}, ""),
        ('{ exists = "none.json" }', "up -d", {}, "none.json does not exist"),
        ('{ exists = "!compose.yaml" }', "up -d", {}, "compose.yaml exists"),
        ('{ exists = "*.yaml" }', "up -d", {}, ""),
        ('{ exists = "*.json" }', "up -d", {}, "*.json does not exist"),
        ('{ ci = false, env = "A", exists = "compose.yaml" }', "up -d", {"A": "1"}, ""),
        ('{ ci = false, env = "A", exists = "none" }', "up -d", {"A": "1"}, "none does not exist"),
        ('{ profiles = "debug" }', "up -d", {}, "the profile debug is not active"),
        ('{ profiles = "debug" }', "--profile debug up -d", {}, ""),
        ('{ profiles = "debug" }', "up -d", {"COMPOSE_PROFILES": "a,debug"}, ""),
        (
            '{ profiles = "debug" }',
            "--profile a up -d",
            {"COMPOSE_PROFILES": "debug"},
            "the profile debug is not active",
        ),
        ('{ profiles = "!debug" }', "--profile * up -d", {}, "the profile debug is active"),
    ],
)
def test_a_hook_runs_where_its_conditions_hold_and_the_log_says_why_not(
    shop: Project, when: str, words: str, environ: dict[str, str], reason: str
) -> None:
    hook(shop, when)
    assert ran(shop, *words.split(), **environ) == (not reason, reason)


def test_a_dotenv_and_an_export_count_as_they_do_for_compose(shop: Project) -> None:
    hook(shop, '{ env = ["A=dotenv", "B=export"] }')
    shop.write(".env", "A=dotenv\n")
    assert ran(shop, "up", "-d") == (True, "")
    assert ran(shop, "up", "-d", A="shell") == (False, "A=dotenv is not set and B=export is not set")
    shop.hooks_sh("hook_pre_up() { export B=export; }\n")
    assert ran(shop, "up", "-d", A="shell")[0]


def test_what_an_earlier_hook_creates_is_there(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "touch made")
    hook(shop, '{ exists = "made" }', "up.pre")
    assert ran(shop, "up", "-d") == (True, "")


def test_conditions_are_for_scripts_and_functions_too(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo script >>trace")
    shop.hooks_sh("hook_pre_up() { echo function >>trace; }\n")
    shop.write("hookman.toml", '[hooks."a.sh"]\nwhen = { ci = true }\n[hooks.hook_pre_up]\nwhen = { ci = true }\n')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == []
    assert shop.compose("up", "-d", CI="1").code == 0
    assert shop.trace() == ["script", "function"]


def test_verbose_shows_the_reason(shop: Project) -> None:
    hook(shop, "{ ci = true }")
    assert "project.up.post/x  skipped: not in CI" in shop.compose("up", "-d", HOOKMAN_VERBOSE="1").err
    assert "skipped" not in shop.compose("up", "-d").err


def test_list_shows_what_only_a_command_line_tells_as_a_condition(shop: Project) -> None:
    shop.write(
        "hookman.toml",
        """\
        [hooks.a]
        on = "up.post"
        run = "true"
        when = { services = ["web", "!db"], flags = "--build" }
        [hooks.b]
        on = "up.post"
        run = "true"
        when = { ci = true, profiles = "debug" }
        [hooks.c]
        on = "up.post"
        run = "true"
        sources = "*.sql"
        once = "volume:data"
        """,
    )
    listed = shop.hookman("list").out
    assert "if web is touched or db is not touched and --build is given" in listed
    assert "not in CI" in listed
    assert "if its sources have changed, once for the volume data" in listed
    assert "if the profile debug is active" in shop.hookman("list", CI="1").out


def test_list_shows_that_a_hook_is_skipped_and_not_its_conditions(shop: Project) -> None:
    hook(shop, '{ services = "web", ci = true }\nskip = true')
    (listed,) = json.loads(shop.hookman("list", "--json").out)["hooks"]
    assert (listed["action"], listed["state"]) == ("skip", "skip in the config")


def test_a_dry_run_and_explain_know_the_command_line(shop: Project) -> None:
    hook(shop, '{ flags = "--build" }')
    assert "would skip project.up.post/x (--build is not given)" in shop.compose("--dry-run", "up", "-d").err
    assert "would run project.up.post/x" in shop.compose("--dry-run", "up", "-d", "--build").err
    said = shop.hookman("explain", "--", "docker", "compose", "up", "-d").out
    assert "project.up.post/x (--build is not given)" in said


def test_test_runs_a_hook_whatever_its_conditions_are(shop: Project) -> None:
    hook(shop, "{ ci = true }")
    assert shop.hookman("test", "x").code == 0
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("5", "must be a table such as"),
        ('{ servces = "web" }', "unknown key 'servces'. Fix: Did you mean 'services'?"),
        ('{ ci = "yes" }', "ci must be true or false"),
        ("{ services = [] }", "services must be a text or a list of texts"),
        ("{ env = [1] }", "env must be a text or a list of texts"),
    ],
)
def test_a_mistake_names_file_and_line(shop: Project, when: str, says: str) -> None:
    hook(shop, when)
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (78, []), result
    assert f"hookman.toml:4: when: {says}" in result.err


MISSPELT = "x has a condition on the flag --biuld, which docker compose up does not have. Fix: Did you mean '--build'?"


@pytest.mark.parametrize("flag", ["--biuld", "!--biuld"])
def test_a_flag_that_no_command_has_is_a_warning_with_the_nearest(shop: Project, flag: str) -> None:
    hook(shop, f'{{ flags = "{flag}" }}')
    result = shop.compose("up", "-d")
    assert (result.code, bool(shop.trace())) == (0, flag.startswith("!"))
    assert f"{shop.path}/hookman.toml:4: {MISSPELT}" in result.err
    listed = shop.hookman("list")
    assert "no such flag" in listed.out
    assert MISSPELT in listed.out.replace("\n    Fix:", ". Fix:")


@pytest.mark.parametrize("flag", ["-d", "--pull=always", "no-deps", "!--wait", "--profile", "--detach=true"])
def test_a_flag_of_the_command_is_no_mistake(shop: Project, flag: str) -> None:
    hook(shop, f'{{ flags = "{flag}" }}')
    assert "condition" not in shop.compose("up", "-d").err


def test_a_flag_of_one_of_its_events_is_no_mistake(shop: Project) -> None:
    hook(shop, '{ flags = "--build" }')
    shop.write(
        "hookman.toml", (shop.path / "hookman.toml").read_text().replace('"up.post"', '["up.post", "down.post"]')
    )
    assert "condition" not in shop.compose("down").err


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
    ("when", "words", "reason"),
    [
        ('"web"', "create", ""),
        ('"web"', "create web", ""),
        ('"db"', "create web", ""),
        ('"db"', "pull web", "db is not touched"),
        ('"db"', "pull --include-deps web", ""),
        ('"web"', "create db", "web is not touched"),
        ('"!web"', "create db", ""),
        ('["web", "debugger"]', "create db", "web is not touched and debugger is not touched"),
        ('"debugger"', "create", "debugger is not touched"),
        ('"debugger"', "--profile debug create", ""),
        ('"debugger"', "create debugger", ""),
    ],
)
def test_services_are_those_that_the_command_touches(real_box: Box, when: str, words: str, reason: str) -> None:
    shop = real_box.project(compose=SERVICES)
    event = next(word for word in words.split() if word in ("create", "pull"))
    hook(shop, f"{{ services = {when} }}", f"{event}.pre")
    shop.compose(*words.split())
    last = shop.box.runs()[-1]["hooks"][-1]
    assert (bool(shop.trace()), last.get("reason", "")) == (not reason, reason)


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


def test_nothing_is_noted_of_a_hook_that_runs_each_time(shop: Project) -> None:
    hook(shop, '{ exists = "compose.yaml" }')
    assert ran(shop, "up", "-d") == (True, "")
    assert list(shop.box.data.glob("projects/*/succeeded")) == []
    shop.write("hookman.toml", '[hooks.x]\non = "up.post"\nrun = "echo ran >>trace"\nsources = "compose.yaml"\n')
    assert ran(shop, "up", "-d") == (True, "")
    assert len(list(shop.box.data.glob("projects/*/succeeded/*"))) == 1
