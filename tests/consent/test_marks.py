"""Consent: for exactly one directory, and only what nobody else may change is run (DESIGN 1.4)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hookman.base.paths import enabled_mark
from hookman.consent import marks
from tests.support.box import SOMEBODY, Box, Project


def test_another_directory_at_the_path_is_asked_about_again(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    evil = box.project("evil", enable=False)
    evil.script("up.pre", "a.sh", "echo evil >>trace")
    shutil.move(shop.path, box.base / "aside")
    shutil.move(evil.path, shop.path)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), box.calls()) == (0, [], ["<compose><up><-d>"])
    assert "is not the directory that was enabled" in result.err
    assert result.err.endswith("hookman enable\n")
    assert shop.hookman("enable").out.startswith("enabled")
    shop.compose("up", "-d")
    assert shop.trace() == ["evil"]


def test_a_directory_moved_away_and_back_is_the_same(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shutil.move(shop.path, box.base / "aside")
    shutil.move(box.base / "aside", shop.path)
    shop.compose("up", "-d")
    assert shop.trace() == ["ran"]


@pytest.mark.root
def test_a_mark_that_another_user_wrote_counts_for_nothing(tmp_path: Path) -> None:
    data, project = str(tmp_path / "data"), str(tmp_path / "shop")
    os.mkdir(project)
    marks.enable(data, project, marks.PROJECT)
    assert marks.is_enabled(data, project)
    os.chown(enabled_mark(data, project), SOMEBODY, SOMEBODY)
    assert not marks.is_enabled(data, project)


def test_a_mark_that_is_a_link_counts_for_nothing(tmp_path: Path) -> None:
    data, project = str(tmp_path / "data"), str(tmp_path / "shop")
    os.mkdir(project)
    marks.enable(data, project, marks.PROJECT)
    mark = Path(enabled_mark(data, project))
    mark.rename(tmp_path / "mark")
    mark.symlink_to(tmp_path / "mark")
    assert not marks.is_enabled(data, project)


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


@pytest.mark.parametrize(
    "name",
    [
        *("HOOKMAN_DATA_DIR", "HOOKMAN_SKIP", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "SHELLOPTS"),
        *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_TLS"),
    ],
)
def test_a_dotenv_file_cannot_say_what_hookman_starts_or_where(box: Box, name: str) -> None:
    """docs/rules.md; neither the project's .env nor its root's, neither for hooks nor for Compose."""
    stack = box.project("stacks/web")
    (box.base / "stacks/kompose.sh").write_text("")
    (box.base / "stacks/.env").write_text(f"{name}=/planted\nPLAIN=root\n")
    stack.write(".env", f"{name}=/planted\nOWN=stack\n")
    stack.hooks_sh(f'hook_pre_up() {{ echo "${{{name}-unset}} $PLAIN $OWN" >>trace; }}\n')
    assert stack.compose("up", "-d").code == 0
    seen = stack.trace()[0]
    assert "/planted" not in seen
    assert seen.endswith("root stack")
    assert box.compose_environ().get(name) != "/planted"
    assert box.compose_environ()["PLAIN"] == "root"


def test_a_dotenv_file_cannot_change_the_path_or_pythons_paths(box: Box, shop: Project) -> None:
    (shop.path / "bin").mkdir()
    for name in ("bash", "sh", "cat", "python3"):
        fake = shop.path / "bin" / name
        fake.write_text("#!/bin/sh\ntouch planted\n")
        fake.chmod(0o755)
    (shop.path / "bin/json.py").write_text("import os; os.mkdir('planted')\n")
    shop.write(".env", f"PATH={shop.path}/bin\nPYTHONPATH={shop.path}/bin\nPYTHONSTARTUP=x\nHOME=/nowhere\n")
    shop.hooks_sh('hook_pre_up() { echo "$PATH" >>trace; }\n')
    assert shop.compose("up", "-d").code == 0
    assert not (shop.path / "planted").exists()
    assert not shop.trace()[0].startswith(str(shop.path))
    assert len(box.runs()) == 1
