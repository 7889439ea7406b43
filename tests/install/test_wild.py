"""install on machines as they are: other places of Compose, other configurations, a kill in the middle."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess

import pytest

from tests.support.box import BIN, STUB, Box, Project


class TestWild:
    """What people have: other plugins, other directories, other configurations."""

    def ran(self, box: Box, *docker: str) -> bool:
        """Does `docker compose up` run the hooks of a project?"""
        shop = Project(box, box.base / "shop")
        (shop.path / "trace").unlink(missing_ok=True)
        shop.script("up.pre", "a.sh", "echo ran >>trace")
        assert shop.docker(*docker, "compose", "up", "-d").code == 0
        return shop.trace() == ["ran"]

    @pytest.fixture
    def with_shop(self, bare: Box) -> Box:
        bare.project()
        return bare

    def test_compose_as_a_file_among_the_users_plugins(self, with_shop: Box) -> None:
        path = with_shop.config / "cli-plugins/docker-compose"
        path.unlink()
        shutil.copy(STUB, path)
        with_shop.install()
        assert self.ran(with_shop)

    def test_compose_in_an_extra_directory_with_a_dangling_link_before_it(self, with_shop: Box) -> None:
        extra = with_shop.base / "Docker Desktop"
        extra.mkdir()
        shutil.copy(STUB, extra / "docker-compose")
        link = with_shop.config / "cli-plugins/docker-compose"
        link.unlink()
        link.symlink_to("/nowhere")
        (with_shop.config / "config.json").write_text(json.dumps({"cliPluginsExtraDirs": ["/gone", str(extra)]}))
        with_shop.install()
        assert self.ran(with_shop)

    def test_an_upgrade_of_compose_needs_no_new_install(self, with_shop: Box) -> None:
        with_shop.install()
        path = with_shop.config / "cli-plugins/docker-compose"
        path.unlink()
        shutil.copy(STUB, path)
        assert self.ran(with_shop)

    def test_a_docker_config_of_ones_own(self, with_shop: Box) -> None:
        other = with_shop.base / "other config"
        shutil.copytree(with_shop.config, other, symlinks=True)
        with_shop.environ["DOCKER_CONFIG"] = str(other)
        with_shop.install()
        assert self.ran(with_shop)
        assert not (with_shop.config / "config.json").exists()

    def test_the_compose_of_a_config_named_on_the_command_line_is_the_real_one(self, with_shop: Box) -> None:
        other = with_shop.base / "other"
        (other / "cli-plugins").mkdir(parents=True)
        real = other / "cli-plugins/docker-compose"
        real.write_text(f'#!/bin/sh\n[ $1 = docker-cli-plugin-metadata ] || touch other-compose\nexec {STUB} "$@"\n')
        real.chmod(0o755)
        assert with_shop.hookman("install", DOCKER_CONFIG=str(other)).code == 0
        for words in (["--config", str(other)], [f"--config={other}"]):
            assert self.ran(with_shop, *words)
            (with_shop.base / "shop/other-compose").unlink()

    def test_without_a_home(self, with_shop: Box) -> None:
        with_shop.install()
        del with_shop.environ["HOME"]
        with_shop.environ["DOCKER_CONFIG"] = str(with_shop.config)  # docker itself asks for the account's home
        assert self.ran(with_shop)

    def test_docker_login_meanwhile_keeps_us(self, with_shop: Box) -> None:
        with_shop.install()
        logged_out = with_shop.run("docker", "logout", "registry.example")  # rewrites config.json
        assert logged_out.code == 0
        assert self.ran(with_shop)

    @pytest.mark.root
    def test_a_read_only_config_is_refused_with_the_line_to_add(self, with_shop: Box) -> None:
        path = with_shop.config / "config.json"
        path.write_text("{}")
        script = f"mount --bind {path} {path} && mount -o remount,bind,ro {path} && exec {BIN}/hookman install"
        result = with_shop.run("unshare", "-m", "sh", "-c", script)
        assert result.code == 78
        assert "read-only" in result.err
        assert f'"cliPluginsExtraDirs": ["{with_shop.data}/cli-plugins"]' in result.err
        assert path.read_text() == "{}"

    def test_an_install_that_is_killed_leaves_a_working_compose(self, with_shop: Box) -> None:
        killed = 0
        moments = random.Random(3)  # noqa: S311 (any moment will do)
        for turn in range(12):
            process = subprocess.Popen(
                [BIN / "hookman", "uninstall" if turn % 2 else "install"],
                env=with_shop.environ,
                stdout=subprocess.DEVNULL,
            )
            try:
                process.wait(moments.uniform(0.05, 0.25))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
            assert with_shop.run("docker", "compose", "version").code == 0
        assert killed
        with_shop.install()
        assert self.ran(with_shop)
        assert [path.name for path in (with_shop.data / "cli-plugins").iterdir()] == ["docker-compose"]
