"""install --standalone: the docker-compose command has hooks, too."""

from __future__ import annotations

import shutil

import pytest

from tests.support.box import STUB, Box, Project
from tests.support.trees import tree


class TestStandalone:
    """`docker-compose`, the command by itself."""

    @pytest.fixture
    def here(self, bare: Box) -> Box:
        """A machine with a docker-compose command behind ~/.local/bin on the PATH."""
        for name in ("bin", "home/.local/bin"):
            (bare.base / name).mkdir(parents=True)
        shutil.copy(STUB, bare.base / "bin/docker-compose")
        bare.environ["PATH"] = f"{bare.home}/.local/bin:{bare.base}/bin:{bare.environ['PATH']}"
        bare.project().script("up.pre", "a.sh", "echo ran >>trace")
        return bare

    def test_it_runs_hooks_too(self, here: Box) -> None:
        before = tree(here.home / ".local/bin")
        assert here.hookman("install", "--standalone").code == 0
        shop = Project(here, here.base / "shop")
        assert here.run("docker-compose", "up", "-d", cwd=shop.path).code == 0
        assert (shop.trace(), here.calls()) == (["ran"], ["<up><-d>"])
        assert "installed already" in here.hookman("install", "--standalone").out
        assert "all is well" in here.hookman("doctor").out
        assert here.hookman("uninstall").code == 0
        assert tree(here.home / ".local/bin") == before
        assert here.run("docker-compose", "ps", cwd=shop.path).code == 0
        assert here.calls()[-1] == "<ps>"

    def test_the_log_shows_what_was_typed(self, here: Box) -> None:
        here.hookman("install", "--standalone")
        here.run("docker-compose", "up", "-d", cwd=here.base / "shop")
        assert here.runs()[-1]["argv"] == ["docker-compose", "up", "-d"]

    def test_skip_hooks_and_help(self, here: Box) -> None:
        here.hookman("install", "--standalone")
        shop = Project(here, here.base / "shop")
        assert here.run("docker-compose", "up", "-d", "--skip-hooks", cwd=shop.path).code == 0
        assert here.run("docker-compose", "up", "--help", cwd=shop.path).code == 0
        assert (shop.trace(), here.calls()) == ([], ["<up><-d>", "<up><--help>"])

    def test_inside_a_hook_it_runs_no_hooks_again(self, here: Box) -> None:
        here.hookman("install", "--standalone")
        shop = Project(here, here.base / "shop")
        shop.script("up.pre", "b.sh", "docker-compose up web")
        assert here.run("docker-compose", "up", "-d", cwd=shop.path).code == 0
        assert (shop.trace(), here.calls()) == (["ran"], ["<up><web>", "<up><-d>"])

    def test_a_docker_compose_that_calls_docker_compose_runs_hooks_once(self, here: Box) -> None:
        (here.base / "bin/docker-compose").write_text('#!/bin/sh\ndocker compose "$@"\n')
        assert here.hookman("install", "--standalone").code == 0
        shop = Project(here, here.base / "shop")
        shop.write("hookman.toml", "lock_timeout = 5\n")
        assert here.run("docker-compose", "up", "-d", cwd=shop.path).code == 0
        assert (shop.trace(), here.calls()) == (["ran"], ["<compose><up><-d>"])

    def test_a_path_without_room_before_it_is_a_clear_error(self, here: Box) -> None:
        path = here.environ["PATH"].partition(":")[2]
        result = here.hookman("install", "--standalone", PATH=path)
        assert result.code == 1
        assert f"before {here.base}/bin/docker-compose" in result.err
        assert f"put {here.home}/.local/bin or" in result.err

    def test_a_file_in_the_place_of_the_link_is_left_alone(self, here: Box) -> None:
        own = here.home / ".local/bin/docker-compose"
        own.write_text("mine")
        assert here.hookman("install", "--standalone").code == 1
        assert own.read_text() == "mine"

    def test_without_such_a_command_there_is_nothing_to_cover(self, bare: Box) -> None:
        result = bare.hookman("install", "--standalone")
        assert result.code == 1
        assert "no docker-compose command" in result.err
        assert "`docker compose` does not need" in result.err

    def test_the_shim_gone_leaves_the_command(self, here: Box) -> None:
        here.hookman("install", "--standalone")
        shutil.rmtree(here.data)
        assert here.run("docker-compose", "ps").code == 0
