from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from tests.support.box import Box, Project


def listed(project: Project, *args: str) -> dict[str, Any]:
    result = project.hookman("list", "--json", *args)
    assert result.code == 0, result
    found: dict[str, Any] = json.loads(result.out)
    return found


def test_json_has_a_pinned_shape(shop: Project) -> None:  # C102
    shop.script("up.pre", "a.sh")
    shop.hooks_sh("\nhook_pre_up() { return 1; }\n")
    shop.compose("up", "-d")
    found = listed(shop)
    assert found["version"] == 1
    assert found["project"] == {"directory": str(shop.path), "name": "shop", "enabled": True}
    last = [hook.pop("last") for hook in found["hooks"]]
    assert [hook.pop("median") for hook in found["hooks"]] == [one["seconds"] for one in last]
    assert found["never_run"] == []
    assert found["hooks"] == [
        {
            "event": "project.up.pre",
            "name": "a.sh",
            "kind": "script",
            "path": str(shop.path / ".dde/hooks/project.up.pre/a.sh"),
            "line": None,
            "action": "run",
            "state": "ready",
            "timeout": 300.0,
        },
        {
            "event": "project.up.pre",
            "name": "hook_pre_up",
            "kind": "function",
            "path": str(shop.path / "hooks.sh"),
            "line": 2,
            "action": "run",
            "state": "ready",
            "timeout": 0.0,
        },
    ]
    assert [sorted(one) for one in last] == [["exit_code", "result", "seconds", "started"]] * 2
    assert [one["result"] for one in last] == ["ok", "failed"]


def test_nothing_is_run(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shop.hooks_sh("echo sourced >>trace\nhook_pre_up() { :; }\n")
    assert len(listed(shop)["hooks"]) == 2
    assert shop.trace() == []


def test_none_and_awkward_names(shop: Project) -> None:  # C102
    assert listed(shop)["hooks"] == []
    names = ["a b.sh", "line\nbreak.sh", os.fsdecode(b"caf\xe9.sh"), 'quo"te.sh']
    for name in names:
        shop.script("up.pre", name)
    assert sorted(hook["name"] for hook in listed(shop)["hooks"]) == sorted(names)
    table = shop.hookman("list")
    assert table.code == 0
    assert r"line\nbreak.sh" in table.out
    assert r"caf\xe9.sh" in table.out


def test_events_come_in_the_order_of_compose_commands_pre_before_post(shop: Project) -> None:
    shop.hooks_sh("hook_post_up() { :; }\nhook_pre_down() { :; }\nhook_pre_up() { :; }\nhook_pre_db_export() { :; }\n")
    assert [hook["event"] for hook in listed(shop)["hooks"]] == [
        "project.up.pre",
        "project.up.post",
        "project.down.pre",
        "project.db_export.pre",
    ]


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ("up", ["hook_pre_up", "hook_post_up"]),
        ("up.pre", ["hook_pre_up"]),
        ("project.up.post", ["hook_post_up"]),
        ("build", []),
    ],
)
def test_one_event_or_command(shop: Project, event: str, names: list[str]) -> None:
    shop.hooks_sh("hook_post_up() { :; }\nhook_pre_down() { :; }\nhook_pre_up() { :; }\n")
    assert [hook["name"] for hook in listed(shop, "--event", event)["hooks"]] == names


def test_an_event_that_does_not_exist_gets_a_suggestion(shop: Project) -> None:
    result = shop.hookman("list", "--event", "upp.pre")
    assert result.code == 2
    assert "Did you mean 'up.pre'?" in result.err


def test_states_say_what_is_wrong(shop: Project) -> None:
    shop.script("up.pre", "a.sh", mode=0o644)
    shop.script("up.pre", "b.sh")
    shop.write("hookman.toml", 'skip = ["b.sh"]\n')
    shop.hooks_sh("hook_pre_up() {\n")
    states = {hook["name"]: (hook["action"], hook["state"]) for hook in listed(shop)["hooks"]}
    assert states["a.sh"] == ("skip", "not executable")
    assert states["b.sh"] == ("skip", "skip in the config")
    assert states["hook_pre_up"][0] == "refuse"
    assert f"{shop.path}/hooks.sh:2: syntax error" in states["hook_pre_up"][1]


def test_it_says_whether_the_project_is_enabled(box: Box) -> None:
    project = box.project(enable=False)
    assert listed(project)["project"]["enabled"] is False
    assert "not enabled: hookman enable" in project.hookman("list").out


