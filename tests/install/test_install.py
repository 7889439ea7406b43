"""install and uninstall: DESIGN 1.4, CONTRACT J."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.box import BIN, STUB, Box, Project


def tree(base: Path) -> dict[str, bytes | str]:
    """Every file below `base` with its content, every link with its target."""
    return {
        str(path.relative_to(base)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(base.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_the_shim_lies_in_a_directory_of_its_own_that_docker_searches_first(bare: Box) -> None:
    bare.install()
    plugins = bare.data / "cli-plugins"
    assert json.loads((bare.config / "config.json").read_text()) == {"cliPluginsExtraDirs": [str(plugins)]}
    assert [path.name for path in plugins.iterdir()] == ["docker-compose"]
    listed = bare.run("docker", "info", "--format", "{{json .ClientInfo.Plugins}}")
    compose = next(one for one in json.loads(listed.out) if one["Name"] == "compose")
    assert compose["Path"] == str(plugins / "docker-compose")


def test_a_compose_installed_by_hand_stays_there_and_is_the_real_one(bare: Box) -> None:  # C100
    before = tree(bare.config)
    bare.install()
    assert bare.run("docker", "compose", "version").code == 0
    assert bare.calls() == ["<compose><version>"]
    assert {name: content for name, content in tree(bare.config).items() if name in before} == before


def test_installing_twice_changes_nothing(bare: Box) -> None:  # C99
    bare.install()
    before = tree(bare.base)
    result = bare.hookman("install")
    assert result.code == 0
    assert "installed already" in result.out
    assert tree(bare.base) == before


@pytest.mark.parametrize(
    "text",
    [
        '{"auths": {}, "cliPluginsExtraDirs": ["/opt/brew"], "zeta": 1, "alpha": {"b": "ü"}}',
        '{\n  "credsStore": "x",\n  "auths": {}\n}\n',
        '{\n\t"auths": {}\n}',
        "{}",
        "",
        None,
    ],
)
def test_uninstall_puts_config_json_back_byte_for_byte(bare: Box, text: str | None) -> None:
    path = bare.config / "config.json"
    if text is not None:
        path.write_text(text)
    bare.install()
    document = json.loads(path.read_text())
    assert document["cliPluginsExtraDirs"][0] == str(bare.data / "cli-plugins")
    if text:
        assert {**json.loads(text), **document}.keys() == document.keys()
    assert bare.hookman("uninstall").code == 0
    assert (path.read_text() if path.exists() else None) == text or (not text and not path.exists())
    assert not (bare.data / "cli-plugins").exists()
    assert bare.hookman("uninstall").out == "hookman was not installed\n"


def test_what_docker_wrote_meanwhile_is_kept(bare: Box) -> None:
    path = bare.config / "config.json"
    path.write_text('{"auths": {}}')
    bare.install()
    document = json.loads(path.read_text())
    document["auths"]["example.com"] = {"auth": "x"}
    path.write_text(json.dumps(document, indent="\t"))
    bare.hookman("uninstall")
    assert json.loads(path.read_text()) == {"auths": {"example.com": {"auth": "x"}}}


def test_the_mode_of_config_json_and_its_being_a_link_are_kept(bare: Box) -> None:
    real = bare.home / "dotfiles.json"
    real.write_text('{"auths": {}}')
    real.chmod(0o640)
    (bare.config / "config.json").symlink_to(real)
    bare.install()
    assert (bare.config / "config.json").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "cliPluginsExtraDirs" in real.read_text()


@pytest.mark.parametrize("text", ['{"auths": {},} // mine', "[]", '{"cliPluginsExtraDirs": "x"}'])
def test_a_config_json_that_cannot_be_parsed_is_refused_with_the_line_to_add(bare: Box, text: str) -> None:
    path = bare.config / "config.json"
    path.write_text(text)
    result = bare.hookman("install")
    assert result.code == 78
    assert str(path) in result.err
    assert f'"cliPluginsExtraDirs": ["{bare.data}/cli-plugins"]' in result.err
    assert path.read_text() == text


def test_without_a_compose_there_is_nothing_to_stand_in_front_of(bare: Box) -> None:
    (bare.config / "cli-plugins/docker-compose").unlink()
    result = bare.hookman("install")
    assert result.code == 1
    assert "there is no Docker Compose" in result.err
    assert not (bare.data / "cli-plugins").exists()


def test_a_docker_with_directories_of_its_own_is_asked_where_its_compose_is(bare: Box, tmp_path: Path) -> None:
    odd = tmp_path / "nix/store/docker-28/libexec/docker/cli-plugins"
    odd.mkdir(parents=True)
    (bare.config / "cli-plugins/docker-compose").rename(odd / "docker-compose")
    plugins = [{"Name": "compose", "Path": str(odd / "docker-compose")}]
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\necho '{json.dumps(plugins)}'\n")
    docker.chmod(0o755)
    bare.environ["PATH"] = f"{docker.parent}:{bare.environ['PATH']}"
    assert f"starts     {odd}/docker-compose" in bare.hookman("install").out
    shim = bare.data / "cli-plugins/docker-compose"
    assert bare.run(shim, "compose", "version").code == 0
    assert bare.calls() == ["<compose><version>"]


def test_installing_inside_a_project_enables_it(bare: Box) -> None:
    project = bare.project(enable=False)
    project.script("up.pre", "a.sh", "echo ran >>trace")
    assert "enabled" in project.hookman("install").out
    project.compose("up", "-d")
    assert project.trace() == ["ran"]


def test_installing_elsewhere_enables_nothing(bare: Box) -> None:
    bare.install()
    assert not (bare.data / "enabled").exists()


def test_a_file_in_the_way_of_the_shim_is_kept(bare: Box) -> None:
    plugins = bare.data / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").write_text("somebody's own")
    bare.install()
    assert (bare.data / "docker-compose.kept").read_text() == "somebody's own"
    assert bare.run("docker", "compose", "version").code == 0


def test_paths_with_spaces_and_quotes(tmp_path: Path) -> None:
    box = Box(tmp_path / 'it\'s a "home" $HOME', STUB)
    box.install()
    shop = box.project("my shop")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.compose("up", "-d").code == 0
    assert (shop.trace(), box.calls()) == (["ran"], ["<compose><up><-d>"])


def test_a_data_directory_of_ones_own_holds_without_the_variable(bare: Box) -> None:
    shop = bare.project(enable=False)
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.hookman("install", HOOKMAN_DATA_DIR=str(bare.base / "mine")).code == 0
    assert shop.compose("up", "-d").code == 0  # an editor or cron has no such variable
    assert shop.trace() == ["ran"]
    assert list((bare.base / "mine/projects").iterdir()) != []


def test_an_unwritable_data_directory_is_a_clear_error(bare: Box) -> None:
    (bare.base / "file").write_text("")
    result = bare.hookman("install", HOOKMAN_DATA_DIR=str(bare.base / "file/below"))
    assert result.code == 1
    assert "can't write" in result.err
    assert "Traceback" not in result.err
    assert not (bare.config / "config.json").exists()


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


@pytest.fixture
def left(box: Box) -> Path:
    """What an install leaves that was killed before its shim was complete."""
    path = box.data / "cli-plugins/.0123456789abcdef.hookman"
    path.write_text("#!/bin/sh")
    return path


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_what_a_killed_install_left_is_removed(box: Box, left: Path, command: str) -> None:
    result = box.hookman(command)
    assert (result.code, left.exists()) == (0, False), result


def test_a_file_of_another_name_beside_the_shim_stays(box: Box, left: Path) -> None:
    other = left.rename(left.with_name(".mine.hookman"))
    assert box.hookman("install").code == 0
    assert other.exists()


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
