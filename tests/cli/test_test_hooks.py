"""hookman test: checking all hooks, and running one, several or an event."""

from __future__ import annotations

import re

import pytest

from tests.support.box import BIN, Box, Project


@pytest.fixture
def hooks(shop: Project) -> Project:
    shop.script("up.pre", "a.sh", "echo script a >>trace")
    shop.script("up.post", "b.sh", "echo script b >>trace; exit 3")
    shop.hooks_sh(
        'echo top >>trace\nhook_pre_up() { echo "function $*" >>trace; }\nhook_pre_db_import() { echo "$@" >>trace; }\n'
    )
    return shop


class TestChecking:  # C103
    def test_nothing_is_run_and_no_log_is_written(self, hooks: Project) -> None:
        result = hooks.hookman("test")
        assert result.code == 0
        assert result.out.endswith("4 hooks checked, 0 broken, 0 to look at\n")
        assert (hooks.trace(), hooks.box.runs(), hooks.box.calls()) == ([], [], [])

    def test_a_missing_execute_bit_is_named_and_is_no_failure(self, hooks: Project) -> None:
        hooks.script("up.pre", "c.sh", mode=0o644)
        result = hooks.hookman("test")
        assert result.code == 0
        assert "! project.up.pre/c.sh" in result.out
        assert "chmod +x .dde/hooks/project.up.pre/c.sh" in result.out

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("#!/bin/sh\r\ntrue\r\n", "Windows line endings"),
            ("#!/bin/sh\nif true\n", "yntax error"),
            ("#!/usr/bin/env bash\ncase x in\n", "syntax error"),
            ("#!/opt/none\n", "/opt/none does not exist"),
        ],
    )
    def test_a_broken_script_is_a_failure(self, hooks: Project, text: str, problem: str) -> None:
        hooks.write(".dde/hooks/project.up.pre/c.sh", text, 0o755)
        result = hooks.hookman("test")
        assert result.code == 1
        assert "✘ project.up.pre/c.sh" in result.out
        assert problem in result.out

    @pytest.mark.parametrize(("text", "problem"), [("f() {\n", ":2: syntax error"), ("f() {\r\n:\r\n}\r\n", "CRLF")])
    def test_a_broken_hooks_sh_is_a_failure(self, hooks: Project, text: str, problem: str) -> None:
        hooks.hooks_sh(text)
        result = hooks.hookman("test")
        assert result.code == 1
        assert problem in result.out

    def test_a_value_that_other_tools_read_otherwise_is_pointed_out(self, hooks: Project) -> None:
        hooks.write(".env", "PLAIN=1\nTABBED=a\t# note\n")
        result = hooks.hookman("test")
        assert "TABBED has another value in other tools than in Compose" in result.out
        assert "PLAIN" not in result.out


