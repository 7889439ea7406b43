"""hookman db, on a real PostgreSQL: export, cleanup, dry runs, many stacks (CONTRACT C87 to C98)."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.support.box import BIN, Box, Project
from tests.support.databases import DB_HOOKS, PASSWORD, Server, dumps, things


class TestExport:
    def test_a_dump_is_named_after_database_and_time_and_hooks_get_its_path(self, shop: Project) -> None:  # C87, C88
        shop.hooks_sh(DB_HOOKS)
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
        shop.hooks_sh(DB_HOOKS)
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
        project.hooks_sh(DB_HOOKS)
        result = project.hookman("db", "export")
        assert (result.code, project.trace()) == (0, ["pre_db_export []"])
        assert "no database (DB_NAME is not set)" in result.err

    def test_a_url_says_it_too(self, shop: Project, server: Server) -> None:
        url = f"postgresql://me:{PASSWORD.replace(' ', '%20').replace('#', '%23')}@127.0.0.1:{server.port}/shop"
        shop.write(".env", f"DB_URL={url}\n")
        result = shop.hookman("db", "export")
        assert result.code == 0, result
        assert len(dumps(shop)) == 1


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
    shop.hooks_sh("echo sourced >>trace\n" + DB_HOOKS)
    for command in ("export", "import"):
        result = shop.hookman("db", command, "--dry-run")
        assert result.code == 0
        assert f"would run project.db_{command}.pre/hook_pre_db_{command}" in result.err
        assert f"would run project.db_{command}.post/hook_post_db_{command}" in result.err
        assert "dry run: would " in result.err.splitlines()[-1]
    assert (shop.trace(), dumps(shop), things(server)) == ([], [dump], "ü,b,c")


def test_hooks_of_a_project_that_is_not_enabled_do_not_run(box: Box, shop: Project) -> None:
    shop.hooks_sh(DB_HOOKS)
    shop.hookman("disable")
    result = shop.hookman("db", "export")
    assert (result.code, shop.trace(), len(dumps(shop))) == (0, [], 1)
    assert "are not enabled" in result.err


def test_on_many_stacks_as_kompose_spells_it(box: Box, shop: Project, server: Server) -> None:  # C98
    stack = box.project("stacks/sexy", enable=False)
    assert box.hookman("init", "--root", "--yes", "stacks").code == 0
    shutil.copy(shop.path / ".env", box.base / "stacks/.env")
    stack.hooks_sh(DB_HOOKS)
    dry = box.run(box.base / "stacks/kompose.sh", "sexy", "db:export", "--dry-run")
    assert (dry.code, dumps(stack)) == (0, [])
    assert box.run(box.base / "stacks/kompose.sh", "sexy", "db:export").code == 0
    (path,) = dumps(stack)
    server.sql("DROP TABLE things", "shop")
    assert box.run(box.base / "stacks/kompose.sh", "*", "db:import", path).code == 0
    assert things(server) == "ü,b"
    assert stack.trace()[-1] == f"post_db_import [{path}]"
    assert box.run(box.base / "stacks/kompose.sh", "*", "db:nothing").code == 2