def test_what_never_runs_is_pointed_out_with_the_nearest_name(shop: Project) -> None:
    shop.script("up.before", "a.sh")
    shop.write(".dde/hooks/project.pre.up/a.sh", "", 0o755)
    shop.hooks_sh("hook_pre_up() { :; }\nhook_post_biuld() { :; }\nhook_up_pre() { :; }\nhelper() { :; }\n")
    assert [{"where": one["where"], "nearest": one["nearest"]} for one in listed(shop)["never_run"]] == [
        {"where": ".dde/hooks/project.pre.up", "nearest": ".dde/hooks/project.up.pre"},
        {"where": ".dde/hooks/project.up.before", "nearest": ".dde/hooks/project.up.pre"},
        {"where": "hooks.sh:2 hook_post_biuld", "nearest": "hook_post_build"},
        {"where": "hooks.sh:3 hook_up_pre", "nearest": "hook_pre_up"},
    ]
    shown = shop.hookman("list").out
    assert (
        "! hooks.sh:2 hook_post_biuld never runs: there is no such event\n    Fix: rename it to hook_post_build\n"
        in shown
    )


def test_the_last_result_and_the_median_of_the_times_are_shown(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "exit $CODE")
    for code in ("0", "0", "3"):
        shop.compose("up", "-d", CODE=code)
    assert re.search(
        r"a.sh  script  300 s  ready  last: failed, [\d.]+ m?s; median [\d.]+ m?s\n", shop.hookman("list").out
    )


def test_on_a_narrow_terminal_lines_are_cut_not_wrapped(shop: Project) -> None:
    shop.script("up.pre", f"{'long-' * 20}.sh")
    assert max(map(len, shop.hookman("list", COLUMNS="80").out.splitlines()[2:])) == 80


def test_on_a_narrow_terminal_the_state_and_the_last_result_stay(shop: Project) -> None:
    shop.script("up.pre", "a-script-with-quite-a-long-name.sh", "exit 3")
    shop.hooks_sh("hook_post_restart() { :; }\n")
    shop.compose("up", "-d")
    lines = shop.hookman("list", COLUMNS="80").out.splitlines()
    found = next(line for line in lines if "a-script" in line)
    assert re.fullmatch(r"  a-script-with-quite-a-long-name.sh  ready  last: failed, \d+ ms; median \d+ ms", found)


class TestWhatOnlySourcingTells:
    IF = "if hooks.sh defines it"

    def states(self, project: Project, *args: str) -> dict[str, str]:
        return {hook["name"]: hook["state"] for hook in listed(project, *args)["hooks"]}

    def test_a_function_that_eval_defines(self, shop: Project) -> None:
        shop.hooks_sh('eval "hook_pre_up() { :; }"\nhook_post_up() { :; }\n')
        states = self.states(shop)
        assert (states["hook_pre_up"], states["hook_post_up"]) == (self.IF, "ready")
        assert re.search(rf"\nproject.up.pre\n  hook_pre_up +function +no limit +{self.IF}\n", shop.hookman("list").out)

    def test_functions_whose_names_nobody_can_see_are_one_line(self, shop: Project) -> None:
        shop.hooks_sh('# all\nfor p in pre post; do eval "hook_${p}_up() { :; }"; done\n')
        assert self.states(shop)["hook_pre_down"] == self.IF
        table = shop.hookman("list").out
        assert f"\nany other event\n  hook_<phase>_<command>  hooks.sh:2    {self.IF}\n" in table
        assert "hook_pre_down" not in table
        assert f"hook_pre_down   function  no limit  {self.IF}\n" in shop.hookman("list", "--event", "down").out

    def test_functions_of_a_file_that_is_sourced(self, shop: Project) -> None:
        shop.hooks_sh("source ./lib.sh\n")
        shop.write("lib.sh", ". ./more.sh\nhook_pre_up() { :; }\n")
        shop.write("more.sh", "hook_post_down() { :; }\n")
        assert self.states(shop) == {"hook_pre_up": self.IF, "hook_post_down": self.IF}
        assert "any other event" not in shop.hookman("list").out

    def test_a_file_that_cannot_be_seen_may_define_all(self, shop: Project) -> None:
        shop.hooks_sh('source "$HOME/lib.sh"\n')
        assert "\nany other event\n" in shop.hookman("list").out

    def test_a_function_that_ran_before_has_its_line(self, shop: Project) -> None:
        shop.hooks_sh('for p in pre; do eval "hook_${p}_up() { :; }"; done\n')
        shop.compose("up", "-d")
        assert re.search(rf"\n  hook_pre_up +function +no limit +{self.IF} +last: ok,", shop.hookman("list").out)

    def test_a_comment_defines_nothing(self, shop: Project) -> None:
        shop.hooks_sh("# source lib.sh\n# hook_pre_up() { :; }\n")
        assert self.states(shop) == {}
        explained = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)
        assert explained["hooks"] == []

    def test_exports_define_nothing(self, shop: Project) -> None:
        shop.hooks_sh("export A=1\n")
        shop.script("up.pre", "a.sh")
        assert self.states(shop) == {"a.sh": "ready", "hook_pre_up": "only for what hooks.sh exports"}
        explained = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)
        reasons = {hook["name"]: hook["reason"] for hook in explained["hooks"]}
        assert reasons["hook_pre_up"] == "only for what hooks.sh exports"


