from __future__ import annotations

import gc
import os
import signal
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.box import STUB, Box, Project
from tests.support.engine import ENGINE_VARIABLES, engine_variable, machine_variables, remove_containers
from tests.support.parallel import SAME_NAMES
from tests.support.waiting import HOLD, wait_for
from tests.support.warm import warm

if TYPE_CHECKING:
    from tests.support.collector import Collector  # which needs the definitions of OTLP

# What a test that forgot to take a box would use must not be the developer's own.
os.environ["HOME"] = "/nonexistent/a-test-must-use-a-box"  # noqa: TID251 (the tripwire itself)
for name in ("HOOKMAN_DATA_DIR", "HOOKMAN_SKIP", "HOOKMAN_TIMEOUT", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME"):
    os.environ.pop(name, None)  # noqa: TID251
# A shell ignores SIGINT in what it starts with `&`, nohup ignores SIGHUP, and all that we start would ignore them too.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


# What a test uses says what it needs; where that is not a fixture, the test or its file has the mark.
NEEDS = {"engine": {"real_box", "real_compose", "lasting_box"}, "database": {"server", "session_server", "service"}}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is collected: that stays, thousands of tests in each process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an engine or a database server, skip what needs root for others, and put the longest first."""
    for item in items:
        for mark, fixtures in NEEDS.items():
            if fixtures.intersection(getattr(item, "fixturenames", ())):
                item.add_marker(mark)
        if item.get_closest_marker("root") and os.geteuid():
            item.add_marker(pytest.mark.skip(reason="needs root"))
    items.sort(key=lambda item: next((at for at, path in enumerate(LONGEST) if path in item.nodeid), len(LONGEST)))


# What takes longest begins first: the two groups that stay in one process, then the files with the longest tests.
LONGEST = ("tests/database/", *SAME_NAMES, "tests/engine/test_signals", "tests/engine/", "tests/faults/", "tests/fuzz/")


def pytest_sessionfinish() -> None:
    """End the process that has hookman loaded, if a test used it."""
    if warm.cache_info().currsize:
        warm().stop()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Where several processes run the tests, say which tests stay together."""
    from tests.support.parallel import Together

    return Together(config, log)


@pytest.fixture(autouse=True)
def _engine_only_where_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the mark a test gets no engine, so that scripts/test can tell from the marks whether to start one."""
    if not request.node.get_closest_marker("engine"):
        for name in ENGINE_VARIABLES:
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bare(tmp_path: Path) -> Box:
    """A machine with docker and the stub of Compose, hookman not installed."""
    return Box(tmp_path, STUB)


def installed_in(base: Path, settings: str = "") -> Box:
    """A machine with hookman installed, of a user with these settings."""
    box = Box(base, STUB)
    if settings:
        box.user_settings(settings)
    box.install()
    box.prove()
    return box


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """The machine with hookman installed that the others are copies of."""
    return installed_in(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def box(bare: Box, installed: Box) -> Box:
    """A machine with the stub of Compose and hookman installed."""
    bare.copy_installation(installed)
    return bare


@pytest.fixture(scope="session")
def installed_to_review(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """`installed` of a user who reviews."""
    return installed_in(tmp_path_factory.mktemp("reviewing"), settings="review = true\n")


@pytest.fixture
def reviewing(bare: Box, installed_to_review: Box) -> Box:
    """A machine as `box`, of a user who reviews."""
    bare.copy_installation(installed_to_review)
    return bare


@pytest.fixture
def shop(box: Box) -> Project:
    """An enabled project on it."""
    return box.project()


@pytest.fixture(scope="module")
def common_shop(tmp_path_factory: pytest.TempPathFactory, installed: Box) -> Project:
    """An enabled project on a machine as `box`, for all tests of a file that only look at what is there."""
    box = Box(tmp_path_factory.mktemp("common"), STUB)
    box.copy_installation(installed)
    return box.project()


@pytest.fixture
def real_compose(request: pytest.FixtureRequest) -> Path:
    """The real Compose: the newest that is pinned, or the one that a test asks for by its variable."""
    return Path(engine_variable(getattr(request, "param", "HOOKMAN_TEST_COMPOSE")))


@pytest.fixture
def real_box(tmp_path: Path, real_compose: Path, installed: Box) -> Iterator[Box]:
    """A machine with a real engine and the real Compose, hookman installed."""
    box = Box(tmp_path, real_compose, machine_variables())
    box.copy_installation(installed)
    yield box
    remove_containers(box)


@pytest.fixture(scope="module")
def lasting_box(tmp_path_factory: pytest.TempPathFactory, installed: Box) -> Iterator[Box]:
    """A machine with a real engine for all tests of a file, with hookman installed."""
    box = Box(tmp_path_factory.mktemp("lasting"), Path(engine_variable("HOOKMAN_TEST_COMPOSE")), machine_variables())
    box.copy_installation(installed)
    yield box
    remove_containers(box)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on this machine that takes all that is exported."""
    from tests.support.collector import Collector

    one = Collector()
    yield one
    one.close()


@pytest.fixture
def holder(shop: Project) -> subprocess.Popen[bytes]:
    """An `up` that holds the lock until somebody writes to the pipe `go`."""
    shop.script("up.pre", "hold.sh", HOLD)
    process = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    return process
