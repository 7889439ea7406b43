"""docs/hooks.md: each block as it stands there, on the real engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.documents import HOOKS_PAGE, take_from
from tests.support.engine import engine_variable
from tests.support.stacks import OF_PAGE, SERVICE, as_at_first, lines, with_programs

pytestmark = pytest.mark.engine

BOTH = pytest.mark.parametrize("real_compose", ["HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST"], indirect=True)


@pytest.fixture
def shop(standing: Project) -> Project:
    """The project of the page. Its containers may still run, as an earlier test had them."""
    as_at_first(standing, OF_PAGE)
    return with_programs(standing)


@pytest.fixture
def fresh(real_box: Box, tmp_path: Path) -> Project:
    """The same on a machine of the test's own, before its first `up`."""
    name = f"hm-page-{tmp_path.name.lower().replace('_', '-')[:40]}"
    return with_programs(real_box.project(name, OF_PAGE))


def take(shop: Project, heading: str) -> None:
    take_from(HOOKS_PAGE, shop, heading)


def up(shop: Project, *words: str, **environ: str) -> None:
    result = shop.docker("compose", "up", "-d", *words, **environ)  # type: ignore[arg-type]
    assert result.code == 0, result


def test_a_script(shop: Project) -> None:
    take(shop, "A script")
    up(shop)
    assert lines(shop, "bin/called") == ["migrate"]


def test_a_function(shop: Project) -> None:
    take(shop, "A function")
    shop.script("up.post", "a.sh", 'docker compose config --environment | grep "^TAG=" >>order')
    up(shop)
    assert lines(shop, "order")[0].startswith("TAG=dev-")


def test_another_language(shop: Project) -> None:
    take(shop, "Another language")
    assert shop.hookman("config", "set", "hook_files", "*.sh,*.py").code == 0
    shop.script("up.post", "a.sh", "echo $WEB_PORT >>order; docker compose config --environment | grep WEB_ >>order")
    up(shop)
    assert lines(shop, "order") == ["8080", "WEB_PORT=8080"]


def test_what_was_typed(shop: Project) -> None:
    take(shop, "What was typed")
    up(shop, "web")
    up(shop)
    assert lines(shop, "order") == ["3 words, services: web", "2 words, services: "]


def test_when_a_command_fails_and_at_its_end(shop: Project) -> None:
    take(shop, "When a command fails, and at its end")
    up(shop)
    assert (lines(shop, "order"), (shop.path / "maintenance").exists()) == ([], False)
    assert shop.compose("up", "-d", "nobody").code == 1
    assert (lines(shop, "order"), (shop.path / "maintenance").exists()) == (["up failed with 1"], False)


def test_several_attempts(shop: Project) -> None:
    take(shop, "Several attempts")
    up(shop)
    assert lines(shop, "bin/called") == ["migrate", "migrate"]


def test_a_hook_that_may_fail(shop: Project) -> None:
    take(shop, "A hook that may fail")
    up(shop)
    assert shop.box.runs()[-1]["result"] == "warned"


def test_a_declared_hook(shop: Project) -> None:
    take(shop, "A declared hook")
    up(shop)
    assert (lines(shop, "bin/called"), lines(shop, "done")) == (["migrate", "seed"], ["migrated"])
    assert shop.compose("restart", "-t", "0").code == 0
    assert lines(shop, "bin/called")[2:] == ["seed"]
    assert "migrate  hookman.toml:2" in shop.hookman("list").out


def test_the_order(shop: Project) -> None:
    take(shop, "The order")
    shop.script("up.pre", "01-first.sh", "echo last >>order")
    shop.script("up.pre", "02-second.sh", "echo second >>order")
    up(shop)
    assert lines(shop, "order") == ["first", "second", "last"]


def test_how_long_it_may_take(shop: Project) -> None:
    take(shop, "How long it may take")
    assert (shop.compose("up", "-d").code, lines(shop, "order")) == (124, ["stopped"])