class TestRunning:
    def test_an_event(self, hooks: Project) -> None:
        result = hooks.hookman("test", "up.pre")
        assert (result.code, hooks.trace()) == (0, ["script a", "top", "function up"])
        assert "✔ project.up.pre/a.sh  ok, exit 0" in result.out
        assert (hooks.box.runs(), hooks.box.calls()) == ([], [])

    def test_both_events_of_a_command_and_how_a_failure_counts(self, hooks: Project) -> None:
        result = hooks.hookman("test", "up")
        assert result.code == 1
        assert hooks.trace()[-1] == "script b"
        assert "docker compose up would have ended with exit code 0" in result.out

    def test_a_script_by_its_name(self, hooks: Project) -> None:
        assert hooks.hookman("test", "a.sh").code == 0
        assert hooks.trace() == ["script a"]

    def test_a_function_with_arguments(self, hooks: Project) -> None:
        assert hooks.hookman("test", "hook_pre_up", "--", "-d", "a b").code == 0
        assert hooks.trace() == ["top", "function up -d a b"]

    def test_a_database_function_gets_its_arguments_alone(self, hooks: Project) -> None:
        hooks.hookman("test", "hook_pre_db_import", "--", "/x.sql")
        assert hooks.trace() == ["top", "/x.sql"]

    def test_a_function_that_is_defined_by_eval(self, shop: Project) -> None:
        shop.hooks_sh('eval "hook_pre_up() { echo ran >trace; }"\n')
        assert shop.hookman("test", "hook_pre_up").code == 0
        assert shop.trace() == ["ran"]

    @pytest.mark.parametrize(
        ("target", "hint"), [("aa.sh", "'a.sh'"), ("b", "b.sh"), ("hook_pre_upp", "hook_pre_up"), ("upp", "'up'")]
    )
    def test_a_target_that_does_not_exist_gets_a_suggestion(self, hooks: Project, target: str, hint: str) -> None:
        result = hooks.hookman("test", target)
        assert result.code != 0
        assert hint in result.err

    def test_an_event_wins_over_a_script_with_nearly_its_name(self, hooks: Project) -> None:
        hooks.script("build.pre", "build.sh", "echo build >>trace")
        assert hooks.hookman("test", "build").code == 0
        assert hooks.trace() == ["build"]

    def test_dry_run_runs_nothing(self, hooks: Project) -> None:
        result = hooks.hookman("test", "up", "--dry-run")
        assert (result.code, hooks.trace()) == (0, [])
        assert "would run  project.up.pre/a.sh" in result.out

    def test_trace_shows_each_command(self, hooks: Project) -> None:
        assert re.search(r"\+ a.sh(:2)?: echo script a\n", hooks.hookman("test", "a.sh", "--trace").err)
        hooks.script("down.pre", "c.sh", "f() {\n  bash -c true\n}\nf", first="#!/usr/bin/env bash")
        assert hooks.hookman("test", "c.sh", "--trace").err == "+ c.sh:5: f\n+ c.sh:3: bash -c true\n"
        assert "+ hooks.sh:2: echo 'function up'\n" in hooks.hookman("test", "hook_pre_up", "--trace").err

    def test_env_shows_what_the_hook_sees_with_secrets_masked(self, hooks: Project) -> None:
        hooks.write(".env", "DB_NAME=shop\nDB_PASSWORD=hunter2\n")
        result = hooks.hookman("test", "hook_pre_up", "--env")
        assert "DB_NAME=shop\n" in result.out
        assert "DB_PASSWORD=***\n" in result.out
        assert f"HOOKMAN_PROJECT_DIR={hooks.path}\n" in result.out
        assert "hunter2" not in result.out + result.err

    def test_env_says_what_compose_takes_from_env_files_and_hooks_do_not(self, hooks: Project) -> None:
        hooks.write(".env", "PS4=$$\nNODE_ENV=dev\n")
        sub = hooks.write("sub/.env", "DB_NAME=sub\n").parent
        result = hooks.box.hookman("test", "hook_pre_up", "--env", cwd=sub)
        assert f"hooks do not see the values of {sub}/.env, because it is not the project's own\n" in result.err
        assert f"hooks do not get PS4 from {hooks.path}/.env: it changes how programs start\n" in result.err

    def test_a_variable_may_be_set(self, hooks: Project) -> None:
        hooks.write(".env", "DB_NAME=shop\n")
        hooks.hooks_sh('hook_pre_up() { echo "$DB_NAME"; }\n')
        assert hooks.hookman("test", "-e", "DB_NAME=other", "hook_pre_up").err == "other\n"

    def test_repeated_it_says_how_long_it_takes(self, hooks: Project) -> None:
        result = hooks.hookman("test", "a.sh", "--repeat", "3")
        assert (result.code, hooks.trace()) == (0, ["script a"] * 3)
        assert re.search(
            r"project.up.pre/a.sh  3 times: min [\d.]+ m?s, median [\d.]+ m?s, max [\d.]+ m?s\n", result.out
        )

    def test_a_shell_that_sees_what_the_hook_sees(self, hooks: Project) -> None:
        hooks.write(".env", "DB_NAME=shop\n")
        script = 'echo "$DB_NAME $HOOKMAN_EVENT $PWD" >trace\nexit 3\n'
        argv = [str(BIN / "hookman"), "test", "hook_pre_up", "--shell"]
        result = hooks.box.run(*argv, cwd=hooks.path, stdin=script.encode(), SHELL="/bin/sh")
        assert (result.code, hooks.trace()) == (3, [f"shop project.up.pre {hooks.path}"])

    def test_shellcheck_has_its_say(self, hooks: Project) -> None:
        hooks.script("down.pre", "c.sh", "rm $1\n")
        for words in ([], ["c.sh", "--"]):
            result = hooks.hookman("test", *words)
            assert "! c.sh:2: note: Double quote to prevent globbing and word splitting. [SC2086]\n" in result.out
        hooks.write(".dde/hooks/project.down.pre/c.sh", "#!/usr/bin/env python3\n", 0o755)
        assert hooks.hookman("test").out.endswith("5 hooks checked, 0 broken, 0 to look at\n")

    def test_a_project_that_is_not_enabled_runs_nothing(self, box: Box) -> None:
        project = box.project(enable=False)
        project.script("up.pre", "a.sh", "echo ran >>trace")
        result = project.hookman("test", "a.sh")
        assert (result.code, project.trace()) == (1, [])
        assert "hookman enable" in result.err


