"""DB_SERVICE: the database and its client programs in a container, on a real engine."""

from __future__ import annotations

import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, Project
from tests.database.conftest import PROGRAMS

# This machine's own PostgreSQL, in a container of the tests' image.
COMPOSE = """
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


@pytest.fixture
def shop(real_box: Box) -> Iterator[Project]:
    """A project whose database server is a service; its files lie where the server's user can get to."""
    account = pwd.getpwnam("postgres")
    with tempfile.TemporaryDirectory(prefix="hookman-pg-") as folder:
        shutil.chown(folder, "postgres", "postgres")
        init = [f"{PROGRAMS}/initdb", "-D", f"{folder}/data", "--auth=trust", "--username=me", "--no-sync"]
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run([*as_user, *init], check=True, stdout=subprocess.DEVNULL, cwd="/")
        text = COMPOSE.format(uid=account.pw_uid, gid=account.pw_gid, programs=PROGRAMS, folder=folder)
        project = real_box.project("hm-db-service", text)
        project.write(".env", "DB_NAME=shop\nDB_USER=me\nDB_SERVICE=db\n")
        yield project
        project.compose("down", "--skip-hooks", "-t", "0")


def sql(project: Project, statement: str, database: str = "shop") -> str:
    argv = ["exec", "-T", "db", "psql", "-U", "me", "-A", "-t", "-q", "-d", database, "-c", statement]
    done = project.compose(*argv)
    assert done.code == 0, done
    return done.out.strip()


@pytest.mark.parametrize("password", ["", "DB_PASSWORD='a \"b'\n"], ids=["trusted", "password"])
def test_export_and_import_in_the_services_container(shop: Project, password: str) -> None:
    with (shop.path / ".env").open("a") as file:
        file.write(password)
    shop.script("exec.pre", "a.sh", "echo exec >>trace")  # what hookman itself does in the container is no event
    assert shop.compose("up", "-d", "--wait").code == 0
    sql(shop, "CREATE DATABASE shop", "postgres")
    sql(shop, "CREATE TABLE things (name text); INSERT INTO things VALUES ('a')")
    (shop.path / "trace").unlink()
    for flags in ([], ["--gzip"]):
        exported = shop.hookman("db", "export", *flags, PATH=without_clients(shop.box))
        assert exported.code == 0, exported
        assert shop.trace() == []
        sql(shop, "UPDATE things SET name = 'b'")
        (shop.path / "trace").unlink()
        imported = shop.hookman("db", "import", PATH=without_clients(shop.box))
        assert imported.code == 0, imported
        assert shop.trace() == []
        assert sql(shop, "SELECT name FROM things") == "a"
        (shop.path / "trace").unlink()
    broken = shop.write("broken.sql", "CREATE TABLE x (i int);\nnonsense\n")
    assert shop.hookman("db", "import", broken).code == 1
    assert sql(shop, "SELECT name FROM things") == "a"


def without_clients(box: Box) -> str:
    """A PATH with docker and gzip, and none of PostgreSQL's programs."""
    folder = box.base / "few"
    folder.mkdir(exist_ok=True)
    for program in ("docker", "gzip", "sh", "bash"):
        found = next(path for one in box.environ["PATH"].split(":") if (path := Path(one) / program).exists())
        if not (folder / program).exists():
            (folder / program).symlink_to(found)
    return str(folder)
