"""Compose files that are read once: pipes, /dev/stdin. They are Compose's alone."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.stacks import SLEEPS

pytestmark = pytest.mark.engine

OVER = "services: {web: {environment: {WHO: over}}}\n"


@pytest.fixture
def web(real_box: Box) -> Project:
    project = real_box.project("hm-pipes", f"services: {{web: {{{SLEEPS}}}}}\n")
    project.script("up.pre", "1.sh", "echo pre >>trace; docker compose ps >/dev/null")
    project.script("up.post", "1.sh", "echo post >>trace")
    return project


def bash(project: Project, line: str, stdin: str = "") -> None:
    result = project.box.run("bash", "-c", line, cwd=project.path, stdin=stdin.encode())
    assert result.code == 0, result


def who(project: Project) -> str:
    return project.docker("exec", "hm-pipes-web-1", "sh", "-c", "echo $WHO").out.strip()


@pytest.mark.parametrize(
    "line",
    [
        "docker compose -f compose.yaml -f <(cat over) up -d",
        "docker compose --project-directory . -f compose.yaml -f /dev/stdin up -d <over",
        "cat over | docker compose --project-directory . -f compose.yaml -f /dev/stdin up -d",
        "cat over | docker compose -f compose.yaml -f - up -d",
        "mkfifo pipe; cat over >pipe & docker compose -f compose.yaml -f pipe up -d",
        "export COMPOSE_FILE=compose.yaml:pipe; mkfifo pipe; cat over >pipe & docker compose up -d",
        "docker compose -f compose.yaml -f <(cat over) up -d --skip-hooks",
        "docker compose -p hm-pipes -f compose.yaml -f <(cat over) up -d",
    ],
)
def test_a_compose_file_that_is_read_once_reaches_compose(web: Project, line: str) -> None:
    web.write("over", OVER)
    bash(web, line)
    assert who(web) == "over"
    assert web.trace() == ([] if "--skip-hooks" in line else ["pre", "post"])


def test_an_attached_up_leaves_the_pipe_to_compose(web: Project) -> None:
    web.write("over", "services: {web: {environment: {WHO: over}, command: 'sh -c \"echo $$WHO\"'}}\n")
    result = web.box.run("bash", "-c", "docker compose -f compose.yaml -f <(cat over) up", cwd=web.path)
    assert (result.code, "over" in result.out) == (0, True), result
