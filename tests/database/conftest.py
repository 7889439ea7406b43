from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.databases import PASSWORD, PROGRAMS, Server, dumps, folder


@pytest.fixture(scope="session")
def session_server() -> Iterator[Server]:
    with folder("hookman-pg-") as base:
        server = Server(Path(base))
        yield server
        server.stop()


@pytest.fixture
def server(session_server: Server) -> Server:
    """The server with no database but its own."""
    for name in session_server.databases():
        session_server.sql(f'DROP DATABASE "{name.replace(chr(34), chr(34) * 2)}" WITH (FORCE)')
    return session_server


@pytest.fixture
def shop(box: Box, server: Server) -> Project:
    """An enabled project with the database `shop`, which has a table of two things."""
    box.environ["PATH"] = f"{PROGRAMS}:{box.environ['PATH']}"  # what Debian's programs of the same names start
    project = box.project()
    settings = f"DB_HOST=127.0.0.1\nDB_PORT={server.port}\nDB_USER=me\nDB_PASSWORD='{PASSWORD}'\n"
    project.write(".env", f"DB_NAME=shop\n{settings}")
    server.sql("CREATE DATABASE shop")
    server.sql("CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, 'ü'), (2, 'b')", "shop")
    return project


@pytest.fixture
def dump(shop: Project, server: Server) -> Path:
    """A dump of the two things; since then the database has a third one."""
    assert shop.hookman("db", "export").code == 0
    server.sql("INSERT INTO things VALUES (3, 'c')", "shop")
    (path,) = dumps(shop)
    return path
