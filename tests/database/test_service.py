"""DB_SERVICE: the database and its client programs in a container, on a real engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box
from tests.support.services import MariaDb, Postgres, Service

# This machine's own servers, in a container of the tests' image.
PASSWORD = "a \"b'"  # noqa: S105 (of a server that lives as long as a test)


@pytest.fixture(params=[Postgres, MariaDb], ids=["postgres", "mariadb"])
def service(request: pytest.FixtureRequest, real_box: Box) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="hookman-db-") as folder:
        service: Service = request.param(real_box, folder)
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


def test_export_and_import_in_the_services_container(service: Service) -> None:
    shop = service.project
    shop.script("exec.pre", "a.sh", "echo exec >>trace")  # what hookman itself does in the container is no event
    service.start()
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
    service.start()
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
    folder = box.base / "few"
    folder.mkdir(exist_ok=True)
    for program in ("docker", "gzip", "sh", "bash"):
        found = next(path for one in box.environ["PATH"].split(":") if (path := Path(one) / program).exists())
        if not (folder / program).exists():
            (folder / program).symlink_to(found)
    return str(folder)
