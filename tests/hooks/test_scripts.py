"""Directory hooks: CONTRACT D, and what scripts are given (B)."""

from __future__ import annotations

import os

import pytest

from tests.support.box import Box, Project


def test_only_visible_sh_files_of_the_directory_itself_run(shop: Project) -> None:  # C49, C52, C53
    shop.script("up.pre", "real.sh", "echo real >>trace")
    for name in ("README.md", "x.SH", "y.sh.bak", "z.py", ".hidden.sh", ".sh"):
        shop.script("up.pre", name, f"echo '{name}' >>trace")
    shop.script("up.pre", "lib/helper.sh", "echo helper >>trace")
    (shop.path / ".dde/hooks/project.up.pre/folder.sh").mkdir()
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["real"]


def test_scripts_run_in_byte_order_in_every_locale(shop: Project) -> None:  # C50
    for name in ("10-x.sh", "2-x.sh", "a.sh", "B.sh", "_u.sh", "é.sh", "z.sh"):
        shop.script("up.pre", name, f"echo {name} >>trace")
    shop.compose("up", "-d", LC_ALL="en_US.UTF-8")
    assert shop.trace() == ["10-x.sh", "2-x.sh", "B.sh", "_u.sh", "a.sh", "z.sh", "é.sh"]


def test_a_script_that_is_not_executable_is_skipped_with_a_warning(shop: Project) -> None:  # C51
    shop.script("up.post", "02-seed.sh", "echo seed >>trace", mode=0o644)
    shop.script("up.post", "03.sh", "echo three >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["three"])
    expected = 'Hook "02-seed.sh" is not executable, skipped. Fix: chmod +x .dde/hooks/project.up.post/02-seed.sh\n'
    assert expected in result.err


class TestLinks:  # C54
    def test_a_link_within_the_directory_runs_in_the_order_of_its_own_name(self, shop: Project) -> None:
        shop.script("up.pre", "m.sh", "echo m >>trace")
        shop.script("up.pre", "lib/tool", "echo tool >>trace")
        (shop.path / ".dde/hooks/project.up.pre/a.sh").symlink_to("lib/tool")
        shop.compose("up", "-d")
        assert shop.trace() == ["tool", "m"]

    def test_a_link_is_started_by_its_own_name(self, shop: Project) -> None:
        shop.script("up.pre", "lib/tool", 'echo "$0" >>trace')
        (shop.path / ".dde/hooks/project.up.pre/a.sh").symlink_to("lib/tool")
        shop.compose("up", "-d")
        assert shop.trace() == [str(shop.path / ".dde/hooks/project.up.pre/a.sh")]

    def test_a_link_into_a_directory_that_others_may_write_stops_the_command(self, shop: Project) -> None:
        shop.script("up.pre", "lib/tool", "echo tool >>trace")
        (shop.path / ".dde/hooks/project.up.pre/a.sh").symlink_to("lib/tool")
        (shop.path / ".dde/hooks/project.up.pre/lib").chmod(0o777)
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace(), shop.box.calls()) == (1, [], [])
        assert "any user of this machine may write to" in result.err

    def test_a_link_that_leads_out_is_skipped_with_a_warning(self, shop: Project) -> None:
        shop.script("up.pre-old", "x.sh", "echo out >>trace")
        shop.script("up.pre", "b.sh", "echo b >>trace")
        (shop.path / ".dde/hooks/project.up.pre/a.sh").symlink_to("../project.up.pre-old/x.sh")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (0, ["b"])
        assert 'Hook "a.sh" is a link that leads out of its directory, skipped' in result.err

    def test_a_link_to_nothing_is_skipped_with_a_warning(self, shop: Project) -> None:
        shop.script("up.pre", "b.sh", "echo b >>trace")
        (shop.path / ".dde/hooks/project.up.pre/a.sh").symlink_to("gone")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (0, ["b"])
        assert 'Hook "a.sh" is a link to nothing, skipped' in result.err

    def test_the_directory_itself_may_be_a_link(self, shop: Project) -> None:
        shop.write("shared/a.sh", "#!/bin/sh\necho shared >>trace\n", 0o755)
        hooks = shop.path / ".dde/hooks"
        hooks.mkdir(parents=True)
        (hooks / "project.up.pre").symlink_to(shop.path / "shared")
        shop.compose("up", "-d")
        assert shop.trace() == ["shared"]


