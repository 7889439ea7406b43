"""DB_SERVICE: the database and its client programs in a container, on a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box
from tests.support.databases import folder
from tests.support.services import MariaDb, Postgres, Service

PASSWORD = "a \"b'"  # noqa: S105 (of a server that lives as long as a test)


@pytest.fixture(scope="module", params=[Postgres, MariaDb], ids=["postgres", "mariadb"])
def service(request: pytest.FixtureRequest, lasting_box: Box) -> Iterator[Service]:
    """A server after a plain `up -d`, with a post hook that asks it something."""
    with folder("hookman-db-") as place:
        service: Service = request.param(lasting_box, place)
        client = " ".join(service.client)
        service.project.script("up.post", "a.sh", f"docker compose exec -T db {client} 'SELECT 1' {service.own} >one")
        result = service.project.compose("up", "-d")
        assert result.code == 0, result
        service.fill()
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


def test_a_post_hook_of_up_d_finds_the_server_ready(service: Service) -> None:
    (up,) = [run for run in service.project.box.runs() if run["name"] == service.project.path.name and "waits" in run]
    assert up["waits"][0]["waited_for"] == ["db (starting)"]
    assert (service.project.path / "one").read_text() == "1\n"


def test_export_and_import_in_the_services_container(service: Service) -> None:
    shop = service.project
    shop.script("exec.pre", "a.sh", "echo exec >>trace")  # what hookman itself does in the container is no event
    for flags in ([], ["--gzip"]):
        exported = shop.hookman("db", "export", *flags, PATH=without_clients(shop.box))
        assert exported.code == 0, exported
        service.sql("UPDATE things SET name = 'b'")
        imported = shop.hookman("db", "import", "--yes", PATH=without_clients(shop.box))
        assert imported.code == 0, imported
        assert service.sql("SELECT name FROM things") == "a"
    broken = shop.write("broken.sql", "CREATE TABLE x (i int);\nnonsense;\n")
    assert shop.hookman("db", "import", broken).code == 1
    assert service.sql("SELECT name FROM things") == "a"
    assert shop.trace() == []


def test_the_password_reaches_the_client_in_the_container(service: Service) -> None:
    shop = service.project
    if isinstance(service, MariaDb):  # PostgreSQL, set up to trust, takes any
        service.sql("SET PASSWORD FOR me@localhost = PASSWORD('a \"b''')")
        assert shop.hookman("db", "export").code == 1
    exported = shop.hookman("db", "export", DB_PASSWORD=PASSWORD)
    assert exported.code == 0, exported
    imported = shop.hookman("db", "import", "--yes", DB_PASSWORD=PASSWORD)
    assert imported.code == 0, imported


def without_clients(box: Box) -> str:
    """A PATH with docker and gzip, and none of PostgreSQL's programs."""
    few = box.base / "few"
    few.mkdir(exist_ok=True)
    for program in ("docker", "gzip", "sh", "bash"):
        found = next(path for one in box.environ["PATH"].split(":") if (path := Path(one) / program).exists())
        if not (few / program).exists():
            (few / program).symlink_to(found)
    return str(few)
