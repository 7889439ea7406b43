"""`when`: hooks that run only for some command lines, in some environments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.box import Project
from tests.support.repeated import hook, hooks, reasons


def ran(shop: Project, *words: str, **environ: Any) -> tuple[bool, str]:
    """Did the hook run, and if not, the reason in the log?"""
    (shop.path / "trace").unlink(missing_ok=True)
    result = shop.docker("compose", *words, **environ)
    assert result.code == 0, result
    last = shop.box.runs()[-1]["hooks"][-1]
    return bool(shop.trace()), last.get("reason", "")


# A command line, the caller's environment, and conditions with the reason why they do not hold ("" where they do).
LINES: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "up -d",
        {},
        {
            '{ flags = "--build" }': "--build is not given",
            '{ flags = "!--detach" }': "--detach is given",
            '{ flags = ["--build", "--pull"] }': "--build is not given and --pull is not given",
            "{ ci = true }": "not in CI",
            '{ exists = "compose.yaml" }': "",
            '{ exists = "none.json" }': "none.json does not exist",
            '{ exists = "!compose.yaml" }': "compose.yaml exists",
            '{ exists = "*.yaml" }': "",
            '{ exists = "*.json" }': "*.json does not exist",
            '{ profiles = "debug" }': "the profile debug is not active",
        },
    ),
    (
        "up -d --build",
        {},
        {'{ flags = "--build" }': "", '{ flags = "--biuld" }': "--biuld is not given", '{ flags = "build" }': ""},
    ),
    ("up --detach --build=false", {}, {'{ flags = "-d" }': "", '{ flags = "--build" }': "--build is not given"}),
    ("up -d --pull always", {}, {'{ flags = "pull=always" }': ""}),
    (
        "up -d --pull missing",
        {},
        {'{ flags = "pull=always" }': "pull=always is not given", '{ flags = ["--build", "--pull"] }': ""},
    ),
    ("--ansi never --profile debug up -d", {}, {'{ flags = "--ansi" }': "", '{ profiles = "debug" }': ""}),
    (
        "up -d",
        {"DEPLOY": "1", "STAGE": "prod", "CI": "true"},
        {
            '{ env = "DEPLOY" }': "",
            '{ env = "STAGE=prod" }': "",
            '{ env = "!STAGE=prod" }': "STAGE=prod is set",
            "{ ci = true }": "",
        },
    ),
    (
        "up -d",
        {"DEPLOY": "", "STAGE": "test", "CI": "1"},
        {
            '{ env = "DEPLOY" }': "DEPLOY is not set",
            '{ env = "STAGE=prod" }': "STAGE=prod is not set",
            "{ ci = false }": "in CI",
        },
    ),
    ("up -d", {"CI": "false", "GITHUB_ACTIONS": "true"}, {"{ ci = true }": "not in CI"}),
    ("up -d", {"GITHUB_ACTIONS": "true"}, {"{ ci = true }": ""}),
    (
        "up -d",
        {"A": "1", "COMPOSE_PROFILES": "a,debug"},
        {
            '{ ci = false, env = "A", exists = "compose.yaml" }': "",
            '{ ci = false, env = "A", exists = "none" }': "none does not exist",
            '{ profiles = "debug" }': "",
        },
    ),
    (
        "--profile a up -d",
        {"COMPOSE_PROFILES": "debug"},
        {'{ profiles = "debug" }': "the profile debug is not active"},
    ),
    ("--profile * up -d", {}, {'{ profiles = "!debug" }': "the profile debug is active"}),
]


@pytest.mark.parametrize(("words", "environ", "conditions"), LINES)
def test_a_hook_runs_where_its_conditions_hold_and_the_log_says_why_not(
    shop: Project, words: str, environ: dict[str, Any], conditions: dict[str, str]
) -> None:
    hooks(shop, [*conditions])
    result = shop.compose(*words.split(), **environ)
    assert result.code == 0, result
    assert reasons(shop) == [*conditions.values()]


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


def test_a_flag_of_the_command_is_no_mistake(shop: Project) -> None:
    hook(shop, '{ flags = ["-d", "--pull=always", "no-deps", "!--wait", "--profile", "--detach=true"] }')
    assert "condition" not in shop.compose("up", "-d").err


def test_a_flag_of_one_of_its_events_is_no_mistake(shop: Project) -> None:
    hook(shop, '{ flags = "--build" }')
    shop.write(
        "hookman.toml", (shop.path / "hookman.toml").read_text().replace('"up.post"', '["up.post", "down.post"]')
    )
    assert "condition" not in shop.compose("down").err


def test_nothing_is_noted_of_a_hook_that_runs_each_time(shop: Project) -> None:
    hook(shop, '{ exists = "compose.yaml" }')
    assert ran(shop, "up", "-d") == (True, "")
    assert list(shop.box.data.glob("projects/*/succeeded")) == []
    shop.write("hookman.toml", '[hooks.x]\non = "up.post"\nrun = "echo ran >>trace"\nsources = "compose.yaml"\n')
    assert ran(shop, "up", "-d") == (True, "")
    assert len(list(shop.box.data.glob("projects/*/succeeded/*"))) == 1
