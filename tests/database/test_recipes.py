"""Those of docs/recipes.md that need a database in a container, on a real engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from tests.support.box import Box
from tests.support.documents import take
from tests.support.services import Postgres


@pytest.fixture
def service(real_box: Box) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="hookman-db-") as folder:
        service = Postgres(real_box, folder)
        service.start()
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


def test_a_backup_before_down(service: Postgres) -> None:
    shop = service.project
    take(shop, "A backup before `down`")
    down = shop.compose("down")
    assert down.code == 0, down
    (dump,) = shop.path.glob("shop_*.sql.gz")
    refused = shop.compose("down")  # no container to export from
    assert (refused.code, dump.exists()) == (1, True)


def test_the_schema_beside_each_dump(service: Postgres) -> None:
    shop = service.project
    take(shop, "The schema beside each dump")
    exported = shop.hookman("db", "export")
    assert exported.code == 0, exported
    (dump,) = shop.path.glob("shop_*.sql")
    schema = dump.with_suffix(".schema").read_text()
    assert ("CREATE TABLE public.things" in schema, "COPY" in schema) == (True, False)
