"""Those of docs/recipes.md that need a database in a container, on a real engine."""

from __future__ import annotations

import pwd
import shutil
from collections.abc import Iterator

import pytest

from tests.support.box import Box, Project
from tests.support.databases import HASTE, PROGRAMS, folder
from tests.support.documents import take
from tests.support.services import Postgres

# As the image of PostgreSQL: it creates its database in an empty volume, with a server that only its socket has.
IN_A_VOLUME = """
services:
  db:
    image: hookman-busybox
    network_mode: none
    volumes: [/usr:/usr:ro, /usr/lib:/lib:ro, /usr/lib64:/lib64:ro, /etc/passwd:/etc/passwd:ro, 'data:/db', '.:/shop']
    environment: {{PATH: '{programs}:/bin', PGHOST: /tmp, PGDATA: {data}, PGUSER: postgres, HASTE: '{haste}'}}
    command: sh /shop/start {uid} {gid}
    stop_grace_period: 0s
volumes: {{data: {{}}}}
"""
START = """
set -e
as_user="/usr/bin/setpriv --reuid=$1 --regid=$2 --clear-groups"
if ! [ -e "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chown "$1:$2" "$PGDATA"
    $as_user initdb --auth=trust --no-sync
    $as_user pg_ctl -o "-k /tmp -c listen_addresses= $HASTE" -w start
    psql -d postgres -c 'CREATE DATABASE shop'
    $as_user pg_ctl -w stop
fi
exec $as_user postgres -k /tmp -c listen_addresses=127.0.0.1 $HASTE
"""
RAN = ("ok", "")
SAME_VOLUME = ("skipped", "it ran for the volume data")
NOTHING_NEW = ("skipped", "its sources have not changed and it ran for the volume data")


@pytest.fixture(params=["/db/data", "/db"])  # below the top of the volume, and there, as with the older images
def shop(real_box: Box, request: pytest.FixtureRequest) -> Iterator[Project]:
    """A project whose database is in a volume, with a migration and a seed."""
    user = pwd.getpwnam("postgres")
    text = IN_A_VOLUME.format(programs=PROGRAMS, uid=user.pw_uid, gid=user.pw_gid, data=request.param, haste=HASTE)
    shop = real_box.project("hm-db-migrated", text)
    shop.write("start", START)
    shop.write("migrations/1-things.sql", "CREATE TABLE IF NOT EXISTS things (name text);\n")
    shop.write("seed.sql", "INSERT INTO things VALUES ('a');\n")
    yield shop
    shop.compose("down", "--skip-hooks", "-v", "-t", "0")


def up(shop: Project) -> list[tuple[str, str]]:
    """What became of `migrate` and `seed` in an `up -d`, and why one did not run."""
    done = shop.compose("up", "-d")
    assert done.code == 0, (done, shop.compose("logs"))
    return [(hook["result"], hook.get("reason", "")) for hook in shop.box.runs()[-1]["hooks"][1:]]


def rows(shop: Project) -> str:
    query = "SELECT string_agg(name, ',' ORDER BY name) FROM things"
    asked = shop.compose("exec", "-T", "--skip-hooks", "db", "psql", "-d", "shop", "-Atqc", query)
    assert asked.code == 0, asked
    return asked.out.strip()


@pytest.fixture(scope="module")
def lasting_service(lasting_box: Box) -> Iterator[Postgres]:
    with folder("hookman-db-") as place:
        service = Postgres(lasting_box, place)
        service.start()
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


@pytest.fixture
def service(lasting_service: Postgres) -> Postgres:
    """A server that runs, in a project without hooks and dumps."""
    shop = lasting_service.project
    for path in shop.path.glob("*"):
        if path.name not in ("compose.yaml", ".env"):
            path.unlink()
    shutil.rmtree(shop.path / ".dde", ignore_errors=True)
    assert shop.compose("up", "-d", "--wait", "--skip-hooks").code == 0
    return lasting_service


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


def test_sql_migrations_and_a_seed_run_once_for_each_volume(shop: Project) -> None:
    take(shop, "SQL migrations and a seed, for PostgreSQL")
    for _ in range(2):  # the second time with a new volume
        assert shop.compose("down", "-v", "-t", "0").code == 0
        assert up(shop) == [RAN, RAN]
        assert rows(shop) == "a"
        assert up(shop) == [NOTHING_NEW, SAME_VOLUME]
        assert shop.compose("down", "-t", "0").code == 0
        assert up(shop) == [NOTHING_NEW, SAME_VOLUME]
        assert rows(shop) == "a"

    # One that is new runs, and the seed does not.
    shop.write("migrations/2-b.sql", "INSERT INTO things VALUES ('b');\n")
    assert up(shop) == [RAN, SAME_VOLUME]
    assert rows(shop) == "a,b"

    # One with an error changes nothing, and runs again.
    shop.write("migrations/2-b.sql", "INSERT INTO things VALUES ('x');\nnonsense;\n")
    assert up(shop) == [("failed", "")]
    assert rows(shop) == "a,b"
    shop.write("migrations/2-b.sql", "INSERT INTO things VALUES ('c');\n")
    assert up(shop) == [RAN, SAME_VOLUME]
    assert rows(shop) == "a,b,c"
