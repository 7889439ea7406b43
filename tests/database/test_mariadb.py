"""hookman db on a real MariaDB: what differs from PostgreSQL (CONTRACT C87 to C95)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.base.errors import ConfigError
from hookman.database.connection import MARIADB, POSTGRES, Database, kind_of
from tests.support.box import BIN, PATIENCE, Box, Project
from tests.support.databases import (
    FAIR,
    KILLS,
    PASSWORD,
    SIDE_BY_SIDE,
    dumps,
    folder,
    imports_at_once,
    kill_at_each_call,
    kill_imports,
)
from tests.support.ports import free_port

ENVIRON = {"PATH": f"{os.defpath}:/usr/sbin:/sbin", "MYSQL_PWD": PASSWORD}


class Server:
    """A MariaDB server of the tests' own, on a loopback port, that wants a password."""

    def __init__(self, base: Path) -> None:
        self.base = base
        shutil.chown(base, "mysql", "mysql")
        self.port = str(free_port())
        as_user = ["setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups"] if os.geteuid() == 0 else []
        made = [*as_user, "mariadb-install-db", "--no-defaults", f"--datadir={base}/data", "--skip-test-db"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRON)
        init = base / "init.sql"
        init.write_text(f"CREATE USER me@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO me@'%';\n")
        init.chmod(0o644)
        files = [f"--datadir={base}/data", f"--socket={base}/socket", f"--pid-file={base}/pid", f"--init-file={init}"]
        net = [f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        self.process = subprocess.Popen(
            [*as_user, "mariadbd", "--no-defaults", *files, *net], env=ENVIRON, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + PATIENCE
        while (asked := self.ask("SELECT 1")).returncode:
            assert self.process.poll() is None, "the server did not start"
            assert time.monotonic() < deadline, asked.stderr
            time.sleep(0.05)

    def ask(self, statement: str, database: str = "mysql") -> subprocess.CompletedProcess[str]:
        where = ["-h127.0.0.1", f"-P{self.port}", "-ume", "--default-character-set=utf8mb4"]
        argv = ["mariadb", "--no-defaults", *where, "-BN", f"--database={database}", "-e", statement]
        return subprocess.run(argv, env=ENVIRON, capture_output=True, text=True, check=False)

    def sql(self, statement: str, database: str = "mysql") -> str:
        """What the server answers."""
        done = self.ask(statement, database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait_while(self, condition: str) -> None:
        """Wait as long as the condition is true; the server looks."""
        self.sql(f"DELIMITER //\nBEGIN NOT ATOMIC WHILE {condition} DO DO SLEEP(0.01); END WHILE; END //")

    def databases(self) -> list[str]:
        """The names of all databases that are not the server's own."""
        own = ("mysql", "sys", "information_schema", "performance_schema")
        return [name for name in self.sql("SHOW DATABASES").splitlines() if name not in own]


@pytest.fixture(scope="module")
def module_server() -> Iterator[Server]:
    with folder("hookman-my-") as base:
        server = Server(Path(base))
        yield server
        server.process.kill()
        server.process.wait()


@pytest.fixture
def server(module_server: Server) -> Server:
    """The server with no database but its own."""
    for name in module_server.databases():
        module_server.sql(f"DROP DATABASE `{name.replace('`', '``')}`")
    return module_server


@pytest.fixture
def shop(box: Box, server: Server) -> Project:
    """An enabled project with the database `shop`, which has two tables, one of which refers to the other."""
    project = box.project()
    settings = f"DB_ENGINE=mysql\nDB_HOST=127.0.0.1\nDB_PORT={server.port}\nDB_USER=me\nDB_PASSWORD='{PASSWORD}'\n"
    project.write(".env", f"DB_NAME=shop\n{settings}")
    server.sql("CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    server.sql(
        "CREATE TABLE things (id int PRIMARY KEY, name text); INSERT INTO things VALUES (1, 'ü'), (2, 'b');"
        "CREATE TABLE parts (thing int, FOREIGN KEY (thing) REFERENCES things (id)); INSERT INTO parts VALUES (1)",
        "shop",
    )
    return project


@pytest.fixture
def dump(shop: Project, server: Server) -> Path:
    """A dump of the two things; since then the database has a third one, and a table more."""
    assert shop.hookman("db", "export").code == 0
    server.sql("INSERT INTO things VALUES (3, 'c'); CREATE TABLE more (i int)", "shop")
    (path,) = dumps(shop)
    return path


def things(server: Server, database: str = "shop") -> str:
    return server.sql("SELECT GROUP_CONCAT(name ORDER BY id) FROM things", database)


def test_the_database_becomes_what_the_dump_says(shop: Project, server: Server, dump: Path) -> None:
    shop.hooks_sh('hook_post_db_import() { echo "$1" >>trace; }\n')
    result = shop.hookman("db", "import", "--yes")
    assert result.code == 0, result
    assert (things(server), server.databases(), shop.trace()) == ("ü,b", ["shop"], [str(dump)])
    assert server.sql("SHOW TABLES", "shop").split() == ["parts", "things"]
    assert server.ask("INSERT INTO parts VALUES (99)", "shop").returncode != 0  # the foreign key is there
    assert "utf8mb4_bin" in server.sql("SHOW CREATE DATABASE shop")


@pytest.mark.parametrize("text", ["SELECT 1;\nnonsense;\n", "CREATE TABLE x (i int);\nINSERT INTO nope VALUES (1);\n"])
def test_a_broken_dump_leaves_the_database_as_it_was(shop: Project, server: Server, dump: Path, text: str) -> None:
    for broken in (shop.write("broken.sql", text), shop.write("cut.sql", dump.read_text()[:-100])):
        assert shop.hookman("db", "import", broken).code == 1
        assert (things(server), server.databases()) == ("ü,b,c", ["shop"])


def test_a_wrong_password_and_no_server_are_said(shop: Project) -> None:
    for variable, value, says in (
        ("DB_PASSWORD", "wrong", "DB_PASSWORD"),
        ("DB_PORT", "1", "check that the server is up"),
    ):
        result = shop.hookman("db", "export", **{variable: value})
        assert (result.code, dumps(shop)) == (1, [])
        assert says in result.err


@pytest.mark.parametrize("name", ["my-shop", "my shop", "my`shop", "it's", "-x", "ü" * 20])
def test_odd_names(shop: Project, server: Server, dump: Path, name: str) -> None:
    for _ in range(2):
        result = shop.hookman("db", "import", dump, DB_NAME=name)
        assert result.code == 0, result
    assert things(server, name) == "ü,b"
    assert shop.hookman("db", "export", DB_NAME=name).code == 0
    assert sorted(server.databases()) == sorted(["shop", name])


def test_triggers_and_views_take_a_load_in_place(shop: Project, server: Server) -> None:
    server.sql("CREATE VIEW names AS SELECT name FROM things", "shop")
    server.sql("CREATE TRIGGER t BEFORE INSERT ON things FOR EACH ROW SET NEW.name = UPPER(NEW.name)", "shop")
    assert shop.hookman("db", "export").code == 0
    server.sql("INSERT INTO things VALUES (3, 'c')", "shop")
    refused = shop.hookman("db", "import", "--yes")
    assert (refused.code, things(server), server.databases()) == (1, "ü,b,C", ["shop"])
    assert "--in-place" in refused.err
    result = shop.hookman("db", "import", "--in-place", "--yes")
    assert result.code == 0, result
    server.sql("INSERT INTO things VALUES (4, 'd')", "shop")
    assert (
        server.sql("SELECT GROUP_CONCAT(name ORDER BY name) FROM names", "shop") == "D,b,ü"
    )  # the order of utf8mb4_bin


def test_a_load_in_place_that_fails_is_undone(shop: Project, server: Server, dump: Path) -> None:
    broken = shop.write("broken.sql", "CREATE TABLE x (i int);\nnonsense;\n")
    result = shop.hookman("db", "import", broken, "--in-place", "--yes")
    assert (result.code, things(server)) == (1, "ü,b,c")
    assert "was loaded again" in result.err


def test_a_load_in_place_that_is_interrupted_is_undone(shop: Project, server: Server) -> None:
    slow = shop.write("slow.sql", "CREATE TABLE x (i int);\nSELECT SLEEP(1000);\n")
    process = shop.start(BIN / "hookman", "db", "import", slow, "--in-place", "--yes")
    sleeps = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'"
    server.wait_while(f"NOT EXISTS ({sleeps})")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) != 0
    assert things(server) == "ü,b"


def test_killed_at_any_moment_the_old_or_the_new_database_is_there_complete(
    shop: Project, server: Server, dump: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reset(name: str) -> None:
        tables = "CREATE TABLE things (id int); CREATE TABLE parts (thing int); INSERT INTO things VALUES (1)"
        server.sql(f"CREATE OR REPLACE DATABASE {name}; USE {name}; {tables}")

    def state(name: str) -> str:
        # No session has a name here: a statement that is under way names the database.
        others = f"ID <> CONNECTION_ID() AND (DB LIKE '{name}%' OR INFO LIKE '%{name}%')"
        server.wait_while(f"EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE {others})")
        return server.sql("SELECT CONCAT((SELECT COUNT(*) FROM things), '/', (SELECT COUNT(*) FROM parts))", name)

    old, new = kill_at_each_call(shop, dump, Path("/usr/bin/mariadb"), reset, state)
    assert (old > 2, new > 0, things(server)) == (True, True, "ü,b")

    server.sql("INSERT INTO things SELECT seq, 'x' FROM seq_3_to_20000", "shop")
    assert shop.hookman("db", "export").code == 0
    seen = kill_imports(shop, dumps(shop)[-1], reset, state)
    at_random = f"{seen.total()} times: old {seen['1/0']}, new {seen['20000/1']}"
    with capsys.disabled():
        os.write(1, f"\n[mariadb] killed at each call: old {old}, new {new}, and {at_random}\n".encode())
    assert seen["1/0"] + seen["20000/1"] == seen.total() >= KILLS, seen
    assert min(seen["1/0"], seen["20000/1"]) >= FAIR, seen
    assert server.databases() == ["shop", *(f"shop{number}" for number in range(SIDE_BY_SIDE))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("USE other;\nDROP TABLE precious;\n", "line 1: the dump goes to a database of its own choice"),
        ("CREATE TABLE x (i int);\nDROP TABLE other.precious;\n", "line 2: the dump goes to a database"),
        ("CREATE TABLE x (i int);\nsystem touch ran\n", "line 2: the dump does more than fill a database"),
        ("CREATE TABLE x (i int); SET autocommit=0;\nINSERT INTO x VALUES (1);\n", "a transaction is never ended"),
        ("-- only a comment\n", "creates nothing"),
        ("SELECT 1;\n", "created nothing"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--in-place", "--yes"]])
def test_a_dump_that_does_not_fill_the_database_changes_nothing(
    shop: Project, server: Server, text: str, says: str, flags: list[str]
) -> None:
    server.sql("CREATE DATABASE other; CREATE TABLE other.precious (i int)")
    result = shop.hookman("db", "import", shop.write("a.sql", text), *flags)
    assert (result.code, things(server), (shop.path / "ran").exists()) == (1, "ü,b", False), result
    assert says in result.err
    assert server.sql("SHOW TABLES", "other") == "precious"


def test_a_dump_of_databases_is_refused_and_the_fix_is_named(shop: Project, server: Server) -> None:
    argv = ["mariadb-dump", "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-ume", "--databases", "shop"]
    path = shop.path / "a.sql"
    path.write_bytes(subprocess.run(argv, env=ENVIRON, capture_output=True, check=True).stdout)
    result = shop.hookman("db", "import", path)
    assert (result.code, things(server)) == (1, "ü,b")
    assert "create it without --databases" in result.err


def test_a_trusted_dump_may_run_programs(shop: Project, server: Server) -> None:
    dump = shop.write("a.sql", "CREATE TABLE x (i int);\nsystem touch ran\n")
    assert shop.hookman("db", "import", "--trust-dump", dump).code == 0
    assert (shop.path / "ran").exists()
    hidden = shop.write("hidden.sql", "USE mysql;\n")
    dump = shop.write("b.sql", f"CREATE TABLE z (i int);\nsource {hidden}\n")
    result = shop.hookman("db", "import", "--trust-dump", dump)
    assert (result.code, server.sql("SHOW TABLES", "shop")) == (1, "x")
    assert "ended in another database" in result.err


def test_the_last_statement_may_lack_its_end(shop: Project, server: Server) -> None:
    for text in ("CREATE TABLE a (i int)", "DELIMITER //\nCREATE TABLE a (i int) //", "CREATE TABLE a (i int); -- x"):
        result = shop.hookman("db", "import", shop.write("a.sql", text))
        assert (result.code, server.sql("SHOW TABLES", "shop")) == (0, "a"), result


def test_imports_from_two_checkouts_at_once_end_with_one_of_the_dumps(
    shop: Project, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    # The load takes a while, so that they meet.
    text = "CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, '{}'); SELECT SLEEP(0.3);\n"
    rounds, met = imports_at_once(shop, text, lambda: (things(server), server.databases()))
    with capsys.disabled():
        os.write(1, f"\n[mariadb] {rounds} times from two checkouts: {met} times one waited for the other\n".encode())
    assert met >= rounds / 2


@pytest.mark.parametrize(
    ("stated", "port", "service", "images", "kind"),
    [
        ("", "", "", {}, POSTGRES),
        ("", "3306", "", {}, MARIADB),
        ("", "", "", {"db": "mariadb:11"}, MARIADB),
        ("", "", "", {"db": "docker.io/library/mysql:8", "web": "nginx"}, MARIADB),
        ("", "", "", {"db": "postgis/postgis:16"}, POSTGRES),
        ("", "", "b", {"a": "postgres", "b": "mysql"}, MARIADB),
        (POSTGRES, "3306", "", {"db": "mysql"}, POSTGRES),
    ],
)
def test_the_kind_of_database_is_found(stated: str, port: str, service: str, images: dict[str, str], kind: str) -> None:
    assert kind_of(Database(name="x", kind=stated, port=port, service=service), images) == kind


def test_two_kinds_of_service_are_unclear() -> None:
    with pytest.raises(ConfigError, match="unclear"):
        kind_of(Database(name="x", kind=""), {"a": "postgres", "b": "mysql"})