class TestStarting:  # C55 to C58
    def test_the_first_line_chooses_the_interpreter(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "open('trace', 'w').write('python')", first="#!/usr/bin/env python3")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["python"]

    def test_dirname_of_zero_is_the_hook_directory(self, shop: Project) -> None:
        shop.script("up.pre", "lib.inc", "greet() { echo hello >>trace; }", first="")
        shop.script("up.pre", "a.sh", 'cd "$(dirname "$0")" && . ./lib.inc && cd ../../.. && greet')
        assert shop.compose("up", "-d", CDPATH="/tmp").code == 0
        assert shop.trace() == ["hello"]

    def test_without_a_first_line_sh_runs_it(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", 'echo "sh $#" >trace', first="")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["sh 0"]

    def test_an_empty_executable_file_succeeds(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", first="")
        assert shop.compose("up", "-d").code == 0

    def test_windows_line_endings_are_named(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "exit 0\r", first="#!/usr/bin/env bash\r")
        shop.script("down.pre", "a.sh", "exit 0\r", first="#!/bin/sh\r")
        result = shop.compose("down")
        assert result.code == 1
        assert 'Hook "a.sh" failed with exit code 127: Windows line endings (CRLF). Fix: sed' in result.err
        result = shop.compose("up", "-d")
        assert result.code == 1
        assert "CRLF" in result.err

    def test_a_missing_interpreter_is_named(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", first="#!/opt/nothing/here")
        result = shop.compose("up", "-d")
        assert result.code == 1
        assert 'Hook "a.sh" failed with exit code 127: its interpreter /opt/nothing/here does not exist' in result.err

    @pytest.mark.parametrize(
        "name",
        ["two words.sh", "-dash.sh", "$(touch x).sh", "quo'te\".sh", "a;b.sh", "st*r.sh", "line\nbreak.sh", "über.sh"],
    )
    def test_any_name_will_do(self, shop: Project, name: str) -> None:
        shop.script("up.pre", name, "echo ran >>trace")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["ran"]
        assert not (shop.path / "x").exists()

    def test_a_name_that_is_not_utf8_will_do(self, shop: Project) -> None:
        name = os.fsdecode(b"caf\xe9.sh")
        shop.script("up.pre", name, "echo ran >>trace; exit 3")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (1, ["ran"])
        assert b'Hook "caf\xe9.sh" failed with exit code 3' in result.stderr
        assert shop.hookman("list").code == 0


def test_missing_and_empty_directories_are_fine(shop: Project) -> None:  # C59
    shop.write(".dde/hooks/project.up.pre/.gitkeep", "")
    result = shop.compose("up", "-d")
    assert (result.code, result.err) == (0, "")


def test_a_hook_directory_that_is_a_file_stops_the_command(shop: Project) -> None:
    shop.write(".dde/hooks/project.up.pre", "")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (1, [])
    assert ".dde/hooks/project.up.pre is a file" in result.err
    assert "Traceback" not in result.err


class TestGiven:
    def test_scripts_get_no_arguments_and_the_project_directory(self, shop: Project) -> None:  # C22, C23
        shop.script("up.pre", "a.sh", 'echo "$# $(pwd) $PWD" >trace')
        shop.compose("up", "-d", "web")
        assert shop.trace() == [f"0 {shop.path} {shop.path}"]

    def test_cd_in_a_hook_moves_neither_compose_nor_the_next_hook(self, shop: Project) -> None:  # C25
        shop.script("up.pre", "a.sh", "cd /")
        shop.script("up.pre", "b.sh", "pwd >trace")
        below = shop.path / "sub"
        below.mkdir()
        assert shop.compose("up", "-d", cwd=below, STUB_RUN="pwd").out == f"{below}\n"
        assert shop.trace() == [str(shop.path)]

    def test_script_dir_and_stack_make_the_project_directory(self, shop: Project) -> None:  # C26
        shop.script("up.pre", "a.sh", 'echo "$SCRIPT_DIR/$stack" >trace')
        shop.compose("up", "-d")
        assert shop.trace() == [str(shop.path)]

    def test_scripts_get_no_dotenv_unless_the_config_says_so(self, shop: Project) -> None:  # C30
        shop.write(".env", "APP_ENV=dev\n")
        shop.script("up.pre", "a.sh", 'echo "<$APP_ENV>" >>trace')
        shop.compose("up", "-d")
        shop.write("hookman.toml", 'dotenv = "all"\n')
        shop.compose("up", "-d")
        assert shop.trace() == ["<>", "<dev>"]

    def test_the_callers_environment_reaches_scripts(self, shop: Project) -> None:  # C33
        shop.script("up.pre", "a.sh", 'echo "$MINE" >trace')
        shop.compose("up", "-d", MINE="yours")
        assert shop.trace() == ["yours"]

    def test_dockers_plugin_variables_stop_at_hooks_and_reach_compose(self, shop: Project) -> None:  # C106
        shop.script("up.pre", "a.sh", "env >trace")
        shop.compose("up", "-d", OTEL_RESOURCE_ATTRIBUTES="mine=1")
        seen = "\n".join(shop.trace())
        assert "DOCKER_CLI_PLUGIN" not in seen
        assert "OTEL_RESOURCE_ATTRIBUTES=mine=1\n" in seen + "\n"
        assert "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND" in shop.box.compose_environ()

    def test_compose_gets_the_environment_as_it_came(self, box: Box, shop: Project) -> None:
        shop.compose("version")
        before = box.compose_environ()
        shop.script("up.pre", "a.sh")
        shop.compose("up", "-d")
        after = box.compose_environ()
        varying = {"DOCKER_CLI_PLUGIN_SOCKET", "OTEL_RESOURCE_ATTRIBUTES", "_"}
        assert {k: v for k, v in after.items() if k not in varying} == {
            k: v for k, v in before.items() if k not in varying
        }