def test_a_secret_inside_another_value_is_masked_too(box: Box) -> None:
    project = box.project()
    project.write(".env", "DB_PASSWORD=hunter22\nDB_URL=postgres://me:hunter22@db/x\n")
    project.hooks_sh("hook_pre_up() { :; }\n")
    shown = project.hookman("test", "hook_pre_up", "--env").out
    assert "DB_URL=postgres://me:***@db/x" in shown
    assert "hunter22" not in shown


class TestSeveralTargets:
    def test_each_runs_also_if_one_before_it_fails(self, hooks: Project) -> None:
        result = hooks.hookman("test", "b.sh", "a.sh")
        assert (result.code, hooks.trace()) == (1, ["script b", "script a"])
        end = r"✔ project.up.pre/a.sh  ok, exit 0, [\d.]+ m?s\n2 of 2 targets tested, 1 failed\n$"
        assert re.search(end, result.out)

    def test_arguments_are_for_the_functions_of_all(self, hooks: Project) -> None:
        assert hooks.hookman("test", "hook_pre_up", "hook_pre_db_import", "--", "x").code == 0
        assert hooks.trace() == ["top", "function up x", "top", "x"]

    def test_a_wrong_one_is_an_error_before_any_runs(self, hooks: Project) -> None:
        result = hooks.hookman("test", "a.sh", "aa.sh")
        assert (result.code, hooks.trace()) == (2, [])
        assert "there is no hook 'aa.sh'" in result.err

    def test_an_argument_without_its_sign_is_an_error_that_shows_it(self, hooks: Project) -> None:
        result = hooks.hookman("test", "hook_pre_up", "web")
        assert (result.code, hooks.trace()) == (2, [])
        assert "if it is an argument. Fix: hookman test hook_pre_up -- web\n" in result.err

    def test_each_result_follows_what_its_hook_printed(self, shop: Project) -> None:
        for name in ("a", "b"):
            shop.script("up.pre", f"{name}.sh", f"echo {name}")
        both = shop.box.run("sh", "-c", f"{BIN}/hookman test up 2>&1", cwd=shop.path).out
        assert re.fullmatch(r"a\n✔ project.up.pre/a.sh .*\nb\n✔ project.up.pre/b.sh .*\n", both)

    def test_a_refused_one_does_not_stop_the_others(self, hooks: Project) -> None:
        hooks.hooks_sh("hook_pre_up() {\n")
        result = hooks.hookman("test", "hook_pre_up", "a.sh")
        assert (result.code, hooks.trace()) == (1, ["script a"])
        assert "hooks.sh:2: syntax error" in result.err

    def test_a_shell_is_for_one(self, hooks: Project) -> None:
        result = hooks.hookman("test", "a.sh", "b.sh", "--shell")
        assert (result.code, hooks.trace()) == (2, [])
        assert "--shell takes one TARGET" in result.err

    def test_their_environments(self, hooks: Project) -> None:
        hooks.write(".env", "DB_NAME=shop\n")
        result = hooks.hookman("test", "a.sh", "hook_pre_up", "--env")
        script, function = result.out.split("# project.up.pre/hook_pre_up\n")
        assert script.startswith("# project.up.pre/a.sh\n")
        assert ("DB_NAME" in script, "DB_NAME=shop\n" in function) == (False, True)
        assert hooks.trace() == []


@pytest.mark.parametrize("option", [["--env"], ["--trace"], ["--shell"], ["--repeat", "2"]])
def test_an_option_that_needs_a_target_says_so(hooks: Project, option: list[str]) -> None:
    result = hooks.hookman("test", *option)
    assert result.code == 2
    assert f"test: {option[0]} needs a TARGET. Fix: hookman test up {option[0]}" in result.err


def test_env_runs_nothing(hooks: Project) -> None:
    result = hooks.hookman("test", "up", "--env", "--trace")
    assert (result.code, hooks.trace()) == (0, [])
    assert "✔" not in result.out
