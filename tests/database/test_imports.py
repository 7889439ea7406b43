"""An import on a real PostgreSQL: what is refused before any hook, what after the load, and two checkouts at once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.box import BIN, PATIENCE, Project
from tests.support.databases import Server, imports_at_once, things

HOOKS = "hook_pre_db_import() { echo pre >>trace; }\nhook_post_db_import() { echo post >>trace; }\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\\connect other\nDROP TABLE precious;\n", "line 1: the dump goes to a database of its own choice"),
        ("CREATE TABLE x (i int);\n\\! touch ran\n", "line 2: the dump does more than fill a database"),
        ("CREATE TABLE x (i int);\nBEGIN;\nINSERT INTO x VALUES (1);\n", "line 2: a transaction is never ended"),
        ("-- only a comment\n", "creates nothing"),
        ("\n", "creates nothing"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--in-place", "--yes"]])
def test_what_is_seen_in_a_dump_is_refused_before_any_hook(
    shop: Project, server: Server, text: str, says: str, flags: list[str]
) -> None:
    server.sql("CREATE DATABASE other")
    server.sql("CREATE TABLE precious (i int)", "other")
    shop.hooks_sh(HOOKS)
    result = shop.hookman("db", "import", shop.write("a.sql", text), *flags)
    assert (result.code, things(server), shop.trace()) == (1, "ü,b", [])
    assert says in result.err
    assert server.sql("SELECT count(*) FROM precious", "other") == "0"
    assert not (shop.path / "ran").exists()


def test_a_dump_made_with_create_is_refused_and_the_fix_is_named(shop: Project, server: Server) -> None:
    where = ["-h", "127.0.0.1", "-p", server.port, "-U", "me"]
    environ = {"PATH": os.defpath, "PGPASSWORD": (server.base / "secret").read_text()}
    made = subprocess.run(["pg_dump", *where, "--create", "shop"], env=environ, capture_output=True, check=True)
    path = shop.path / "a.sql"
    path.write_bytes(made.stdout)
    result = shop.hookman("db", "import", path)
    assert (result.code, things(server)) == (1, "ü,b")
    assert "create it without --create (-C)" in result.err


@pytest.mark.parametrize("flags", [[], ["--in-place", "--yes"]])
def test_a_trusted_dump_may_run_programs_but_not_change_the_database(
    shop: Project, server: Server, flags: list[str]
) -> None:
    dump = shop.write("a.sql", "CREATE TABLE x (i int);\n\\! touch ran\n")
    assert shop.hookman("db", "import", "--trust-dump", dump, *flags).code == 0
    assert (shop.path / "ran").exists()
    hidden = shop.write("hidden.sql", "\\connect postgres\n")
    dump = shop.write("b.sql", f"\\i {hidden}\n")
    result = shop.hookman("db", "import", "--trust-dump", dump, *flags)
    assert result.code == 1
    assert server.sql("SELECT count(*) FROM x", "shop") == "0"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT 1;\n", "created nothing"),
        ("CREATE TEMPORARY TABLE x (i int);\n", "created nothing"),
        ("CREATE TABLE x (i int); DROP TABLE x;\n", "created nothing"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--in-place", "--yes"]])
def test_what_created_nothing_does_not_take_the_databases_place(
    shop: Project, server: Server, text: str, says: str, flags: list[str]
) -> None:
    result = shop.hookman("db", "import", shop.write("a.sql", text), *flags)
    assert (result.code, things(server), server.databases()) == (1, "ü,b", ["shop"])
    assert says in result.err


def test_a_dump_that_its_pre_hook_changes_is_looked_at_again(shop: Project, server: Server) -> None:
    shop.hooks_sh("hook_pre_db_import() { echo '\\! touch ran' >>a.sql; }\n")
    result = shop.hookman("db", "import", shop.write("a.sql", "CREATE TABLE x (i int);\n"))
    assert (result.code, things(server), (shop.path / "ran").exists()) == (1, "ü,b", False)


def test_imports_from_two_checkouts_at_once_end_with_one_of_the_dumps(
    shop: Project, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    # The load takes a while, so that they meet.
    text = "CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, '{}'); SELECT pg_sleep(0.3);\n"
    rounds, met = imports_at_once(shop, text, lambda: (things(server), server.databases()))
    with capsys.disabled():
        os.write(1, f"\n[postgres] {rounds} times from two checkouts: {met} times one waited for the other\n".encode())
    assert met >= rounds / 2


def test_who_waits_for_another_checkout_says_so_and_gives_up_after_lock_timeout(shop: Project, server: Server) -> None:
    slow = shop.write("slow.sql", "CREATE TABLE x (i int); SELECT pg_sleep(1000);\n")
    dump = shop.write("a.sql", "CREATE TABLE y (i int);\n")
    elsewhere = {"HOOKMAN_DATA_DIR": str(shop.box.base / "other-data")}
    other = Project(shop.box, shop.path.with_name("checkout"))
    other.write(".env", (shop.path / ".env").read_text())
    other.write("compose.yaml", "services: {}\n")
    other.write("hookman.toml", "lock_timeout = 0.5\n")
    with shop.start(BIN / "hookman", "db", "import", slow) as first:
        server.wait_until("query LIKE 'SELECT pg_sleep%'")
        result = other.hookman("db", "import", dump, **elsewhere)
        assert (result.code, "waiting for another import into shop" in result.err) == (75, True), result
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        server.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
        assert first.wait(PATIENCE) == 1
    assert (things(server), server.databases()) == ("ü,b", ["shop"])


def test_only_databases_of_this_very_name_are_taken_for_left_behind(shop: Project, server: Server) -> None:
    others = ["shop_hookman_new_1", "shop_hookman_new_x", "shop_hookman_old_18c0ffee", "shop_hookman_new_1_deadbeef"]
    for name in others:
        server.sql(f"CREATE DATABASE {name}")
    dump: Path = shop.write("a.sql", "CREATE TABLE y (i int);\n")
    assert shop.hookman("db", "import", dump).code == 0
    assert server.databases() == sorted(["shop", *others])