def test_variables_and_a_skip_on_this_machine(shop: Project) -> None:
    take(shop, "Variables for one hook")
    up(shop)
    assert lines(shop, "order") == ["debug project.up.post"]
    take(shop, "Not on this machine")
    (shop.path / "hookman.local.toml").write_text((shop.path / "hookman.local.toml").read_text().split("\n\n")[0])
    up(shop)
    assert lines(shop, "order") == ["debug project.up.post"]


def test_when_the_services_are_ready(shop: Project) -> None:
    command = "command: sh -c 'sleep 1; echo ready >/tmp/ready; sleep 1000'"
    check = "healthcheck: {test: test -e /tmp/ready, interval: 200ms, retries: 100}"
    shop.write("compose.yaml", f"services: {{db: {{{SERVICE}, {command}, {check}}}}}\n")
    take(shop, "When the services are ready")
    up(shop)
    assert lines(shop, "order") == ["starting", "ready"]


def test_only_for_some_services(shop: Project) -> None:
    take(shop, "Only for some services")
    up(shop, "db")
    assert lines(shop, "order") == []
    up(shop, "web")
    up(shop)
    assert lines(shop, "order") == ["assets", "assets"]


def test_in_a_services_container(shop: Project) -> None:
    take(shop, "In a service's container")
    up(shop)
    assert lines(shop, "bin/called") == ["migrate"]
    assert shop.compose("exec", "-T", "--skip-hooks", "web", "cat", "/tmp/level").out == "debug\n"
    assert shop.compose("exec", "-T", "--skip-hooks", "db", "cat", "/tmp/warm").out == "warm\n"


@BOTH
def test_in_a_new_container_before_compose(fresh: Project) -> None:
    take(fresh, "In a new container, before Compose")
    up(fresh)
    assert lines(fresh, "bin/called") == ["migrate", "checked"]


def test_side_by_side(shop: Project) -> None:
    take(shop, "Side by side")
    up(shop)
    assert lines(shop, "order") == ["images", "pages", "report"]
    listed = shop.hookman("list", "--event", "up.post").out
    assert re.search(r"^┌ images .*\n└ pages .*\n  report ", listed, re.MULTILINE)


def test_only_with_some_flags(shop: Project) -> None:
    take(shop, "Only with some flags")
    up(shop)
    assert lines(shop, "order") == []
    up(shop, "--force-recreate")
    assert lines(shop, "order") == ["rebuilt"]


def test_only_in_ci_or_where_a_file_is(shop: Project) -> None:
    take(shop, "Only in CI, or only where a file is")
    up(shop, CI="")
    shop.write("composer.json", "{}")
    up(shop, CI="true")
    up(shop, CI="", NO_COMPOSER="1")
    assert lines(shop, "order") == []
    up(shop, CI="")
    assert lines(shop, "order") == ["composer"]


def test_only_if_files_have_changed(shop: Project) -> None:
    take(shop, "Only if files have changed")
    shop.write("migrations/2026/one.sql", "select 1")
    up(shop)
    up(shop)
    shop.write("migrations/drafts/two.sql", "select 2")
    up(shop)
    assert lines(shop, "bin/called") == ["migrate"]
    shop.write("migrations/2026/one.sql", "select 2")
    up(shop)
    assert lines(shop, "bin/called") == ["migrate", "migrate"]


def test_once_for_a_volume(shop: Project) -> None:
    take(shop, "Once for a volume")
    up(shop)
    up(shop)
    assert lines(shop, "bin/called") == ["seed"]
    shop.compose("down", "-t", "0", "-v")
    up(shop)
    assert lines(shop, "bin/called") == ["seed", "seed"]


@BOTH
def test_in_compose_yaml(fresh: Project) -> None:
    take(fresh, "In compose.yaml")
    text = (fresh.path / "compose.yaml").read_text()
    fresh.write("compose.yaml", text.replace("busybox", engine_variable("HOOKMAN_TEST_IMAGE")))
    shown = fresh.compose("config", "-q")
    assert (shown.code, shown.err) == (0, "")
    up(fresh, "db")
    assert lines(fresh, "order") == ["check"]
    up(fresh, "web")
    assert lines(fresh, "order") == ["check", "check", "started debug"]
