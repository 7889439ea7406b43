"""Only what nobody else may change is run (DESIGN 1.4)."""

from __future__ import annotations

import os

import pytest

from tests.support.box import SOMEBODY, Box, Project


class TestWhatOthersMayChange:
    @pytest.fixture
    def hooks(self, shop: Project) -> Project:
        """A project with a script and a function before `up`."""
        shop.script("up.pre", "a.sh", "echo script >>trace")
        shop.hooks_sh("hook_pre_up() { echo function >>trace; }\n")
        return shop

    PLACES = ("", ".dde", ".dde/hooks", ".dde/hooks/project.up.pre", ".dde/hooks/project.up.pre/a.sh", "hooks.sh")

    @pytest.mark.parametrize("place", PLACES)
    def test_any_user_may_write(self, hooks: Project, place: str) -> None:
        path = hooks.path / place
        path.chmod(path.stat().st_mode | 0o002)
        result = hooks.compose("up", "-d")
        assert (result.code, hooks.trace(), hooks.box.calls()) == (1, [], [])
        assert f"any user of this machine may write to {path}" in result.err
        assert f"chmod o-w {path}" in result.err
        path.chmod(path.stat().st_mode & ~0o002)
        assert hooks.compose("up", "-d").code == 0
        assert hooks.trace() == ["script", "function"]

    @pytest.mark.root
    @pytest.mark.parametrize("place", PLACES)
    def test_another_user_owns(self, hooks: Project, place: str) -> None:
        path = hooks.path / place
        os.chown(path, SOMEBODY, SOMEBODY)
        result = hooks.compose("up", "-d")
        assert (result.code, hooks.trace(), hooks.box.calls()) == (1, [], [])
        assert f"{path} belongs to another user (number {SOMEBODY})" in result.err
        assert f"chown {os.geteuid()} {path}" in result.err

    @pytest.mark.root
    def test_a_sudo_uid_trusts_nobody(self, hooks: Project) -> None:
        """A root shell keeps it from long ago."""
        for path in (hooks.path, *hooks.path.rglob("*")):
            os.chown(path, SOMEBODY, SOMEBODY)
        result = hooks.compose("up", "-d", SUDO_UID=str(SOMEBODY))
        assert (result.code, hooks.trace(), hooks.box.calls()) == (1, [], [])
        assert f"hookman enable --trust-owner {hooks.path}" in result.err

    def test_going_without_hooks_works(self, hooks: Project) -> None:
        hooks.path.chmod(0o777)
        assert hooks.compose("up", "-d", "--skip-hooks").code == 0

    def test_an_event_without_hooks_asks_nothing(self, hooks: Project) -> None:
        (hooks.path / ".dde/hooks").chmod(0o777)
        assert hooks.compose("down").code == 0

    def test_the_group_may_write_and_doctor_mentions_it(self, hooks: Project) -> None:
        path = hooks.path / "hooks.sh"
        path.chmod(0o664)
        assert hooks.compose("up", "-d").code == 0
        shown = hooks.hookman("doctor")
        assert shown.code == 0
        assert f"chmod g-w {path}" in shown.out

    def test_a_directory_above_with_a_kompose_sh_that_others_may_change_is_no_root(self, box: Box) -> None:
        stacks = box.base / "stacks"
        stack = box.project("stacks/web")
        stack.script("up.pre", "a.sh", 'echo "$SHARED" >>trace')
        (stacks / "kompose.sh").write_text("")
        (stacks / ".env").write_text("SHARED=yes\n")
        stack.write("hookman.toml", 'dotenv = "all"\n')
        stack.compose("up", "-d")
        stacks.chmod(0o1777)
        stack.compose("up", "-d")
        assert stack.trace() == ["yes", ""]
