"""The real engine: where it is, and what tests leave in it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.box import Box

ENGINE_VARIABLES = ("DOCKER_HOST", "HOOKMAN_TEST_IMAGE", "HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST")


def engine_variable(name: str) -> str:
    """A variable that scripts/test sets where it has an engine."""
    value = os.environ.get(name)  # noqa: TID251 (scripts/test sets it)
    if not value:
        pytest.fail(
            f"{name} is not set: run the tests with scripts/test, which has a real engine, and mark them `engine`",
            pytrace=False,
        )
    return value


def remove_containers(box: Box) -> None:
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
