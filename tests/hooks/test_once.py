"""`once`: hooks that run again only for another project, engine, container or volume."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.repeated import declare, runs
from tests.support.stacks import SLEEPS


def test_once_for_the_project(shop: Project) -> None:
    declare(shop, 'once = "project"')
    assert [runs(shop), runs(shop)] == [True, False]
    assert shop.box.runs()[-1]["hooks"][0]["reason"] == "it ran for this project"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('once = "never"', '"project", "engine", "containers" or "volume:NAME"'),
        ('once = "volume:"', '"project", "engine", "containers" or "volume:NAME"'),
        ("sources = 5", "a glob or a list of globs"),
        ('sources = ["!a"]', "there are no sources"),
    ],
)
def test_a_mistake_names_file_and_line(shop: Project, keys: str, says: str) -> None:
    declare(shop, keys)
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (78, []), result
    assert "hookman.toml:4" in result.err
    assert says in result.err


APP = f"services: {{web: {{{SLEEPS}}}, db: {{{SLEEPS}}}}}\n"
WITH_A_VOLUME = f"services: {{web: {{{SLEEPS}, volumes: ['data:/data']}}}}\nvolumes: {{data: {{}}}}\n"

BOTH = pytest.mark.parametrize("real_compose", ["HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST"], indirect=True)


@BOTH
def test_a_volume_that_was_made_anew_runs_its_hook_again(real_box: Box) -> None:
    shop = real_box.project(compose=WITH_A_VOLUME)
    declare(shop, 'once = "volume:data"')
    assert [runs(shop), runs(shop)] == [True, False]
    shop.compose("down")
    assert not runs(shop)
    shop.compose("down", "-v")
    assert [runs(shop), runs(shop)] == [True, False]
    shop.write("a", "1")
    declare(shop, 'once = "volume:data"\nsources = "a"')
    assert [runs(shop), runs(shop)] == [True, False]
    shop.write("a", "2")
    assert [runs(shop), runs(shop)] == [True, False]
    assert shop.box.runs()[-1]["hooks"][0]["reason"] == ("its sources have not changed and it ran for the volume data")
    declare(shop, 'once = "volume:dta"')
    result = shop.compose("up", "-d")
    said = "was skipped: the project has no volume dta. Fix: Did you mean 'data'?"
    assert (result.code, said in result.err) == (0, True), result
    assert f"{shop.path}/hookman.toml:" in result.err


@BOTH
def test_once_for_the_engine_and_for_the_containers(real_box: Box) -> None:
    shop = real_box.project(compose=APP)
    declare(shop, 'once = "engine"')
    assert [runs(shop), runs(shop)] == [True, False]
    declare(shop, 'once = "containers"\nwhen = { services = "web" }')
    assert [runs(shop), runs(shop)] == [True, False]
    shop.compose("up", "-d", "--force-recreate", "--no-deps", "db")
    assert not runs(shop)
    assert [runs(shop, "up", "-d", "--force-recreate"), runs(shop)] == [True, False]
