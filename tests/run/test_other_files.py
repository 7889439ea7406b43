"""A hook that calls Compose with other files in its project's own directory; and how it is told of the outer line's."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project

EMPTY = "services: {web: {image: hookman-busybox}}\n"
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


def seen(shop: Project) -> str:
    return (shop.path / "seen").read_text().strip()


@pytest.mark.parametrize("line", OUTER.values(), ids=OUTER)
@pytest.mark.parametrize("kind", ["script", "function"])
def test_files_that_name_their_own_project_have_it(shop: Project, line: list[str], kind: str) -> None:
    shop.write("infra.yaml", f"name: infra\n{EMPTY}")
    if kind == "script":
        shop.script("up.pre", "a.sh", INFRA)
    else:
        shop.hooks_sh(f"hook_pre_up() {{ {INFRA}; }}\n")
    assert shop.compose(*line, "up", "--no-start").code == 0
    assert seen(shop) == "name: infra"


def test_files_without_a_name_belong_to_the_project_of_the_outer_line(shop: Project) -> None:
    shop.write("infra.yaml", EMPTY)
    shop.script("up.pre", "a.sh", INFRA)
    assert shop.compose("-p", "outer", "up", "--no-start").code == 0
    assert seen(shop) == "name: outer"


def test_so_does_the_projects_own_file_whatever_its_name(shop: Project) -> None:
    shop.write("compose.yaml", f"name: own\n{EMPTY}")
    shop.script("up.pre", "a.sh", "docker compose -f compose.yaml config | head -1 >seen")
    assert shop.compose("-p", "outer", "up", "--no-start").code == 0
    assert seen(shop) == "name: outer"


def test_a_name_that_the_hook_gives_wins(shop: Project) -> None:
    shop.write("infra.yaml", f"name: infra\n{EMPTY}")
    shop.script("up.pre", "a.sh", "docker compose -p hooks -f infra.yaml config | head -1 >seen")
    assert shop.compose("-p", "outer", "up", "--no-start").code == 0
    assert seen(shop) == "name: hooks"


ASK = "docker compose config --services | sort | xargs >seen"


@pytest.mark.parametrize("separator", ["", ";", ","])
@pytest.mark.parametrize("name", ["plain", "with:colon", "with:colon;and more"])
def test_a_hook_means_the_files_of_the_outer_line(real_box: Box, name: str, separator: str) -> None:
    shop = real_box.project(name, EMPTY)
    shop.write("more.yaml", EMPTY.replace("web", "more"))
    shop.script("up.pre", "a.sh", ASK)
    more = {"COMPOSE_PATH_SEPARATOR": separator} if separator else {}
    shop.box.environ |= more
    result = shop.compose("-p", "shop", "-f", "compose.yaml", "-f", "more.yaml", "up", "--no-start")
    assert result.code == 0, result
    assert seen(shop) == "more web"
