"""A hook that calls Compose with other files in its project's own directory; and how it is told of the outer line's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.box import Box, Project

EMPTY = "services: {web: {image: hookman-busybox, network_mode: host}}\n"
# What a hook asks: the name of the project that the call is about.
INFRA = "docker compose -f infra.yaml config | head -1 >seen"
OUTER = {
    "no flag": [],
    "-p": ["-p", "outer"],
    "-f": ["-f", "compose.yaml"],
    "a profile": ["--profile", "debug"],
}


@pytest.fixture
def shop(real_box: Box) -> Project:
    return real_box.project("shop", EMPTY)


def seen(shop: Project, file: str = "seen") -> str:
    return (shop.path / file).read_text().strip()


@pytest.mark.parametrize("line", OUTER.values(), ids=OUTER)
def test_files_that_name_their_own_project_have_it(shop: Project, line: list[str]) -> None:
    shop.write("infra.yaml", f"name: infra\n{EMPTY}")
    shop.script("stop.pre", "a.sh", INFRA)
    shop.hooks_sh(f"hook_pre_stop() {{ {INFRA.replace('>seen', '>seen-by-function')}; }}\n")
    assert shop.compose(*line, "stop").code == 0
    assert (seen(shop), seen(shop, "seen-by-function")) == ("name: infra", "name: infra")


def test_files_without_a_name_belong_to_the_project_of_the_outer_line(shop: Project) -> None:
    shop.write("infra.yaml", EMPTY)
    shop.script("stop.pre", "a.sh", INFRA)
    assert shop.compose("-p", "outer", "stop").code == 0
    assert seen(shop) == "name: outer"


def test_so_does_the_projects_own_file_whatever_its_name(shop: Project) -> None:
    shop.write("compose.yaml", f"name: own\n{EMPTY}")
    shop.script("stop.pre", "a.sh", "docker compose -f compose.yaml config | head -1 >seen")
    assert shop.compose("-p", "outer", "stop").code == 0
    assert seen(shop) == "name: outer"


def test_a_name_that_the_hook_gives_wins(shop: Project) -> None:
    shop.write("infra.yaml", f"name: infra\n{EMPTY}")
    shop.script("stop.pre", "a.sh", "docker compose -p hooks -f infra.yaml config | head -1 >seen")
    assert shop.compose("-p", "outer", "stop").code == 0
    assert seen(shop) == "name: hooks"


@pytest.mark.parametrize("line", OUTER.values(), ids=OUTER)
def test_files_that_a_hook_names_by_environment_have_their_own_name_too(shop: Project, line: list[str]) -> None:
    shop.write("infra.yaml", f"name: infra\n{EMPTY}")
    ask = "docker compose config | head -1"
    shop.script("stop.pre", "a.sh", f"export COMPOSE_FILE=infra.yaml; {ask} >script")
    call, export = f"COMPOSE_FILE=infra.yaml {ask} >call", f"export COMPOSE_FILE=infra.yaml; {ask} >export"
    shop.hooks_sh(f"hook_pre_stop() {{ {call}; {export}; unset COMPOSE_FILE; }}\n")
    assert shop.compose(*line, "stop").code == 0
    assert [seen(shop, by) for by in ("script", "call", "export")] == ["name: infra"] * 3


@pytest.mark.parametrize("file", ["named.yaml", "compose.yaml"])
def test_the_outer_lines_own_file_by_environment_has_the_name_of_the_outer_line(shop: Project, file: str) -> None:
    shop.write(file, f"name: own\n{EMPTY}")
    shop.script("stop.pre", "a.sh", f"COMPOSE_FILE={file} docker compose config | head -1 >seen")
    assert shop.compose("-p", "outer", "-f", file, "stop").code == 0
    assert seen(shop) == "name: outer"


def test_so_has_a_compose_file_of_the_callers_environment(shop: Project) -> None:
    shop.write("named.yaml", f"name: own\n{EMPTY}")
    shop.script("stop.pre", "a.sh", "docker compose config | head -1 >seen")
    named = str(shop.path / "named.yaml")
    assert shop.compose("-p", "outer", "stop", COMPOSE_FILE=named).code == 0
    assert seen(shop) == "name: outer"


class TestARelativeNameInTheCallersEnvironment:
    """It is relative to where the outer line was typed, also for a call from another directory."""

    ASK = "docker compose config --environment | grep ^WHO= >{}seen"

    @pytest.fixture
    def shop(self, shop: Project) -> Project:
        shop.write("prod.env", "WHO=prod\n")
        return shop

    def test_the_env_files_in_a_directory_below(self, shop: Project) -> None:
        shop.write("below/prod.env", "WHO=below\n")
        shop.hooks_sh(f"hook_pre_stop() {{ cd below && {self.ASK.format('../')}; }}\n")
        assert shop.compose("stop", COMPOSE_ENV_FILES="prod.env").code == 0
        assert seen(shop) == "WHO=prod"

    def test_the_env_files_of_a_line_that_was_typed_elsewhere(self, shop: Project) -> None:
        shop.write("typed/here.env", "WHO=here\n")
        shop.script("stop.pre", "a.sh", self.ASK.format(""))
        line = ["-f", "../compose.yaml", "stop"]
        assert shop.compose(*line, cwd=shop.path / "typed", COMPOSE_ENV_FILES="here.env,../prod.env").code == 0
        assert seen(shop) == "WHO=prod"

    def test_another_project_has_the_name_as_the_caller_gave_it(self, shop: Project) -> None:
        other = shop.box.project("other", EMPTY, enable=False)
        other.write("prod.env", "WHO=other\n")
        shop.script("stop.pre", "a.sh", f"cd ../other && {self.ASK.format('')}")
        assert shop.compose("stop", COMPOSE_ENV_FILES="prod.env").code == 0
        assert seen(other) == "WHO=other"

    @pytest.mark.parametrize("flag", [True, False])
    def test_dockers_configuration(self, shop: Project, flag: bool) -> None:
        (shop.path / "typed").mkdir()
        shop.script("stop.pre", "a.sh", 'echo "$DOCKER_CONFIG" >seen')
        home = "../../home/.docker"
        line = ["compose", "-f", "../compose.yaml", "stop"]
        if flag:
            line = ["--config", home, *line]
        else:
            shop.box.environ["DOCKER_CONFIG"] = home
        result = shop.docker(*line, cwd=shop.path / "typed")
        assert result.code == 0, result
        assert Path(seen(shop)).resolve() == shop.box.config


ASK = "docker compose config --services | sort | xargs >seen"


@pytest.mark.parametrize("separator", ["", ";", ","])
@pytest.mark.parametrize("name", ["plain", "with:colon", "with:colon;and more"])
def test_a_hook_means_the_files_of_the_outer_line(real_box: Box, name: str, separator: str) -> None:
    shop = real_box.project(name, EMPTY)
    shop.write("more.yaml", EMPTY.replace("web", "more"))
    shop.script("stop.pre", "a.sh", ASK)
    more = {"COMPOSE_PATH_SEPARATOR": separator} if separator else {}
    shop.box.environ |= more
    result = shop.compose("-p", "shop", "-f", "compose.yaml", "-f", "more.yaml", "stop")
    assert result.code == 0, result
    assert seen(shop) == "more web"
