"""[stacks.NAME] context in the hookman.toml of a root: where hookman run runs a stack."""

from __future__ import annotations

import json

import pytest

from tests.support.box import Project, Result
from tests.support.edges import Root, summary

WANTED = "2: context: must be the name of a docker context, or a list of names"


class TestSettings:
    """[stacks.NAME] context = ... in the root's hookman.toml."""

    def test_a_stack_runs_where_the_root_says_and_the_others_as_before(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = ["edge-2", "prod"]\n')
        result = reached.run("*", "up", "-d")
        assert result.code == 0, result
        assert reached.trace() == ["blog none none", "web edge-2 none", "web prod none"]
        assert summary(result) == ["blog ok", "web on edge-2 ok", "web on prod ok"]

    def test_the_local_file_wins(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n[stacks.blog]\ncontext = "prod"\n')
        reached.settings('[stacks.web]\ncontext = "edge-1"\n', "hookman.local.toml")
        reached.run("*", "up", "-d")
        assert reached.trace() == ["blog prod none", "web edge-1 none"]

    def test_the_command_line_wins(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.run("--context", "edge-1", "*", "up", "-d")
        assert reached.trace() == ["blog edge-1 none", "web edge-1 none"]

    @pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT"])
    def test_a_variable_on_the_command_line_wins(self, root: Root, name: str) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.run("-e", f"{name}=x", "web", "up", "-d")
        assert root.trace() == [{"DOCKER_HOST": "web none x", "DOCKER_CONTEXT": "web x none"}[name]]

    @pytest.mark.parametrize("flag", ["--context", "-H"])
    def test_a_flag_of_dockers_after_the_pattern_wins(self, root: Root, flag: str) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        where = {"--context": "edge-1", "-H": "tcp://x"}[flag]
        assert root.run("web", flag, where, "up", "-d").code == 0
        assert root.trace() == [{"--context": "web edge-1 none", "-H": "web none tcp://x"}[flag]]
        both = root.run("--context", "prod", "web", flag, where, "up", "-d")
        assert (both.code, "after the pattern and --context both say which engine is meant" in both.err) == (2, True)

    def test_in_a_project_that_is_no_root_it_is_said_that_it_means_nothing(self, root: Root) -> None:
        web = root.stacks["web"]
        web.write("hookman.toml", '\n[stacks.web]\ncontext = "prod"\n')
        said = f"{web.path}/hookman.toml:2: [stacks] means nothing here"
        for command in ("list", "test"):
            assert said in web.hookman(command).out
        assert "means nothing" not in root.box.hookman("list", cwd=root.path).out

    def test_plain_docker_compose_is_not_changed(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.stacks["web"].compose("up", "-d")
        assert root.trace() == ["web none none"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[stacks.web]\ncontext = "egde-1"', "2: there is no docker context 'egde-1'. Fix: Did you mean 'edge-1'?"),
            ("[stacks.web]\ncontext = 1", WANTED),
            ("[stacks.web]\ncontext = []", WANTED),
            (
                '[stacks.web]\ncontext = ["a", 1]',
                "2: context: must be the name of a docker context, or a list of names",
            ),
            ('[stacks.web]\ncontext = " , "', WANTED),
            ('\n[stacks.web]\nhost = "x"', "3: host: unknown key. Fix: the key of such a table is context"),
            ('stacks = "edge-1"', "1: stacks: must be tables. Fix: write it like this: [stacks.web]"),
            ('[stacks]\nweb = "edge-1"', "2: web: must be a table. Fix: write it like this: [stacks.web]"),
        ],
    )
    def test_what_is_wrong_is_an_error_with_its_line(self, root: Root, text: str, said: str) -> None:
        root.settings(text)
        result = root.run("web", "up", "-d")
        assert result.code == 78
        assert f"hookman: {root.path}/hookman.toml:{said}" in result.err
        assert root.trace() == root.box.calls() == []

    def test_a_table_for_a_stack_that_is_not_there_is_said(self, root: Root) -> None:
        root.settings('[stacks.wbe]\ncontext = "edge-1"\n')
        result = root.run("-n", "web", "up", "-d")
        assert result.code == 0
        place = f"{root.path}/hookman.toml:2"
        assert f"hookman: {place}: there is no stack wbe. Fix: write [stacks.web]\n" in result.err

    def test_what_others_may_write_does_not_count(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        (root.path / "hookman.toml").chmod(0o666)
        result = root.run("web", "up", "-d")
        assert (result.code, root.trace()) == (1, [])
        assert "any user of this machine may write to " in result.err

    def test_it_counts_only_for_a_stack_that_is_enabled(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.stacks["web"].hookman("disable")
        result = root.run("*", "down")
        assert (result.code, root.box.calls()) == (78, [])
        assert "hookman.toml:2: web runs on prod, but the stack is not enabled. Fix: hookman enable " in result.err

    def test_in_a_users_own_file_it_is_an_error(self, shop: Project) -> None:
        shop.box.user_settings('[stacks.web]\ncontext = "prod"\n')
        result = shop.compose("up", "-d")
        assert result.code == 78
        assert "config.toml:1: stacks: is for the hookman.toml of a root" in result.err

    def test_it_can_be_set_and_read(self, root: Root) -> None:
        def config(*words: str) -> Result:
            return root.box.hookman("config", *words, cwd=root.path)

        assert config("set", "stacks.web.context", "edge-1,edge-2").code == 0
        assert (root.path / "hookman.toml").read_text().split() == [
            "[stacks.web]",
            "context",
            "=",
            "[",
            '"edge-1",',
            '"edge-2",',
            "]",
        ]
        assert config("get", "stacks.web.context").out == '["edge-1", "edge-2"]\n'
        assert 'stacks.web.context = ["edge-1", "edge-2"]' in config("list").out
        assert config("set", "--user", "stacks.web.context", "edge-1").code == 78
        assert config("unset", "stacks.web.context").out.endswith("now in force: stacks.web.context = none\n")

    def test_list_and_explain_say_where_both_run_it(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = ["edge-1", "edge-2"]\n')
        said = f"engines: hookman run uses edge-1, edge-2 ({root.path}/hookman.toml:2), docker compose "
        web = root.stacks["web"]
        assert f"{said}default\n" in web.hookman("list").out
        assert f"{said}prod\n" in web.hookman("list", DOCKER_CONTEXT="prod").out
        assert f"{said}prod\n" in web.hookman("explain", "--", "docker", "--context", "prod", "compose", "up").out
        assert json.loads(web.hookman("list", "--json").out)["project"]["contexts"] == ["edge-1", "edge-2"]
        assert json.loads(web.hookman("explain", "--json", "--", "docker", "compose", "up").out)["contexts"] == [
            *("edge-1", "edge-2")
        ]
        assert "engines:" not in root.stacks["blog"].hookman("list").out

    def test_the_list_of_stacks_shows_it(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "edge-*"\n')
        assert root.run("--list").out == "blog\nweb  on edge-1, edge-2\n"


class TestInAHook:
    """A hook that calls hookman run."""

    def test_the_engine_stays_and_another_one_in_the_settings_is_said(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run web up -d; }\n")
        result = reached.run("--context", "edge-1", "blog", "up", "-d")
        assert reached.trace() == ["web edge-1 none"]
        where = f"{reached.path}/hookman.toml:2"
        assert (
            f"web runs on edge-1, the engine of this hook, and not as {where} says. Fix: --context prod\n" in result.err
        )

    def test_a_context_can_be_named(self, reached: Root) -> None:
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run --context prod web up -d; }\n")
        reached.run("--context", "edge-1", "blog", "up", "-d")
        assert reached.trace() == ["web prod none"]

    def test_without_an_engine_of_its_own_the_settings_count(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run web up -d; }\n")
        result = reached.stacks["blog"].compose("up", "-d")
        assert result.code == 0, result
        assert reached.trace() == ["web prod none"]
