"""Other files or another directory come to a project's path while a command runs: nothing runs that was not checked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, SOMEBODY, Box, Project
from tests.support.waiting import wait_for

SWAPPED = "is no longer the directory that was enabled when this command began"


class Place:
    """A project, somebody's clone beside it, and the shell command that puts the clone at the project's path."""

    def __init__(self, box: Box, kind: str) -> None:
        self.unasked = box.base / "unasked"
        clone = box.project("clone", enable=False)
        path = box.base / "shop"
        if kind == "a link":
            box.project("release-1")
            path.symlink_to(box.base / "release-1")
            self.swap = f"ln -sfn {clone.path} {path}"
        elif kind == "an enabled one":
            box.hookman("enable", cwd=clone.path)
            self.swap = f"mv {path} {box.base}/old; mv {clone.path} {path}"
        else:
            self.swap = f"mv {path} {box.base}/old; mv {clone.path} {path}"
        self.project = Project(box, path)
        self.project.write("compose.yaml", "services: {}\n")
        box.hookman("enable", cwd=path)
        for event in ("up.pre", "up.post"):
            for name in ("a.sh", "b.sh", "c.sh"):
                clone.script(event, name, f"echo {event}/{name} >>{self.unasked}")
        clone.hooks_sh(
            "".join(f"hook_{phase}_up() {{ echo {phase} >>{self.unasked}; }}\n" for phase in ("pre", "post"))
        )


KINDS = ("another one", "a link", "an enabled one")


@pytest.fixture(params=KINDS)
def place(box: Box, request: pytest.FixtureRequest) -> Place:
    return Place(box, request.param)


class TestAnotherDirectory:
    """At the path of the project, by rename or because a `current` link leads elsewhere now."""

    def test_while_it_waits_for_the_lock(self, place: Place) -> None:
        shop = place.project
        for event in ("up.pre", "up.post"):
            shop.script(event, "a.sh", "echo own >>../trace")
        go = shop.box.base / "go"
        os.mkfifo(go)
        held = shop.box.base / "held"
        first = shop.start("docker", "compose", "down", STUB_RUN=f"touch {held}; cat {go}; {place.swap}")
        wait_for(held)
        second = shop.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE)
        with second:
            assert second.stderr
            while b"waiting for" not in (line := second.stderr.readline()):
                assert line, "it did not wait"
            go.write_text("")
            rest = second.stderr.read().decode()
        assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 1), rest
        assert SWAPPED in rest
        assert not place.unasked.exists()

    def test_during_a_pre_script(self, place: Place) -> None:
        place.project.script("up.pre", "a.sh", place.swap)
        place.project.script("up.pre", "b.sh", "echo own >>../trace")
        result = place.project.compose("up", "-d")
        assert (result.code, place.project.box.calls()) == (1, [])
        assert SWAPPED in result.err
        assert not place.unasked.exists()

    def test_during_a_pre_function(self, place: Place) -> None:
        place.project.hooks_sh(f"hook_pre_up() {{ {place.swap}; }}\nhook_post_up() {{ echo own >>../trace; }}\n")
        result = place.project.compose("up", "-d")
        assert result.code == 1
        assert SWAPPED in result.err
        assert not place.unasked.exists()

    @pytest.mark.parametrize("has_pre_hook", [True, False])
    def test_while_compose_runs(self, place: Place, has_pre_hook: bool) -> None:
        if has_pre_hook:
            place.project.script("up.pre", "a.sh", ":")
        place.project.script("up.post", "a.sh", "echo own >>../trace")
        result = place.project.compose("up", "-d", STUB_RUN=place.swap)
        assert result.code == 1
        assert SWAPPED in result.err
        assert not place.unasked.exists()

    def test_during_a_post_script(self, place: Place) -> None:
        place.project.script("up.post", "a.sh", place.swap)
        place.project.script("up.post", "b.sh", "echo own >>../trace")
        result = place.project.compose("up", "-d")
        assert result.code == 1
        assert SWAPPED in result.err
        assert not place.unasked.exists()


class TestOtherFiles:
    """In the project itself, as an earlier hook or a `git pull` brings them."""

    BAD = ("chmod 777", f"chown {SOMEBODY}")

    @pytest.mark.parametrize("bad", BAD)
    def test_a_later_hook_that_an_earlier_one_opens_to_others_does_not_run(self, shop: Project, bad: str) -> None:
        shop.script("up.pre", "a.sh", f"{bad} .dde/hooks/project.up.pre/b.sh")
        shop.script("up.pre", "b.sh", "echo ran >>trace")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace(), shop.box.calls()) == (1, [], [])
        assert f"{shop.path}/.dde/hooks/project.up.pre/b.sh" in result.err

    @pytest.mark.parametrize("bad", BAD)
    def test_a_directory_that_is_swapped_for_one_of_others_runs_nothing(self, shop: Project, bad: str) -> None:
        swap = f"mv .dde/hooks old; cp -r old .dde/hooks; {bad} .dde/hooks"
        shop.script("up.pre", "a.sh", swap)
        shop.script("up.pre", "b.sh", "echo ran >>trace")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace(), shop.box.calls()) == (1, [], [])

    @pytest.mark.parametrize("bad", BAD)
    def test_a_hooks_sh_that_is_opened_to_others_while_compose_runs_is_not_sourced(
        self, shop: Project, bad: str
    ) -> None:
        shop.hooks_sh("echo sourced >>trace\nhook_post_up() { :; }\n")
        result = shop.compose("up", "-d", STUB_RUN=f"{bad} hooks.sh")
        assert (result.code, shop.trace()) == (1, [])

    def test_what_an_earlier_hook_writes_for_you_runs_as_it_is_then(self, shop: Project) -> None:
        write = "printf '#!/bin/sh\\necho new >>trace\\n' >.dde/hooks/project.up.pre/b.sh"
        shop.script("up.pre", "a.sh", write)
        shop.script("up.pre", "b.sh", "echo old >>trace")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["new"]

    def test_a_hook_that_an_earlier_one_makes_not_executable_is_skipped(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "chmod a-x .dde/hooks/project.up.pre/b.sh")
        shop.script("up.pre", "b.sh", "echo ran >>trace")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (0, [])
        assert "is not executable, skipped" in result.err

    @pytest.mark.parametrize("event", ["up.pre", "up.post"])
    def test_a_hook_that_an_earlier_one_removes_is_named(self, shop: Project, event: str) -> None:
        shop.script(event, "a.sh", f"rm .dde/hooks/project.{event}/b.sh")
        path = shop.script(event, "b.sh", "echo ran >>trace")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (1, [])
        assert f"{path} is gone" in result.err


@pytest.fixture
def reviewed(reviewing: Box) -> Project:
    """A project of a user who reviews."""
    return reviewing.project(enable=False)


@pytest.mark.parametrize("kind", ["script", "function"])
def test_with_review_what_a_git_pull_brings_between_pre_and_post_does_not_run(reviewed: Project, kind: str) -> None:
    reviewed.script("up.post", "a.sh", "echo old >>trace")
    reviewed.hooks_sh("hook_post_up() { echo old >>trace; }\n")
    reviewed.hookman("enable")
    file = ".dde/hooks/project.up.post/a.sh" if kind == "script" else "hooks.sh"
    result = reviewed.compose("up", "-d", STUB_RUN=f"sed -i s/old/new/ {file}")
    assert (result.code, "new" in reviewed.trace()) == (1, False)
    assert "hookman review" in result.err


def test_with_review_what_an_earlier_hook_changes_does_not_run(reviewed: Project) -> None:
    reviewed.script("up.pre", "a.sh", "sed -i s/old/new/ .dde/hooks/project.up.pre/b.sh")
    reviewed.script("up.pre", "b.sh", "echo old >>trace")
    reviewed.hookman("enable")
    result = reviewed.compose("up", "-d")
    assert (result.code, reviewed.trace(), reviewed.box.calls()) == (1, [], [])


def test_with_review_a_change_that_keeps_every_time_and_size_does_not_run_either(reviewed: Project) -> None:
    """The bytes are compared right before the start, not what stat(2) says of them."""
    reviewed.script("up.pre", "a.sh", "echo old >>trace")
    path = Path(reviewed.path / ".dde/hooks/project.up.pre/a.sh")
    reviewed.hookman("enable")
    status = path.stat()
    path.write_text(path.read_text().replace("old", "new"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (reviewed.compose("up", "-d").code, reviewed.trace()) == (1, [])
