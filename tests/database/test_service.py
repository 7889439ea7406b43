"""DB_SERVICE: the database and its client programs in a container, on a real engine."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box
from tests.database.conftest import PROGRAMS

# This machine's own servers, in a container of the tests' image.
POSTGRES = """
services:
  db:
    image: hookman-busybox
    user: "{uid}:{gid}"
    volumes: [/usr:/usr:ro, /usr/lib:/lib:ro, /usr/lib64:/lib64:ro, /etc/passwd:/etc/passwd:ro, '{folder}:/db']
    environment: {{PATH: '{programs}:/bin', PGHOST: /db}}
    command: postgres -D /db/data -k /db -c listen_addresses= -c fsync=off
    stop_grace_period: 0s
    healthcheck: {{test: psql -U me -d postgres -c 'SELECT 1', interval: 200ms, retries: 100}}
"""
MARIADB = """
services:
  db:
    image: hookman-busybox
    user: "{uid}:{gid}"
    volumes: [/usr:/usr:ro, /usr/lib:/lib:ro, /usr/lib64:/lib64:ro, /etc/passwd:/etc/passwd:ro, '{folder}:/run/mysqld']
    environment: {{PATH: '/usr/bin:/bin'}}
    command: >
      /usr/sbin/mariadbd --no-defaults --datadir=/run/mysqld/data --skip-networking
      --socket=/run/mysqld/mysqld.sock --init-file=/run/mysqld/init.sql
    stop_grace_period: 0s
    healthcheck: {{test: mariadb -ume -e 'SELECT 1', interval: 200ms, retries: 100}}
"""
PASSWORD = "a \"b'"  # noqa: S105 (of a server that lives as long as a test)


class Service:
    """A project whose database server is a service; its files lie where the server's user can get to."""

    engine = own = account = compose = ""
    client: tuple[str, ...] = ()

    def __init__(self, box: Box, folder: str) -> None:
        user = pwd.getpwnam(self.account)
        shutil.chown(folder, self.account, self.account)
        as_user = ["setpriv", f"--reuid={self.account}", f"--regid={self.account}", "--clear-groups"]
        init, quiet = self.init(folder), subprocess.DEVNULL
        environ = {"PATH": f"{os.defpath}:/usr/sbin:/sbin"}
        subprocess.run([*as_user, *init], check=True, stdout=quiet, stderr=quiet, cwd="/", env=environ)
        text = self.compose.format(uid=user.pw_uid, gid=user.pw_gid, programs=PROGRAMS, folder=folder)
        self.project = box.project(f"hm-db-{self.engine}", text)
        self.project.write(".env", f"DB_NAME=shop\nDB_USER=me\nDB_SERVICE=db\nDB_ENGINE={self.engine}\n")

    def init(self, folder: str) -> list[str]:
        raise NotImplementedError

    def sql(self, statement: str, database: str = "shop") -> str:
        """What the server in the container answers."""
        argv = ("exec", "-T", "--skip-hooks", "db", *self.client, statement, database)
        done = self.project.compose(*argv)
        assert done.code == 0, done
        return done.out.strip()

    def start(self) -> None:
        """Start it, with the database `shop` that has a table of one thing."""
        assert self.project.compose("up", "-d", "--wait").code == 0, self.project.compose("logs")
        self.sql("CREATE DATABASE shop", self.own)
        self.sql("CREATE TABLE things (name text); INSERT INTO things VALUES ('a')")


class Postgres(Service):
    engine, own, account, compose = "postgres", "postgres", "postgres", POSTGRES
    client = ("psql", "-Ume", "-Atqc")

    def init(self, folder: str) -> list[str]:
        return [f"{PROGRAMS}/initdb", "-D", f"{folder}/data", "--auth=trust", "--username=me", "--no-sync"]


class MariaDb(Service):
    engine, own, account, compose = "mariadb", "mysql", "mysql", MARIADB
    client = ("mariadb", "-ume", "-BNe")

    def init(self, folder: str) -> list[str]:
        Path(folder, "init.sql").write_text("CREATE USER me@localhost;\nGRANT ALL ON *.* TO me@localhost;\n")
        return ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--skip-test-db"]


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
