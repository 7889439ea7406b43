"""What others may change is not run, and tells hooks nothing; the way out is one command."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from hookman.base.mounts import file_system
from hookman.consent import trust
from tests.support.box import SOMEBODY, Box, Project, Result


@pytest.fixture
def hooks(shop: Project) -> Project:
    """A project with a script and a function before `up`, settings and a .env."""
    shop.script("up.pre", "a.sh", "echo script >>trace")
    shop.hooks_sh("hook_pre_up() { echo function $SAID >>trace; }\n")
    shop.write("hookman.toml", 'skip = ["b.sh"]\n')
    shop.write(".env", "SAID=dotenv\n")
    return shop


def run_the_fix(result: Result, project: Project) -> None:
    """Type what the message says."""
    line = next(one for one in result.err.splitlines() if "chmod o-w" in one or "chown" in one)
    assert project.box.run("sh", "-c", line.removeprefix("hookman: Fix: "), cwd=project.path).code == 0


SETTINGS = ("hookman.toml", ".env")


@pytest.mark.root
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("how", ["writable", "foreign"])
def test_settings_and_env_files_that_others_may_write_stop_hooks(hooks: Project, name: str, how: str) -> None:
    path = hooks.path / name
    path.chmod(0o666) if how == "writable" else os.chown(path, SOMEBODY, SOMEBODY)
    result = hooks.compose("up", "-d")
    assert (result.code, hooks.trace(), hooks.box.calls()) == (1, [], [])
    assert str(path) in result.err
    run_the_fix(result, hooks)
    assert hooks.compose("up", "-d").code == 0
    assert hooks.trace() == ["script", "function dotenv"]


def test_settings_of_others_cannot_skip_a_guard(hooks: Project) -> None:
    hooks.write("hookman.toml", 'skip = ["a.sh", "hook_pre_up"]\n', 0o666)
    result = hooks.compose("up", "-d")
    assert (result.code, hooks.box.calls()) == (1, [])


@pytest.mark.parametrize("name", SETTINGS)
def test_a_roots_settings_and_env_file_that_others_may_write_stop_the_hooks_of_its_stacks(box: Box, name: str) -> None:
    stack = box.project("stacks/web")
    stack.script("up.pre", "a.sh", "echo ran >>trace")
    root = box.base / "stacks"
    (root / "kompose.sh").write_text("")
    (root / name).write_text("")
    assert stack.compose("up", "-d").code == 0
    (root / name).chmod(0o666)
    result = stack.compose("up", "-d")
    assert (result.code, stack.trace()) == (1, ["ran"])
    assert str(root / name) in result.err


def test_the_users_own_settings_that_others_may_write_stop_hooks(hooks: Project) -> None:
    config = hooks.box.user_settings("timeout = 5\n")
    assert hooks.compose("up", "-d").code == 0
    config.chmod(0o666)
    result = hooks.compose("up", "-d")
    assert (result.code, str(config) in result.err) == (1, True)


def test_an_env_file_named_on_the_command_line_counts_too(hooks: Project) -> None:
    path = hooks.write("more.env", "SAID=other\n", 0o666)
    result = hooks.compose("--env-file", "more.env", "up", "-d")
    assert (result.code, hooks.trace(), hooks.box.calls()) == (1, [], [])
    assert f"chmod o-w {path}" in result.err


def test_an_env_file_that_no_hook_sees_stops_none(hooks: Project) -> None:
    """Compose reads the .env of the current directory too, wherever that is."""
    elsewhere = hooks.box.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".env").write_text("SAID=elsewhere\n")
    (elsewhere / ".env").chmod(0o666)
    assert hooks.compose("-f", f"{hooks.path}/compose.yaml", "up", "-d", cwd=elsewhere).code == 0
    assert hooks.trace() == ["script", "function dotenv"]


def test_what_a_name_hides_is_shown_escaped(shop: Project) -> None:
    shop.script("up.pre", "a\x1b[2K.sh", "echo ran >>trace", 0o777)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, [])
    assert "\x1b" not in result.err


@pytest.mark.parametrize("what", ["--skip-hooks", "a command without hooks"])
def test_without_hooks_all_of_it_is_compose_s_alone(hooks: Project, what: str) -> None:
    for name in (*SETTINGS, "hooks.sh", ".dde/hooks/project.up.pre/a.sh"):
        (hooks.path / name).chmod(0o777)
    words = ("up", "-d", "--skip-hooks") if what == "--skip-hooks" else ("ps",)
    assert hooks.compose(*words).code == 0
    assert hooks.box.calls()
    assert hooks.trace() == []


def test_a_directory_above_that_others_may_write_stops_hooks(box: Box) -> None:
    """Who may rename a directory on the way puts another one in its place."""
    project = box.project("open/between/shop")
    project.script("up.pre", "a.sh", "echo ran >>trace")
    (box.base / "open").chmod(0o777)
    result = project.compose("up", "-d")
    assert (result.code, project.trace()) == (1, [])
    assert f"chmod o-w {box.base / 'open'}" in result.err
    (box.base / "open").chmod(0o1777)  # as /tmp: nobody moves what is another's
    assert project.compose("up", "-d").code == 0


@pytest.mark.root
def test_a_directory_above_that_somebody_else_owns_stops_hooks(box: Box) -> None:
    project = box.project("theirs/shop")
    project.script("up.pre", "a.sh", "echo ran >>trace")
    os.chown(box.base / "theirs", SOMEBODY, SOMEBODY)
    result = project.compose("up", "-d")
    assert (result.code, project.trace()) == (1, [])
    assert f"{box.base / 'theirs'} belongs to another user" in result.err


@pytest.mark.parametrize("name", ["hooks.sh", ".dde"])
def test_what_a_link_leads_to_is_looked_at_with_all_above_it(hooks: Project, name: str) -> None:
    away = hooks.box.base / "open/away"
    away.mkdir(parents=True)
    (hooks.path / name).rename(away / name)
    (hooks.path / name).symlink_to(away / name)
    assert hooks.compose("up", "-d").code == 0
    (hooks.box.base / "open").chmod(0o777)
    result = hooks.compose("up", "-d")
    assert (result.code, hooks.trace()) == (1, ["script", "function dotenv"])
    assert f"chmod o-w {hooks.box.base / 'open'}" in result.err


@pytest.mark.root
def test_one_message_names_all_and_one_command_fixes_all(hooks: Project) -> None:
    hooks.script("up.post", "with space.sh", "echo post >>trace")
    foreign = [hooks.path / "hooks.sh", hooks.path / ".dde"]
    writable = [hooks.path / ".env", hooks.path / ".dde/hooks/project.up.post/with space.sh", hooks.path]
    for path in foreign:
        os.chown(path, SOMEBODY, SOMEBODY)
    for path in writable:
        path.chmod(path.stat().st_mode | 0o002)
    result = hooks.compose("up", "-d")
    assert result.code == 1
    lines = [line for line in result.err.splitlines() if " chown " in line or " chmod " in line]
    assert len(lines) == 1, result.err
    assert {str(path) for path in (*foreign, *writable)} <= set(shlex.split(lines[0]))
    run_the_fix(result, hooks)
    assert hooks.compose("up", "-d").code == 0
    assert hooks.trace() == ["script", "function dotenv", "post"]


class TestEnable:
    def test_it_says_at_once_what_would_be_refused(self, box: Box) -> None:
        project = box.project(enable=False)
        path = project.hooks_sh("hook_pre_up() { :; }\n", 0o666)
        result = project.hookman("enable")
        assert result.code == 0
        assert f"chmod o-w {path}" in result.err
        run_the_fix(result, project)
        assert project.compose("up", "-d").code == 0

    @pytest.mark.root
    def test_trust_owner_lets_what_the_directorys_owner_owns_run(self, hooks: Project) -> None:
        for path in (hooks.path, *hooks.path.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY)
        result = hooks.compose("up", "-d")
        assert result.code == 1
        assert f"hookman enable --trust-owner {hooks.path}" in result.err
        assert hooks.hookman("enable", "--trust-owner").code == 0
        assert hooks.compose("up", "-d").code == 0
        assert hooks.trace() == ["script", "function dotenv"]
        assert f"its owner (number {SOMEBODY}) is trusted" in hooks.hookman("list").out
        assert f"its owner (number {SOMEBODY}) is trusted" in hooks.hookman("doctor").out

    @pytest.mark.root
    def test_trust_owner_trusts_nobody_else(self, hooks: Project) -> None:
        os.chown(hooks.path, SOMEBODY, SOMEBODY)
        os.chown(hooks.path / "hooks.sh", SOMEBODY + 1, SOMEBODY + 1)
        hooks.hookman("enable", "--trust-owner")
        assert hooks.compose("up", "-d").code == 1
        os.chown(hooks.path / "hooks.sh", SOMEBODY, SOMEBODY)
        (hooks.path / "hooks.sh").chmod(0o666)
        assert hooks.compose("up", "-d").code == 1

    def test_shared_accepts_what_others_may_write_until_it_is_disabled(self, hooks: Project) -> None:
        for path in (hooks.path, *hooks.path.rglob("*")):
            path.chmod(0o777)
        result = hooks.compose("up", "-d")
        assert result.code == 1
        assert f"hookman enable --shared {hooks.path}" in result.err
        assert hooks.hookman("enable", "--shared").code == 0
        assert hooks.compose("up", "-d").code == 0
        assert "what others may write here runs too" in hooks.hookman("list").out
        assert "what others may write here runs too" in hooks.hookman("doctor").out
        hooks.hookman("disable")
        hooks.hookman("enable")
        assert hooks.compose("up", "-d").code == 1

    def test_shared_is_for_one_directory(self, hooks: Project) -> None:
        other = hooks.box.project("other")
        other.hooks_sh("hook_pre_up() { :; }\n", 0o666)
        hooks.hookman("enable", "--shared")
        assert other.compose("up", "-d").code == 1

    def test_a_shared_root_covers_its_stacks(self, box: Box) -> None:
        stack = box.project("stacks/web", enable=False)
        stack.script("up.pre", "a.sh", "echo ran >>trace", 0o777)
        assert box.hookman("enable", "--shared", "--yes", cwd=box.base / "stacks").code == 0
        assert stack.compose("up", "-d").code == 0
        assert stack.trace() == ["ran"]


@pytest.mark.parametrize("kind", ["9p", "drvfs", "vfat", "cifs", "fuseblk"])
def test_where_a_file_system_has_no_modes_the_way_out_is_not_chmod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("hookman.base.mounts.file_system", lambda _path: kind)
    error = trust.refusal([trust.Complaint(path=str(tmp_path / "hooks.sh"))], str(tmp_path))
    assert error.fix.splitlines()[0] == f"hookman enable --shared {tmp_path}"
    assert kind in error.fix


def test_the_kind_of_a_file_system_is_known() -> None:
    assert file_system("/proc/self") == "proc"
    assert file_system("/no/such/path") == ""


def test_a_pipe_in_place_of_hooks_sh_stops_the_command_and_nobody_waits(shop: Project) -> None:
    os.mkfifo(shop.path / "hooks.sh")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (1, [])
    assert f"{shop.path}/hooks.sh is not a regular file" in result.err


def test_an_env_file_that_is_a_link_to_dev_null_stops_nothing(shop: Project) -> None:
    (shop.path / ".env").symlink_to("/dev/null")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize("command", ["enable", "list", "doctor", "init", "test"])
def test_a_pipe_in_place_of_hooks_sh_keeps_none_of_our_commands_waiting(shop: Project, command: str) -> None:
    os.mkfifo(shop.path / "hooks.sh")
    assert "Traceback" not in shop.hookman(command).err
