"""Statements that change the server or its accounts: an import that fails could not take them back."""

from __future__ import annotations

import io

import pytest

from hookman.database.scan_mysql import MysqlScript
from hookman.database.scan_psql import PsqlScript


def seen(kind: type[PsqlScript | MysqlScript], text: str) -> list[str]:
    """What of the script is refused without --trust-dump."""
    script = kind(io.BytesIO(text.encode()))
    script.read()
    assert script.elsewhere == []
    return [passage.text for passage in script.host]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE me;",
        "create user me superuser password 'x';",
        'ALTER ROLE "me" SET search_path = a, b, c, d, e;',
        "DROP ROLE IF EXISTS me;",
        "CREATE GROUP us;",
        "ALTER SYSTEM SET fsync = off;",
        "CREATE TABLESPACE t LOCATION '/x';",
        "GRANT pg_read_server_files TO me;",
        "GRANT a, b, c, d, e TO f, g WITH ADMIN OPTION;",
        "REVOKE admins FROM me;",
        "LOAD 'x.so';",
    ],
)
def test_one_for_postgresql_changes_the_server(text: str) -> None:
    assert len(seen(PsqlScript, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE public.t TO me;",
        "GRANT SELECT (a, b, c, d, e), UPDATE (a) ON t TO me;",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC;",
        "ALTER TABLE t OWNER TO me;",
        "ALTER DEFAULT PRIVILEGES FOR ROLE me GRANT SELECT ON TABLES TO you;",
        "CREATE USER MAPPING FOR me SERVER s;",
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;",
        'CREATE TABLE "user" (role int, "system" int);',
        "SET SESSION AUTHORIZATION 'me';",
        "SET default_tablespace = '';",
    ],
)
def test_one_for_postgresql_stays_in_the_database(text: str) -> None:
    assert seen(PsqlScript, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "SHUTDOWN;",
        "KILL 7;",
        "CREATE USER me IDENTIFIED BY 'x';",
        "CREATE OR REPLACE USER me;",
        "/*!50701 ALTER USER me ACCOUNT UNLOCK */;",
        "DROP USER IF EXISTS me;",
        "RENAME USER a TO b;",
        "CREATE ROLE us;",
        "GRANT ALL ON *.* TO me;",
        "REVOKE ALL PRIVILEGES ON x FROM me;",
        "SET PASSWORD = PASSWORD('x');",
        "SET PASSWORD FOR me = 'x';",
        "SET DEFAULT ROLE us FOR me;",
        "SET GLOBAL max_connections = 1;",
        "set @@global.max_connections = 1;",
        "SET autocommit = 1, GLOBAL max_connections = 1;",
        "SET PERSIST max_connections = 1;",
        "SET @@PERSIST_ONLY.max_connections = 1;",
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x');",
        "CHANGE MASTER TO MASTER_HOST = 'x';",
        "START SLAVE;",
        "RESET MASTER;",
        "PURGE BINARY LOGS TO 'x';",
        "UNINSTALL PLUGIN x;",
        "SET STATEMENT max_statement_time = 9 FOR SHUTDOWN;",
        "DELIMITER //\nBEGIN NOT ATOMIC SET GLOBAL max_connections = 1; END //\n",
        "DELIMITER //\nBEGIN NOT ATOMIC SELECT 1; SHUTDOWN; END //\n",
        "DELIMITER //\nIF 1 THEN DROP USER me; END IF //\n",
    ],
)
def test_one_for_mariadb_changes_the_server(text: str) -> None:
    assert len(seen(MysqlScript, text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "START TRANSACTION;\nCOMMIT;",
        "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-9';",
        "SET @@SESSION.SQL_LOG_BIN = 0;",
        "SET @old = @@GLOBAL.max_connections, @global = 1;",
        "SET NAMES utf8mb4;",
        "FLUSH PRIVILEGES;",
        "CREATE TABLE `user` (`role` int, `server` int);",
        "ALTER TABLE t CHANGE a b int;",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SET GLOBAL x = 1; KILL 7; END //\n",
    ],
)
def test_one_for_mariadb_stays_in_the_database(text: str) -> None:
    assert seen(MysqlScript, text) == []
