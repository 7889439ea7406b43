"""A script that may not be executed: its file system is mounted noexec, or its mode is for its owner alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.box import Box, Project, Result


class TestNoexec:
    @pytest.fixture
    def project(self, box: Box) -> Project:
        return box.project()

    def on_noexec(self, project: Project, *words: str) -> Result:
        """Run a command with the project's directory mounted noexec, as a home directory may be."""
        mount = f"mount --bind {project.path} {project.path}; mount -o remount,bind,noexec {project.path}"
        script = f'{mount}; cd {project.path}; exec "$@"'
        return project.box.run("unshare", "-m", "sh", "-c", script, "sh", *words, cwd=project.path)

    def test_a_script_there_stops_the_command_and_the_mount_is_named(self, project: Project) -> None:
        path = project.script("up.pre", "a.sh", "echo ran >>trace")
        result = self.on_noexec(project, "docker", "compose", "up", "-d")
        assert (result.code, project.trace(), project.box.calls()) == (1, [], [])
        assert f"{path} is on a file system that is mounted noexec" in result.err
        assert "functions in hooks.sh" in result.err

    @pytest.mark.parametrize("command", ["list", "test", "doctor"])
    def test_our_commands_name_it_too(self, project: Project, command: str) -> None:
        project.script("up.pre", "a.sh", "echo ran >>trace")
        hookman = str(project.box.run("sh", "-c", "command -v hookman").out.strip())
        assert "mounted noexec" in self.on_noexec(project, hookman, command).out

    def test_functions_run_there(self, project: Project) -> None:
        project.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
        assert self.on_noexec(project, "docker", "compose", "up", "-d").code == 0
        assert project.trace() == ["ran"]


@pytest.mark.root
def test_a_script_that_only_its_owner_may_execute_is_named_so(box: Box) -> None:
    """Root's, mode 0700, run by another user: chmod +x would not help."""
    project = box.project()
    path = project.script("up.pre", "a.sh")
    code = (
        "from hookman.hooks import scripts\n"
        f"found = scripts.look_at({str(project.path / '.dde/hooks/project.up.pre')!r}, 'project.up.pre', 'a.sh')\n"
        "print(found.problem.line)"
    )
    box.run("chmod", "-R", "a+X", box.base)
    path.chmod(0o700)
    for above in box.base.parents:
        if str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o011)
    result = box.run(
        *("setpriv", "--reuid=12345", "--clear-groups", sys.executable, "-B", "-c", code), cwd=Path(__file__).parents[2]
    )
    assert 'Hook "a.sh" may not be executed by you (mode 0700), skipped. Fix: sudo chmod a+rx ' in result.out, result
