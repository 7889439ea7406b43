"""hookman db, on a real PostgreSQL: CONTRACT C87 to C98."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.box import BIN, PATIENCE, Box, Project
from tests.support.databases import FAIR, KILLS, PASSWORD, SIDE_BY_SIDE, Server, dumps, kill_imports
from tests.support.terminal import Terminal

HOOKS = """
hook_pre_db_export() { echo "pre_db_export [$*]" >>trace; }
hook_post_db_export() { echo "post_db_export [$*] $(test -s "$1" && echo there)" >>trace; }
hook_pre_db_import() { echo "pre_db_import [$*]" >>trace; }
hook_post_db_import() { echo "post_db_import [$*]" >>trace; }
"""


def things(server: Server, database: str = "shop") -> str:
    return server.sql("SELECT string_agg(name, ',' ORDER BY id) FROM things", database)


@pytest.fixture
def dump(shop: Project, server: Server) -> Path:
    """A dump of the two things; since then the database has a third one."""
    assert shop.hookman("db", "export").code == 0
    server.sql("INSERT INTO things VALUES (3, 'c')", "shop")
    (path,) = dumps(shop)
    return path


class TestExport:
    def test_a_dump_is_named_after_database_and_time_and_hooks_get_its_path(self, shop: Project) -> None:  # C87, C88
        shop.hooks_sh(HOOKS)
        shop.script("db_export.pre", "a.sh", 'echo "script [$*]" >>trace')
        result = shop.hookman("db", "export")
        assert result.code == 0, result
        (path,) = dumps(shop)
        assert re.fullmatch(r"shop_\d{8}_\d{6}\.sql", path.name)
        assert path.stat().st_mode & 0o077 == 0
        assert shop.trace() == ["script []", "pre_db_export []", f"post_db_export [{path}] there"]
        assert "CREATE TABLE public.things" in path.read_text()
        assert [run["command"] for run in shop.box.runs()] == ["db_export"]

    def test_two_in_one_second_are_two_dumps(self, shop: Project) -> None:
        for _ in range(3):
            assert shop.hookman("db", "export").code == 0
        assert len(dumps(shop)) == 3

    def test_a_packed_one(self, shop: Project, server: Server) -> None:
        assert shop.hookman("db", "export", "--gzip").code == 0
        (path,) = dumps(shop)
        assert path.name.endswith(".sql.gz")
        server.sql("DROP TABLE things", "shop")
        assert shop.hookman("db", "import", "--yes").code == 0
        assert things(server) == "ü,b"

    def test_a_failing_pre_hook_dumps_nothing(self, shop: Project) -> None:  # C93
        shop.hooks_sh("hook_pre_db_export() { return 3; }\n")
        assert shop.hookman("db", "export").code == 1
        assert dumps(shop) == []

    def test_a_failing_post_hook_fails_and_the_dump_stays(self, shop: Project) -> None:  # C93
        shop.hooks_sh("hook_post_db_export() { return 3; }\n")
        assert shop.hookman("db", "export").code == 1
        assert len(dumps(shop)) == 1

    @pytest.mark.parametrize(
        ("variable", "value", "says"),
        [
            ("DB_PASSWORD", "wrong", "DB_PASSWORD"),
            ("DB_PORT", "1", "check that the server is up"),
            ("DB_NAME", "nowhere", "nowhere"),
            ("DB_PORT", "x", "must be a number"),
            ("DB_ENGINE", "oracle", "is not known"),
        ],
    )
    def test_what_goes_wrong_leaves_no_file_and_runs_no_post_hook(  # C89
        self, shop: Project, variable: str, value: str, says: str
    ) -> None:
        shop.hooks_sh(HOOKS)
        result = shop.hookman("db", "export", **{variable: value})
        assert result.code != 0
        assert says in result.err
        assert "Traceback" not in result.err
        assert dumps(shop) == []
        assert not any(line.startswith("post") for line in shop.trace())

    def test_the_password_is_on_no_command_line_and_in_no_log(self, shop: Project) -> None:  # C95
        log = shop.box.base / "strace"
        result = shop.box.run(
            *("strace", "-f", "-e", "trace=execve", "-s", "1000", "-o", log, BIN / "hookman", "db", "export"),
            cwd=shop.path,
        )
        assert result.code == 0
        assert "pg_dump" in log.read_text()
        assert PASSWORD not in log.read_text()
        kept = [path.read_bytes() for path in (shop.box.data / "projects").rglob("*") if path.is_file()]
        assert not any(PASSWORD.encode() in data for data in kept)

    def test_without_a_database_the_pre_hook_runs_then_a_note(self, box: Box) -> None:  # C97
        project = box.project()
        project.hooks_sh(HOOKS)
        result = project.hookman("db", "export")
        assert (result.code, project.trace()) == (0, ["pre_db_export []"])
        assert "no database (DB_NAME is not set)" in result.err

    def test_a_url_says_it_too(self, shop: Project, server: Server) -> None:
        url = f"postgresql://me:{PASSWORD.replace(' ', '%20').replace('#', '%23')}@127.0.0.1:{server.port}/shop"
        shop.write(".env", f"DB_URL={url}\n")
        result = shop.hookman("db", "export")
        assert result.code == 0, result
        assert len(dumps(shop)) == 1


class TestImport:
    def test_the_database_becomes_what_the_dump_says(self, shop: Project, server: Server, dump: Path) -> None:  # C90
        shop.hooks_sh(HOOKS)
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
        shop.hooks_sh(HOOKS)
        text = dump.read_text()
        cut = shop.write("cut.sql", text[: text.index("ü") + 1])
        result = shop.hookman("db", "import", cut)
        assert (result.code, shop.trace()) == (1, [])
        assert "cut off" in result.err

    def test_a_missing_dump_is_an_error_before_any_hook(self, shop: Project) -> None:  # C91
        shop.hooks_sh(HOOKS)
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
            while server.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") != "1":
                time.sleep(0.01)
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
            while server.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") != "1":
                time.sleep(0.01)
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
        self, shop: Project, server: Server, capsys: pytest.CaptureFixture[str]
    ) -> None:
        server.sql("INSERT INTO things SELECT i, 'x' FROM generate_series(3, 20000) i", "shop")
        assert shop.hookman("db", "export").code == 0
        (path,) = dumps(shop)

        def reset(name: str) -> None:
            if name not in server.databases():
                server.sql(f"CREATE DATABASE {name}")
            server.sql("DROP TABLE IF EXISTS things; CREATE TABLE things (id int); INSERT INTO things VALUES (1)", name)

        def state(name: str) -> str:
            while server.sql(f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'") != "0":
                time.sleep(0.01)
            return server.sql("SELECT count(*) FROM things", name)

        seen = kill_imports(shop, path, reset, state)
        with capsys.disabled():
            os.write(1, f"\n[postgres] killed {seen.total()} times: old {seen['1']}, new {seen['20000']}\n".encode())
        assert seen["1"] + seen["20000"] == seen.total() >= KILLS, seen
        assert min(seen["1"], seen["20000"]) >= FAIR, seen
        assert server.databases() == ["shop", *(f"shop{number}" for number in range(SIDE_BY_SIDE))]


class TestCleanup:
    def test_the_newest_stay_and_other_files_too(self, shop: Project) -> None:  # C94
        for number in range(4):
            os.utime(shop.write(f"shop_2026010{number}_000000.sql", "x"), (number, number))
        shop.write("shopping_20200101_000000.sql", "x")
        shop.write("shop_notes.txt", "x")
        assert shop.hookman("db", "cleanup", "--keep", "2", "--yes").code == 0
        assert [path.name for path in dumps(shop)] == [
            "shop_20260102_000000.sql",
            "shop_20260103_000000.sql",
            "shopping_20200101_000000.sql",
        ]
        assert shop.hookman("db", "cleanup", "--dry-run").out.count("would remove") == 1
        assert shop.hookman("db", "cleanup", "--yes").code == 0
        assert len(dumps(shop)) == 2


def test_a_dry_run_names_hooks_and_steps_and_runs_nothing(shop: Project, server: Server, dump: Path) -> None:  # C96
    shop.hooks_sh("echo sourced >>trace\n" + HOOKS)
    for command in ("export", "import"):
        result = shop.hookman("db", command, "--dry-run")
        assert result.code == 0
        assert f"would run project.db_{command}.pre/hook_pre_db_{command}" in result.err
        assert f"would run project.db_{command}.post/hook_post_db_{command}" in result.err
        assert "dry run: would " in result.err.splitlines()[-1]
    assert (shop.trace(), dumps(shop), things(server)) == ([], [dump], "ü,b,c")


def test_hooks_of_a_project_that_is_not_enabled_do_not_run(box: Box, shop: Project) -> None:
    shop.hooks_sh(HOOKS)
    shop.hookman("disable")
    result = shop.hookman("db", "export")
    assert (result.code, shop.trace(), len(dumps(shop))) == (0, [], 1)
    assert "are not enabled" in result.err


def test_on_many_stacks_as_kompose_spells_it(box: Box, shop: Project, server: Server) -> None:  # C98
    stack = box.project("stacks/sexy", enable=False)
    assert box.hookman("init", "--root", "--yes", "stacks").code == 0
    shutil.copy(shop.path / ".env", box.base / "stacks/.env")
    stack.hooks_sh(HOOKS)
    dry = box.run(box.base / "stacks/kompose.sh", "sexy", "db:export", "--dry-run")
    assert (dry.code, dumps(stack)) == (0, [])
    assert box.run(box.base / "stacks/kompose.sh", "sexy", "db:export").code == 0
    (path,) = dumps(stack)
    server.sql("DROP TABLE things", "shop")
    assert box.run(box.base / "stacks/kompose.sh", "*", "db:import", path).code == 0
    assert things(server) == "ü,b"
    assert stack.trace()[-1] == f"post_db_import [{path}]"
    assert box.run(box.base / "stacks/kompose.sh", "*", "db:nothing").code == 2
