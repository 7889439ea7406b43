"""hookman rerun on the engine where a hook was: issue 18."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.contexts import create_context

# It fails on the engines that the file `broken` names.
HOOK = """
engine=${DOCKER_HOST-none}/${DOCKER_CONTEXT-none}
echo "$engine $(docker context show)" >>trace
! grep -qx "$(docker context show)" broken
"""


@pytest.fixture
def shop(box: Box) -> Project:
    """A project whose hook fails on edge-1, and that ran on edge-1, edge-2 and the default engine, in this order."""
    box.user_settings('lock = "local"\n')
    for name in ("edge-1", "edge-2"):
        create_context(box, name, f"ssh://{name}")
    shop = box.project()
    shop.script("up.pre", "a.sh", HOOK)
    shop.write("broken", "edge-1\n")
    for flags in (["--context", "edge-1"], ["--context", "edge-2"], []):
        shop.docker(*flags, "compose", "up", "-d")
    shop.write("broken", "")
    (shop.path / "trace").unlink()
    return shop


def test_what_failed_last_runs_again_where_it_failed(shop: Project) -> None:
    result = shop.hookman("rerun")
    assert (result.code, shop.trace()) == (0, ["none/edge-1 edge-1"]), result
    assert "hookman: project.up.pre/a.sh: running again on edge-1\n" in result.err
    assert [shop.box.runs()[-1][key] for key in ("context", "result")] == ["edge-1", "ok"]
    assert shop.hookman("rerun").out == "there is nothing to run again: no hook failed, or each has succeeded since\n"


def test_a_docker_host_does_not_count_then(shop: Project) -> None:
    shop.hookman("rerun", DOCKER_HOST="tcp://other:1", DOCKER_CONTEXT="edge-2")
    assert shop.trace() == ["none/edge-1 edge-1"]


def test_a_hook_by_its_name_runs_where_it_was_last(shop: Project) -> None:
    shop.docker("--context", "edge-2", "compose", "up", "-d")
    shop.hookman("rerun", "a.sh")
    assert shop.trace()[1:] == ["none/edge-2 edge-2"]


def test_the_default_engine_is_that_again(shop: Project) -> None:
    result = shop.hookman("rerun", "a.sh", DOCKER_CONTEXT="edge-1", DOCKER_HOST="tcp://other:1")
    assert shop.trace() == ["none/default default"]
    assert "running again on default\n" in result.err


def test_an_address_is_that_again(shop: Project) -> None:
    shop.compose("up", "-d", DOCKER_HOST="tcp://there:1")
    shop.hookman("rerun", "a.sh")
    assert shop.trace()[1:] == ["tcp://there:1/none default"]


def test_a_context_can_be_named(shop: Project) -> None:
    assert (
        shop.hookman("rerun", "--context", "edge-2").out
        == "there is nothing to run again: no hook failed, or each has succeeded since\n"
    )
    assert shop.hookman("rerun", "--context", "edge-2", "a.sh").code == 0
    assert shop.trace() == ["none/edge-2 edge-2"]
    wrong = shop.hookman("rerun", "--context", "egde-2")
    assert (wrong.code, wrong.err) == (2, "hookman: there is no docker context 'egde-2'. Fix: Did you mean 'edge-2'?\n")


def test_a_context_that_is_not_there_any_more_is_an_error(shop: Project) -> None:
    shop.box.run("docker", "context", "rm", "edge-1")
    result = shop.hookman("rerun")
    assert (result.code, shop.trace()) == (1, [])
    assert "the hook ran on the engine of the context edge-1, which does not exist any more. Fix: name " in result.err
