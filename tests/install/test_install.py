"""install and uninstall: DESIGN 1.4, CONTRACT J."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.box import STUB, Box
from tests.support.trees import tree


def test_the_shim_is_in_a_directory_of_its_own_that_docker_searches_first(bare: Box) -> None:
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
