"""hookman db import, on a real PostgreSQL: the database becomes what the dump says, or stays as it was: C90 to C92."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.box import BIN, PATIENCE, Project
from tests.support.databases import (
    DB_HOOKS,
    FAIR,
    KILLS,
    PASSWORD,
    PROGRAMS,
    SIDE_BY_SIDE,
    Server,
    dumps,
    kill_at_each_call,
    kill_imports,
    things,
)
from tests.support.terminal import Terminal


class TestImport:
    def test_the_database_becomes_what_the_dump_says(self, shop: Project, server: Server, dump: Path) -> None:  # C90
        shop.hooks_sh(DB_HOOKS)
        result = shop.hookman("db", "import", dump.name)
        assert result.code == 0, result
        assert (things(server), server.databases()) == ("ü,b", ["shop"])
        assert shop.trace() == [f"pre_db_import [{dump}]", f"post_db_import [{dump}]"]

    def test_the_programs_that_debian_puts_before_postgres_own_do_it_too(
        self, shop: Project, server: Server, dump: Path
    ) -> None:
        path = shop.box.environ["PATH"].partition(":")[2]
        assert shop.hookman("db", "export", PATH=path).code == 0
        assert len(dumps(shop)) == 2
        assert shop.hookman("db", "import", dump, PATH=path).code == 0
        assert things(server) == "ü,b"

    def test_without_a_file_the_newest(self, shop: Project, server: Server, dump: Path) -> None:  # C92
        older = shop.write("shop_20000101_000000.sql", "SELECT 1/0;")
        os.utime(older, (1, 1))
        assert shop.hookman("db", "import", "--yes").code == 0
        assert things(server) == "ü,b"
        dump.unlink()
        older.unlink()
        missing = shop.hookman("db", "import", "--yes")
        assert missing.code == 1
        assert "there is no dump shop_*.sql" in missing.err

    @pytest.mark.parametrize("text", ["", "SELECT 1;\nSELECT 1/0;\n", "CREATE TABLE x (i int);\nnonsense\n"])
    def test_a_broken_dump_leaves_the_database_as_it_was(self, shop: Project, server: Server, text: str) -> None:
        shop.hooks_sh("hook_post_db_import() { echo post >>trace; }\n")
        result = shop.hookman("db", "import", shop.write("broken.sql", text))
        assert result.code == 1
        assert (things(server), server.databases(), shop.trace()) == ("ü,b", ["shop"], [])

    def test_a_dump_that_was_cut_off_is_noticed_before_any_hook(self, shop: Project, dump: Path) -> None:
        shop.hooks_sh(DB_HOOKS)
        text = dump.read_text()
        cut = shop.write("cut.sql", text[: text.index("ü") + 1])
        result = shop.hookman("db", "import", cut)
        assert (result.code, shop.trace()) == (1, [])
        assert "cut off" in result.err

    def test_a_missing_dump_is_an_error_before_any_hook(self, shop: Project) -> None:  # C91
        shop.hooks_sh(DB_HOOKS)
        result = shop.hookman("db", "import", "nowhere.sql")
        assert (result.code, shop.trace()) == (1, [])
        assert f"there is no dump {shop.path}/nowhere.sql" in result.err

    def test_sessions_on_the_old_database_are_ended(self, shop: Project, server: Server, dump: Path) -> None:
        environ = {"PATH": os.defpath, "PGPASSWORD": PASSWORD}
        argv = [
            "psql",
            "-X",
            "-h",
            "127.0.0.1",
            "-p",
            server.port,
            "-U",
            "me",
            "-d",
            "shop",
            "-c",
            "SELECT pg_sleep(1000)",
        ]
        with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as session:
            server.wait_until("query LIKE 'SELECT pg_sleep%'")
            assert shop.hookman("db", "import", dump).code == 0
            assert session.wait(PATIENCE) != 0
        assert things(server) == "ü,b"

    def test_a_database_that_was_not_there_is_made(self, shop: Project, server: Server, dump: Path) -> None:
        server.sql("DROP DATABASE shop")
        assert shop.hookman("db", "import", dump).code == 0
        assert things(server) == "ü,b"

    @pytest.mark.parametrize("name", ["my-shop", "my shop", 'my"shop', "it's", "a=b", "ü" * 30])
    def test_odd_names(self, shop: Project, server: Server, dump: Path, name: str) -> None:
        result = shop.hookman("db", "import", dump, DB_NAME=name)
        assert result.code == 0, result
        assert things(server, name) == "ü,b"
        assert shop.hookman("db", "import", dump, DB_NAME=name).code == 0
        exported = shop.hookman("db", "export", DB_NAME=name)
        assert exported.code == 0, exported
        assert sorted(server.databases()) == sorted(["shop", name])

    def test_in_place_where_one_may_not_create_databases(self, shop: Project, server: Server, dump: Path) -> None:
        server.sql(f"DROP ROLE IF EXISTS small; CREATE ROLE small LOGIN PASSWORD '{PASSWORD}'")
        server.sql("ALTER DATABASE shop OWNER TO small")
        server.sql("ALTER SCHEMA public OWNER TO small; ALTER TABLE things OWNER TO small", "shop")
        dump.write_text(dump.read_text().replace("OWNER TO me", "OWNER TO small"))
        refused = shop.hookman("db", "import", dump, DB_USER="small")
        assert refused.code == 1
        assert "--in-place" in refused.err
        assert things(server) == "ü,b,c"
        result = shop.hookman("db", "import", dump, "--in-place", "--yes", DB_USER="small")
        assert result.code == 0, result
        assert things(server) == "ü,b"
        assert "in case you want it back" in result.err
        broken = shop.write("broken.sql", "CREATE TABLE x (i int);\nnonsense\n")
        assert shop.hookman("db", "import", broken, "--in-place", "--yes", DB_USER="small").code == 1
        assert things(server) == "ü,b"
        server.sql("DROP DATABASE shop")

    def test_two_at_once_come_one_after_the_other(self, shop: Project, server: Server, dump: Path) -> None:
        slow = shop.write("slow.sql", "SELECT pg_sleep(1);\nCREATE TABLE slow (i int);\n")
        with shop.start(BIN / "hookman", "db", "import", slow) as first:
            server.wait_until("query LIKE 'SELECT pg_sleep%'")
            second = shop.hookman("db", "import", dump)
            assert first.wait(PATIENCE) == 0
        assert (second.code, things(server), server.databases()) == (0, "ü,b", ["shop"])
        assert f"waiting for `{slow}` (pid {first.pid}" in second.err

    def test_on_a_terminal_a_line_shows_how_far_it_is(self, shop: Project) -> None:
        slow = shop.write("slow.sql", "CREATE TABLE x (i int); SELECT pg_sleep(1);\n")
        terminal = Terminal(shop, str(BIN / "hookman"), "db", "import", str(slow))
        terminal.match(rb"hookman: importing shop  44 B of 44 B \(100 %\)  \d s")
        assert terminal.wait() == 0

    def test_killed_at_any_moment_the_old_or_the_new_database_is_there_complete(
        self, shop: Project, server: Server, dump: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert PROGRAMS is not None

        def reset(name: str) -> None:
            if name not in server.databases():
                server.sql(f"CREATE DATABASE {name}")
            server.sql("DROP TABLE IF EXISTS things; CREATE TABLE things (id int); INSERT INTO things VALUES (1)", name)

        def state(name: str) -> str:
            server.wait_while(f"application_name = '{name}'")
            return server.sql("SELECT count(*) FROM things", name)

        old, new = kill_at_each_call(shop, dump, PROGRAMS / "psql", reset, state)
        assert (old > 2, new > 0, things(server)) == (True, True, "ü,b")

        server.sql("INSERT INTO things SELECT i, 'x' FROM generate_series(3, 20000) i", "shop")
        assert shop.hookman("db", "export").code == 0
        seen = kill_imports(shop, dumps(shop)[-1], reset, state)
        at_random = f"{seen.total()} times: old {seen['1']}, new {seen['20000']}"
        with capsys.disabled():
            os.write(1, f"\n[postgres] killed at each call: old {old}, new {new}, and {at_random}\n".encode())
        assert seen["1"] + seen["20000"] == seen.total() >= KILLS, seen
        assert min(seen["1"], seen["20000"]) >= FAIR, seen
        assert server.databases() == ["shop", *(f"shop{number}" for number in range(SIDE_BY_SIDE))]