class TestComposesOwn:
    COMPOSE = """
    services:
      web:
        image: app
        profiles: [dev]
        post_start:
          - command: bin/migrate
        pre_stop:
          - command: bin/drain
    """

    def test_they_are_in_their_place_and_marked(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        shop.script("up.pre", "a.sh")
        shop.script("up.post", "b.sh")
        table = shop.hookman("list").out
        assert re.search(
            r"\nproject.up.pre\n  a.sh .*\n\nproject.up\n"
            r"  web.post_start +compose.yaml:7 +by Compose +with profile dev: bin/migrate\n"
            r"\nproject.up.post\n  b.sh .*\n"
            r"\nproject.down\n  web.pre_stop +compose.yaml:9 +by Compose +with profile dev: bin/drain\n",
            table,
        ), table

    def test_other_commands_are_named_below(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        shop.script("start.pre", "a.sh")
        table = shop.hookman("list").out
        assert "\nproject.start\n  web.post_start" in table
        assert table.endswith("\nCompose's own hooks run also at restart, stop, run, scale\n")

    def test_a_project_with_no_others_is_told_how_to_get_some(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        assert "\nno hooks but Compose's own. Next: hookman " in shop.hookman("list").out

    def test_json_has_them_at_every_command(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        found = [hook for hook in listed(shop)["hooks"] if hook["name"] == "web.post_start"]
        assert [hook["event"].removeprefix("project.") for hook in found] == ["up", "start", "restart", "run", "scale"]
        assert found[0] == {
            "event": "project.up",
            "name": "web.post_start",
            "kind": "compose",
            "path": str(shop.path / "compose.yaml"),
            "line": 7,
            "action": "compose",
            "state": "by Compose",
            "timeout": None,
            "last": None,
            "median": None,
            "service": "web",
            "hook": "post_start",
            "command": "bin/migrate",
            "profiles": ["dev"],
        }

    @pytest.mark.parametrize(
        ("event", "names"), [("restart", ["web.pre_stop", "web.post_start"]), ("up.pre", []), ("project.ps", [])]
    )
    def test_of_one_command(self, box: Box, event: str, names: list[str]) -> None:
        shop = box.project(compose=self.COMPOSE)
        assert [hook["name"] for hook in listed(shop, "--event", event)["hooks"]] == names

    def test_explain_has_them_between_the_phases(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        shop.hooks_sh("hook_pre_up() { :; }\nhook_post_up() { :; }\n")
        found = shop.hookman("explain", "--", "docker", "compose", "up").out
        assert found.endswith(
            "run           project.up.pre/hook_pre_up\n"
            "compose       project.up/web.post_start (by Compose)\n"
            "run           project.up.post/hook_post_up\n"
        )

    def test_a_file_that_cannot_be_read_is_said(self, box: Box) -> None:
        shop = box.project(compose="services: {web: {post_start: [\n")
        result = shop.hookman("list")
        assert result.code == 0
        assert f"! hooks of Compose's own in {shop.path}/compose.yaml:2 are not shown: it is not YAML:" in result.out

    def test_test_says_how_to_run_one(self, box: Box) -> None:
        shop = box.project(compose=self.COMPOSE)
        result = shop.hookman("test", "web.post_start")
        assert result.code == 2
        assert "web.post_start is a hook of Compose's own" in result.err
        assert "docker compose exec web bin/migrate" in result.err
