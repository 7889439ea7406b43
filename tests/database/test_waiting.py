"""A hook that needs the database finds it ready, after a plain `up -d`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from tests.support.box import Box
from tests.support.services import MariaDb, Postgres, Service


@pytest.fixture(params=[Postgres, MariaDb], ids=["postgres", "mariadb"])
def service(request: pytest.FixtureRequest, real_box: Box) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="hookman-db-") as folder:
        service: Service = request.param(real_box, folder)
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


def test_a_post_hook_of_up_d_finds_the_server_ready(service: Service) -> None:
    project = service.project
    client = " ".join(service.client)
    project.script("up.post", "a.sh", f"docker compose exec -T db {client} 'SELECT 1' {service.own} >>trace")
    result = project.compose("up", "-d")
    assert (result.code, project.trace()) == (0, ["1"]), result
    assert project.box.runs()[-1]["waits"][0]["waited_for"] == ["db (starting)"]
