from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import STUB, Box, Project

# What a test that forgot to take a box would use must not be the developer's own.
os.environ["HOME"] = "/nonexistent/a-test-must-use-a-box"  # noqa: TID251 (the tripwire itself)
for name in ("HOOKMAN_DATA_DIR", "HOOKMAN_SKIP", "HOOKMAN_TIMEOUT", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME"):
    os.environ.pop(name, None)  # noqa: TID251


@pytest.fixture
def bare(tmp_path: Path) -> Box:
    """A machine with docker and the stub of Compose, hookman not installed."""
    return Box(tmp_path, STUB)


@pytest.fixture
def box(bare: Box) -> Box:
    """A machine with the stub of Compose and hookman installed."""
    bare.install()
    return bare


@pytest.fixture
def shop(box: Box) -> Project:
    """An enabled project on it."""
    return box.project()


def engine_variable(name: str) -> str:
    value = os.environ.get(name)  # noqa: TID251 (scripts/test sets it)
    if not value:
        pytest.fail(f"{name} is not set: run the tests with scripts/test, which has a real engine", pytrace=False)
    return value


@pytest.fixture
def real_compose(request: pytest.FixtureRequest) -> Path:
    """The real Compose: the newest that is pinned, or the one that a test asks for by its variable."""
    return Path(engine_variable(getattr(request, "param", "HOOKMAN_TEST_COMPOSE")))


@pytest.fixture
def real_box(tmp_path: Path, real_compose: Path) -> Iterator[Box]:
    """A machine with a real engine and the real Compose, hookman installed."""
    box = Box(
        tmp_path,
        real_compose,
        {"DOCKER_HOST": engine_variable("DOCKER_HOST")},
    )
    box.install()
    yield box
    _clean(box)


def _clean(box: Box) -> None:
    """Remove the containers and networks of the projects below the box."""
    docker = ["docker", "-H", box.environ["DOCKER_HOST"]]
    form = '{{.ID}} {{.Label "com.docker.compose.project.working_dir"}}'
    listed = subprocess.run([*docker, "ps", "-a", "--format", form], capture_output=True, text=True, check=True)
    ids = [line.split()[0] for line in listed.stdout.splitlines() if f" {box.base}" in line]
    if ids:
        subprocess.run([*docker, "rm", "-f", "-v", *ids], capture_output=True, check=True)
    form = '{{.ID}} {{.Label "com.docker.compose.project"}}'
    names = {path.name for path in box.base.iterdir()}
    listed = subprocess.run([*docker, "network", "ls", "--format", form], capture_output=True, text=True, check=True)
    nets = [
        line.split()[0] for line in listed.stdout.splitlines() if len(line.split()) > 1 and line.split()[1] in names
    ]
    if nets:
        subprocess.run([*docker, "network", "rm", *nets], capture_output=True, check=False)
