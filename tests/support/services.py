"""A database server as a service of a project: this machine's own, in a container."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tests.support.box import Box
from tests.support.databases import HASTE, PROGRAMS
from tests.support.stacks import name_in

POSTGRES = """
services:
  db:
    image: hookman-busybox
    network_mode: host
    user: "{uid}:{gid}"
    volumes: [/usr:/usr:ro, /usr/lib:/lib:ro, /usr/lib64:/lib64:ro, /etc/passwd:/etc/passwd:ro, '{folder}:/db']
    environment: {{PATH: '{programs}:/bin', PGHOST: /db}}
    command: postgres -D /db/data -k /db -c listen_addresses= {haste}
    stop_grace_period: 0s
    healthcheck: {{test: psql -U me -d postgres -c 'SELECT 1', interval: 1s, retries: 100}}
"""
MARIADB = """
services:
  db:
    image: hookman-busybox
    network_mode: host
    user: "{uid}:{gid}"
    volumes: [/usr:/usr:ro, /usr/lib:/lib:ro, /usr/lib64:/lib64:ro, /etc/passwd:/etc/passwd:ro, '{folder}:/run/mysqld']
    environment: {{PATH: '/usr/bin:/bin'}}
    command: >
      /usr/sbin/mariadbd --no-defaults --datadir=/run/mysqld/data --skip-networking
      --socket=/run/mysqld/mysqld.sock --init-file=/run/mysqld/init.sql
    stop_grace_period: 0s
    healthcheck: {{test: mariadb -ume -e 'SELECT 1', interval: 1s, retries: 100}}
"""


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
        text = self.compose.format(uid=user.pw_uid, gid=user.pw_gid, programs=PROGRAMS, folder=folder, haste=HASTE)
        self.project = box.project(name_in(box, f"hm-db-{self.engine}"), text)
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
        self.fill()

    def fill(self) -> None:
        """Create that database."""
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
