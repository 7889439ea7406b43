"""`once = "volume:NAME"`: never again on the same volume, and always on one that was made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hookman.hooks import volume
from tests.support.box import Box, Project
from tests.support.engine import engine_variable
from tests.support.leases import Proxy

APP = """\
name: {name}
services:
  web:
    image: hookman-busybox
    network_mode: host
    command: sleep 60
    stop_grace_period: 0s
    volumes: ["data:/data"]
volumes:
  data:
"""
TABLE = '[hooks.seed]\non = "up.post"\nrun = "echo seeded >>{trace}"\nonce = "volume:data"\n{more}\n'
SKIPPED = "it ran for the volume data"
NOTED = {
    volume.NAME: "shop_data",
    volume.MADE: "labels",
    volume.CONTAINERS: "c1 c2",
    volume.BORN: "100.5",
    volume.BESIDE: "50",
    volume.CREATED: "100",
}


def project(box: Box, name: str = "shop", more: str = "") -> Project:
    made = box.project(name, APP.format(name="hm-volume"))
    made.write("hookman.toml", TABLE.format(trace=box.base / "seeded", more=more))
    return made


def seeds(shop: Project, *words: str, **environ: Any) -> int:
    """How often the seed runs in an `up -d`."""
    trace = shop.box.base / "seeded"
    before = len(trace.read_text().splitlines()) if trace.exists() else 0
    result = shop.compose(*(words or ("up", "-d")), **environ)
    assert result.code == 0, result
    return len(trace.read_text().splitlines()) - before if trace.exists() else 0


def beside_hookman(shop: Project, *words: str) -> None:
    """Run Compose itself: hookman does not see it."""
    result = shop.box.run(engine_variable("HOOKMAN_TEST_COMPOSE"), *words, cwd=shop.path)
    assert result.code == 0, result


@pytest.fixture
def shop(real_box: Box) -> Any:
    made = project(real_box)
    yield made
    beside_hookman(made, "down", "-v")


def test_changes_at_the_top_of_a_volume_make_it_no_other_one(shop: Project) -> None:
    assert seeds(shop) == 1
    shop.compose("exec", "-T", "web", "sh", "-c", "mkdir /data/new; chmod 700 /data; chown 5 /data")
    assert seeds(shop, "up", "-d", "--force-recreate") == 0
    shop.compose("down")
    assert seeds(shop) == 0
    assert shop.box.runs()[-1]["hooks"][0]["reason"] == SKIPPED


def test_a_volume_that_was_removed_by_down_is_another_one_however_fast(shop: Project) -> None:
    for _ in range(3):
        assert seeds(shop) == 1
        shop.compose("down", "-v")


@pytest.mark.parametrize("way", ["--skip-hooks", "HOOKMAN_SKIP"])
def test_skipping_hooks_hides_no_new_volume(shop: Project, way: str) -> None:
    assert seeds(shop) == 1
    words = ["--skip-hooks"] if way == "--skip-hooks" else []
    environ: dict[str, Any] = {} if words else {"HOOKMAN_SKIP": "1"}
    shop.compose("down", "-v", *words, **environ)
    assert seeds(shop, "up", "-d", *words, **environ) == 0
    assert [seeds(shop), seeds(shop)] == [1, 0]


def test_a_volume_that_was_made_anew_between_two_looks_is_another_one(shop: Project) -> None:
    assert seeds(shop) == 1
    beside_hookman(shop, "down", "-v")
    beside_hookman(shop, "up", "-d")
    assert [seeds(shop), seeds(shop)] == [1, 0]


def test_a_volume_that_is_removed_beside_hookman_and_created_by_up_is_another_one(shop: Project) -> None:
    assert seeds(shop) == 1
    beside_hookman(shop, "down", "-v")
    assert [seeds(shop), seeds(shop)] == [1, 0]


def test_a_pre_hook_may_remove_the_volume(shop: Project) -> None:
    shop.script("up.pre", "reset.sh", "test ! -e reset || { rm reset; docker compose down -v; }")
    assert [seeds(shop), seeds(shop)] == [1, 0]
    shop.write("reset", "")
    assert [seeds(shop), seeds(shop)] == [1, 0]


def test_each_project_name_has_a_volume_and_a_note_of_its_own(shop: Project) -> None:
    try:
        assert [seeds(shop), seeds(shop, "-p", "hm-other", "up", "-d")] == [1, 1]
        assert [seeds(shop), seeds(shop, "-p", "hm-other", "up", "-d")] == [0, 0]
    finally:
        beside_hookman(shop, "-p", "hm-other", "down", "-v")


def test_another_checkout_of_the_project_has_the_same_volume(shop: Project) -> None:
    assert seeds(shop) == 1
    assert seeds(project(shop.box, "checkout")) == 0


def test_the_sources_count_for_each_volume(shop: Project) -> None:
    shop.write("hookman.toml", TABLE.format(trace=shop.box.base / "seeded", more='sources = "a"'))
    shop.write("a", "1")
    assert [seeds(shop), seeds(shop)] == [1, 0]
    shop.write("a", "2")
    assert [seeds(shop), seeds(shop)] == [1, 0]
    shop.compose("down", "-v")
    assert [seeds(shop), seeds(shop)] == [1, 0]


def test_where_the_engine_can_not_be_asked_a_seed_that_ran_does_not_run_again(shop: Project, tmp_path: Path) -> None:
    assert seeds(shop) == 1
    proxy = Proxy(tmp_path / "engine.sock")
    leaves = f'[hooks.leave]\non = "up.post"\nrun = "mv {proxy.path} {proxy.path}.gone"\npriority = -1\n'
    shop.write("hookman.toml", TABLE.format(trace=shop.box.base / "seeded", more=leaves))
    result = shop.compose("up", "-d", DOCKER_HOST=f"unix://{proxy.path}")
    proxy.close()
    assert result.code == 0, result
    assert "was skipped, because the engine does not say which volume there is" in result.err
    assert "Fix: hookman rerun project.up.post/seed" in result.err
    assert (shop.box.base / "seeded").read_text() == "seeded\n"


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({}, False),
        ({volume.CONTAINERS: "c3", volume.MADE: "others"}, True),
        ({volume.CONTAINERS: "c2 c3", volume.MADE: "others", volume.BORN: "200", volume.CREATED: "200"}, False),
        # the directory is on this machine
        ({volume.CONTAINERS: "", volume.BORN: "100.7"}, True),
        ({volume.CONTAINERS: "", volume.CREATED: "200"}, False),
        ({volume.CONTAINERS: "", volume.BORN: "200", volume.BESIDE: "190", volume.CREATED: "200"}, False),
        # it is not, and the engine keeps the time of creation, or does not
        ({volume.CONTAINERS: "", volume.BORN: "", volume.CREATED: "200"}, True),
        ({volume.CONTAINERS: "", volume.BORN: ""}, False),
        ({volume.CONTAINERS: "", volume.BORN: "", volume.CREATED: ""}, False),
    ],
)
def test_only_what_is_sure_makes_a_volume_another_one(changes: dict[str, str], anew: bool) -> None:
    assert volume.made_anew(NOTED, {**NOTED, **changes}) == anew


class Engine:
    """An engine that says what it was told to say of a volume and of the containers."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found

    def get(self, _: str) -> dict[str, Any]:
        return {"Volumes": [self.found]}

    def containers(self, _: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [{"Id": "c1", "Mounts": [{"Name": "data"}]}, {"Id": "c2", "Mounts": [{"Name": "data2"}]}]


@pytest.mark.parametrize(
    ("info", "driver", "created"),
    [
        ({"ServerVersion": "28.2.2"}, "local", "1764493293"),
        ({"ServerVersion": "23.0.0-rc.1"}, "local", "1764493293"),
        ({"ServerVersion": "4.3.1", "BuildahVersion": "1.28"}, "local", "1764493293"),
        ({"ServerVersion": "28.2.2"}, "some/plugin", ""),
        ({"ServerVersion": "20.10.24+dfsg1"}, "local", ""),
        ({"ServerVersion": "dev"}, "local", ""),
        ({}, "local", ""),
    ],
)
def test_the_time_of_creation_counts_where_the_engine_keeps_it(info: dict[str, str], driver: str, created: str) -> None:
    found = {"Name": "data", "Driver": driver, "CreatedAt": "2025-11-30T10:01:33+01:00", "Mountpoint": "/none/_data"}
    facts = volume.facts(Engine(found), info, "shop", "data")  # type: ignore[arg-type]
    assert (facts[volume.CREATED], facts[volume.CONTAINERS], facts[volume.BORN]) == (created, "c1", "")


def test_a_directory_of_that_name_on_another_machine_does_not_count(tmp_path: Path) -> None:
    content = tmp_path / "volumes/data/_data"
    content.mkdir(parents=True)
    found = {"Name": "data", "Driver": "local", "CreatedAt": "2025-11-30T09:01:33Z", "Mountpoint": str(content)}
    facts = volume.facts(Engine(found), {"ServerVersion": "28.2.2"}, "shop", "data")  # type: ignore[arg-type]
    assert facts[volume.BORN] == ""
