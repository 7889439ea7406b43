"""The variables that aim a call of docker compose in a hook at the project of the outer command line."""

from __future__ import annotations

from typing import Any

import pytest

from hookman.base.records import replaced
from hookman.compose.commandline import parse
from hookman.compose.project import Project
from hookman.hooks.target import name_is_found, target
from tests.support.box import Box
from tests.support.contexts import create_context

SHOP = Project(
    directory="/p/shop",
    real="/p/shop",
    name="shop",
    sure=True,
    files=["/p/shop/compose.yaml"],
    env_files=["/p/shop/.env"],
    own_env_files=["/p/shop/.env"],
    explicit_files=False,
)
NAME = {"COMPOSE_PROJECT_NAME": "shop"}


def aimed(line: str = "compose up", environ: dict[str, str] | None = None, **project: Any) -> dict[str, str]:
    return target(parse(line.split()), replaced(SHOP, **project), environ or {}, "/cwd")


def test_a_plain_command_tells_only_the_name() -> None:
    assert aimed() == NAME


def test_a_name_that_only_compose_knows_is_not_told() -> None:
    assert aimed(sure=False) == {}


def test_files_that_were_named_are_told() -> None:
    assert aimed(explicit_files=True, files=["/a", "/b"]) == NAME | {
        "COMPOSE_FILE": "/a:/b",
        "COMPOSE_PATH_SEPARATOR": ":",
        "HOOKMAN_COMPOSE_FILES": "/a\n/b",
    }


def test_stdin_was_read_already_and_is_not_told() -> None:
    assert aimed(explicit_files=True, files=["-"]) == NAME


@pytest.mark.parametrize(
    ("files", "separator"), [(["/a:b"], ";"), (["/a:;"], "|"), (["/a:;|"], "\n"), (["/a:;|\nb"], "//:")]
)
def test_what_separates_files_is_in_none_of_them(files: list[str], separator: str) -> None:
    assert aimed(explicit_files=True, files=files)["COMPOSE_PATH_SEPARATOR"] == separator


def test_a_stated_directory_is_told() -> None:
    assert aimed("compose --project-directory /p/shop up") == NAME | {"HOOKMAN_COMPOSE_DIRECTORY": "/p/shop"}


def test_the_directory_of_a_remote_file_is_told() -> None:
    told = aimed(explicit_files=True, files=["oci://example.org/app"])
    assert told["HOOKMAN_COMPOSE_DIRECTORY"] == "/p/shop"


def test_profiles_and_env_files_are_told() -> None:
    told = aimed("compose --profile a --profile b --env-file x up", env_files=["/cwd/x", "/cwd/y"])
    assert told == NAME | {"COMPOSE_PROFILES": "a,b", "COMPOSE_ENV_FILES": "/cwd/x,/cwd/y"}


def test_env_files_of_the_environment_are_told_with_their_full_path() -> None:
    told = aimed(environ={"COMPOSE_ENV_FILES": "x"}, env_files=["/cwd/x"])
    assert told == NAME | {"COMPOSE_ENV_FILES": "/cwd/x"}


def test_the_engine_that_docker_was_told_is_told() -> None:
    told = aimed("--context a --context b -H tcp://h --config x --config y --config conf compose up")
    assert told == NAME | {"DOCKER_CONTEXT": "b", "DOCKER_HOST": "tcp://h", "DOCKER_CONFIG": "/cwd/conf"}


def test_a_relative_configuration_of_the_environment_is_told_with_its_full_path() -> None:
    assert aimed(environ={"DOCKER_CONFIG": "conf"}) == NAME | {"DOCKER_CONFIG": "/cwd/conf"}


class TestNameIsFound:
    def found(self, line: str = "compose up", environ: dict[str, str] | None = None, **project: Any) -> bool:
        return name_is_found(parse(line.split()), replaced(SHOP, **project), environ or {})

    def test_in_the_directory_where_nothing_was_said(self) -> None:
        assert self.found()

    @pytest.mark.parametrize("flags", ["-p x", "--project-directory /x", "--workdir /x"])
    def test_not_where_the_command_line_says_something_else(self, flags: str) -> None:
        assert not self.found(f"compose {flags} up")

    def test_not_where_the_environment_says_it(self) -> None:
        assert not self.found(environ={"COMPOSE_PROJECT_NAME": ""})

    @pytest.mark.parametrize("file", ["/elsewhere/.env", "/zoo/.env"])
    def test_not_where_another_env_file_counts(self, file: str) -> None:
        assert not self.found(env_files=[file])


def test_a_hook_of_a_command_with_a_context_has_no_docker_host_that_would_override_it(box: Box) -> None:
    box.user_settings('lock = "local"\n')
    create_context(box, "edge", "ssh://edge")
    shop = box.project()
    shop.script("up.pre", "a.sh", 'echo "${DOCKER_HOST-none} $DOCKER_CONTEXT $(docker context show)" >>trace')
    shop.hooks_sh('hook_pre_up() { echo "${DOCKER_HOST-none} $(docker context show)" >>trace; }\n')
    assert shop.docker("--context", "edge", "compose", "up", DOCKER_HOST="tcp://other:1").code == 0
    assert shop.trace() == ["none edge edge", "none edge"]
