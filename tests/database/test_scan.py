"""What is seen in a dump before any hook runs: which client commands, which databases, which open ends."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookman.database import scan
from hookman.database.scan_mysql import MysqlScript
from hookman.database.scan_psql import PsqlScript


def psql(text: str | bytes) -> PsqlScript:
    script = PsqlScript(io.BytesIO(text.encode() if isinstance(text, str) else text))
    script.read()
    return script


def mysql(text: str | bytes) -> MysqlScript:
    script = MysqlScript(io.BytesIO(text.encode() if isinstance(text, str) else text))
    script.read()
    return script


@pytest.mark.parametrize(
    "text",
    [
        "\\connect shop\n",
        "\\c shop\n",
        "SELECT 1; \\c shop\n",
        "SELECT 1 \\; \\c shop\n",
        "CREATE DATABASE shop;\n",
        "create\n/* x */ database shop;\n",
        "DROP DATABASE IF EXISTS other;\n",
        "ALTER DATABASE other SET x = 1",
        "COPY t (a) FROM stdin;\n1\n\\.\n\\connect shop\n",
        "SELECT $$ it's $$; \\connect shop\n",
        "SELECT E'\\'' ; \\connect shop\n",
        "SELECT 'x\\'; \\connect shop\n",
        "SET standard_conforming_strings = off;\nSELECT 'x\\'', 1;\n\\connect shop\n",
    ],
)
def test_psql_would_change_to_another_database(text: str) -> None:
    assert psql(text).elsewhere
    assert psql(text).elsewhere[-1].line == text.rstrip().count("\n") + 1 or "create" in text


@pytest.mark.parametrize(
    "text",
    [
        "\\! ls\n",
        "SELECT 1 \\! ls\n",
        "\\copy t from program 'ls'\n",
        "\\set x `ls`\n",
        "\\echo `ls`\n",
        "\\echo a \\! ls\n",
        "\\o |cat\n",
        "\\o /tmp/x\n",
        "SELECT 1 \\g |cat\n",
        "SELECT 'ls' \\gexec\n",
        "SELECT 1 \\gset\n",
        "SELECT 1 \\watch\n",
        "\\i /etc/passwd\n",
        "\\ir x\n",
        "\\include x\n",
        "\\w x\n",
        "\\lo_import /etc/passwd\n",
        "\\setenv PATH x\n",
        "\\prompt x\n",
        "\\set ON_ERROR_STOP off\n",
        "\\if true\n",
        "\\restrict a`ls`\n",
        "COPY t FROM PROGRAM 'ls';\n",
        "COPY t (a, b) FROM '/etc/passwd';\n",
        "COPY (SELECT 1) TO PROGRAM 'ls';\n",
        "COPY (SELECT 1) TO '/tmp/x';\n",
        "copy t to '/tmp/x'",
        "SET client_encoding = 'SJIS';\n",
        "SET NAMES 'GBK';\n",
        "SELECT set_config('standard_conforming_strings', 'off', false);\n",
        "SELECT (1; COPY t FROM stdin;\n\\! ls\n\\.\n",
        "COPY t FROM stdin; SELECT '\n\\.\n'; \\! ls\n",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; COPY t FROM stdin;\n\\! ls\n\\.\n",
        "/* /* */ */ \\! ls\n",
        "SELECT $a$ $b$ $$ $a$ \\! ls\n",
        "SELECT a$b$ \\! ls\n$b$",
        "SELECT E'a'\n'\\'' \\! ls\n",
        'SELECT "a\\" \\! ls\n',
    ],
)
def test_psql_would_use_programs_or_files(text: str) -> None:
    assert psql(text).host


@pytest.mark.parametrize(
    "text",
    [
        "\\restrict abc123\nSELECT 1;\n\\unrestrict abc123\n",
        "\\echo done\n",
        "SELECT '\\! ls', E'\\'\\! ls', \"\\! ls\", $$ \\! ls $$, $x$ \\! ls $x$;\n",
        "-- \\! ls\n/* \\! ls /* \\c x */ \\! ls */ SELECT 1;\n",
        "COPY t FROM stdin;\n\\! ls\n\\N\n\\\\.\n\\.x\n\\.\nSELECT 1;\n",
        "COPY t FROM stdin;\n\\.\nSELECT 1;\r\n",
        'COPY t ("from", b) FROM STDIN WITH (FORMAT csv); -- x\r\n\\! ls\r\n\\.\r\nSELECT 1;\n',
        "COPY t TO stdout;\nSELECT 1;\n",
        "SELECT E'a'\n  'b\\'c\\! ls';\n",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\n",
        "INSERT INTO t VALUES (1, 'a (b', E'\\')'), (2, f(g(1)));\n",
        "COMMENT ON DATABASE shop IS 'x';\n",
        "CREATE TABLE database (i int);\n",
    ],
)
def test_psql_would_only_fill_the_database(text: str) -> None:
    script = psql(text)
    assert (script.host, script.elsewhere, script.open_end) == ([], [], "")


@pytest.mark.parametrize(
    "text",
    [
        "USE shop;\n",
        "use shop\n",
        "  Use `shop`;\n",
        "SELECT 1; USE shop;\n",
        "/*!40000 USE shop */;\n",
        "\\u shop\n",
        "SELECT 1 \\u shop\n",
        "connect shop\n",
        "\\r shop\n",
        "CREATE DATABASE shop;\n",
        "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n",
        "/*!40000 DROP DATABASE IF EXISTS `shop`*/;\n",
        "create or replace schema x;\n",
        "ALTER DATABASE x CHARACTER SET latin1;\n",
        "DROP TABLE `other`.`t`;\n",
        "DROP TABLE IF EXISTS a, other . t;\n",
        "INSERT IGNORE INTO other.t VALUES (1);\n",
        "REPLACE other.t (a) VALUES (1);\n",
        "UPDATE other.t SET a = 1;\n",
        "DELETE FROM `other`.t WHERE a.b = 1;\n",
        "TRUNCATE other.t;\n",
        "RENAME TABLE t TO other.t;\n",
        "CREATE TABLE IF NOT EXISTS other.t (a int);\n",
        "CREATE TRIGGER x BEFORE INSERT ON other.t FOR EACH ROW SET @a = 1;\n",
        "ALTER TABLE other.t ADD a int;\n",
        "LOCK TABLES t WRITE, other.t WRITE;\n",
        "DELIMITER //\nSELECT 1; USE shop; //\n",
        "INSERT INTO t VALUES ('a\\'', \"b\\\"\", 'c''');\nUSE shop;\n",
        "-- it's\n# it's\nUSE shop;\n",
        "SELECT 1--1; USE shop;\n",
    ],
)
def test_the_mysql_client_would_work_on_another_database(text: str) -> None:
    assert mysql(text).elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "system ls\n",
        "SYSTEM ls;\n",
        "  \t system ls\n",
        "\\! ls\n",
        "SELECT 1; system ls;\n",
        "SELECT 1 \\! ls\n",
        "source /etc/passwd\n",
        "\\. /etc/passwd\n",
        "tee /tmp/x\n",
        "\\T /tmp/x\n",
        "pager cat\n",
        "\\P cat\n",
        "edit\n",
        "\\e\n",
        "SELECT 1 \\G\n",
        "SELECT 1 INTO OUTFILE '/tmp/x';\n",
        "SELECT a FROM t ORDER BY b INTO DUMPFILE '/tmp/x';\n",
        "SELECT LOAD_FILE('/etc/passwd');\n",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t;\n",
        "load xml local infile 'x' into table t;\n",
        "SET @a = 'DROP DATABASE x'; PREPARE s FROM @a; EXECUTE s;\n",
        "EXECUTE IMMEDIATE 'x';\n",
        "CALL p();\n",
        "CREATE FUNCTION f RETURNS STRING SONAME 'x.so';\n",
        "SET NAMES gbk;\n",
        "SET character_set_client = sjis;\n",
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES';\n",
        "SELECT `a\\`;\n",
        "DELIMITER //\nSELECT 1 // \\! ls\n",
    ],
)
def test_the_mysql_client_would_use_programs_or_files(text: str) -> None:
    assert mysql(text).host


@pytest.mark.parametrize(
    "text",
    [
        "/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE t (a int);\n",
        "SELECT 'system ls', \"USE x;\", `use`, '\\\\', '\\'; USE x;';\n",
        "-- USE shop;\n--\n# \\! ls\n/* USE shop; */ SELECT 1;\n",
        "CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES `other`.`t` (a));\n",
        "CREATE VIEW v AS SELECT a.b FROM a;\n",
        "INSERT INTO t VALUES (1.5, \\N, 'use x', NULL);\n",
        "CREATE DEFINER=`me`@`10.0.0.1` PROCEDURE p() SELECT 1;\n",
        "CREATE DEFINER=me@db.example.com VIEW v AS SELECT 1;\n",
        "DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN INSERT INTO log.y VALUES (1); END ;;\n",
        "SELECT a.b FROM t USE INDEX (i);\n",
        "SELECT 5-- 1\n;\n",
        "CREATE TABLE source (system int, tee int);\nDROP TABLE t;\n",
    ],
)
def test_the_mysql_client_would_only_fill_the_database(text: str) -> None:
    script = mysql(text)
    assert (script.host, script.elsewhere, script.open_end) == ([], [], "")


@pytest.mark.parametrize("text", ["", "\n", "-- x\n", "/* x */", "SET x = 1;\n", "BEGIN;COMMIT;", "\ufeff-- x"])
def test_nothing_in_it_creates_anything(text: str) -> None:
    assert not mysql(text.lstrip("\ufeff")).fills
    assert not psql(text.lstrip("\ufeff")).fills


def test_what_pg_dump_always_writes_creates_nothing() -> None:
    assert not psql("\\restrict x\nSELECT pg_catalog.set_config('search_path', '', false);\n\\unrestrict x\n").fills


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN;\nSELECT 1;\n",
        "start transaction;\nCREATE VIEW v;",
        "BEGIN WORK;COMMIT AND CHAIN;",
        "BEGIN;ROLLBACK TO x;",
    ],
)
def test_a_transaction_that_does_not_end(text: str) -> None:
    assert psql(text).unfinished
    assert not psql(f"{text};COMMIT;").unfinished
    assert not psql(f"{text};END").unfinished


def test_the_mysql_clients_transaction_that_does_not_end() -> None:
    assert mysql("BEGIN;\nINSERT INTO t VALUES (1);\n").unfinished
    assert mysql("SET autocommit=0;\nINSERT INTO t VALUES (1);\n").unfinished
    assert mysql("SET @@session.autocommit = 0;\nINSERT INTO t VALUES (1);\n").unfinished
    assert not mysql("SET autocommit=0;\nINSERT INTO t VALUES (1);\ncommit;\n").unfinished
    assert not mysql("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END //\n").unfinished


@pytest.mark.parametrize("text", ["SELECT 'x", "SELECT $$ x", "/* x", 'SELECT "x', "COPY t FROM stdin;\n1\n", "E'\\'"])
def test_a_dump_that_ends_in_the_middle_of_something(text: str) -> None:
    assert psql(text).open_end


@pytest.mark.parametrize("text", ["SELECT 'x", 'SELECT "x\\"', "/* x", "SELECT `x"])
def test_a_dump_for_mysql_that_ends_in_the_middle_of_something(text: str) -> None:
    assert mysql(text).open_end


QUOTES = ["'", '"', "`", "\\", "\\'", "''", "$$", "$a$", "--", "/*", "*/", "\n", ";", "(", ")", "E'", "e", "a", "1"]
WORDS = ["COPY t FROM stdin;\n", "\n\\.\n", "\\! x\n", "USE b;", "DELIMITER //\n", "//", "#", "BEGIN;", "BEGIN", "END"]
PIECES = st.lists(st.sampled_from([*QUOTES, *WORDS, " "]), max_size=40).map("".join)


@given(PIECES, st.integers(1, 9))
@example("''\\\\'", 2)
@example("1E'", 1)  # what is right after a number, with the number in the piece before
def test_how_a_dump_is_cut_into_pieces_makes_no_difference(text: str, size: int) -> None:
    """Read a few bytes at a time or at once: the same is seen, so no piece hides anything from the other."""

    class Slow(io.BytesIO):
        def read(self, _count: int | None = -1, /) -> bytes:
            return super().read(size)

    for kind in (PsqlScript, MysqlScript):
        seen = []
        for source in (Slow(text.encode()), io.BytesIO(text.encode())):
            script = kind(source)
            script.read()
            seen.append((script.elsewhere, script.open_end, script.unfinished, script.fills, len(script.host)))
        assert seen[0] == seen[1]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_their_end(data: bytes) -> None:
    for kind in (PsqlScript, MysqlScript):
        script = kind(io.BytesIO(data))
        script.read()
        assert script.at == len(script.buffer)


def test_a_packed_dump_is_looked_through(tmp_path: Path) -> None:
    path = tmp_path / "a.sql.gz"
    path.write_bytes(gzip.compress(b"SELECT 1;\n" * 100_000 + b"\\! ls\n"))
    assert [(one.line, one.text) for one in scan.look(str(path), "postgres").host] == [(100_001, "\\! ls")]
