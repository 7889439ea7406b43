"""Statements of MariaDB that carry out another statement: what they carry out counts."""

from __future__ import annotations

import io

import pytest

from hookman.database.scan_mysql import MysqlScript


def mysql(text: str) -> MysqlScript:
    script = MysqlScript(io.BytesIO(text.encode()))
    script.read()
    return script


@pytest.mark.parametrize(
    "text",
    [
        "DELIMITER //\nBEGIN NOT ATOMIC DELETE FROM other.t; END //\n",
        "DELIMITER //\nIF 0 THEN SELECT 1; ELSE DELETE FROM other.t; END IF //\n",
        "DELIMITER //\nWHILE 1 DO DROP TABLE other.t; END WHILE //\n",
        "DELIMITER //\nREPEAT DROP TABLE other.t; UNTIL 1 END REPEAT //\n",
        "DELIMITER //\nFOR i IN 1..2 DO DROP TABLE other.t; END FOR //\n",
        "DELIMITER //\nCASE 1 WHEN 1 THEN DROP DATABASE other; END CASE //\n",
        "ANALYZE DELETE FROM other.t;\n",
        "ANALYZE FORMAT=JSON DELETE FROM other.t;\n",
        "SET STATEMENT max_statement_time=9 FOR DELETE FROM other.t;\n",
    ],
)
def test_it_would_work_on_another_database(text: str) -> None:
    assert mysql(text).elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "DELIMITER //\nBEGIN NOT ATOMIC EXECUTE IMMEDIATE 'x'; END //\n",
        "SET STATEMENT max_statement_time=9 FOR CALL p();\n",
    ],
)
def test_it_would_hide_what_it_does(text: str) -> None:
    assert mysql(text).host


@pytest.mark.parametrize(
    "text",
    [
        "ANALYZE TABLE other.t;\n",
        "DELIMITER //\nBEGIN NOT ATOMIC DELETE FROM t WHERE t.a = REPLACE(t.b, 1, 2); END //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN IF 1 THEN DELETE FROM log.y; END IF; END //\n",
        "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
    ],
)
def test_it_would_only_fill_the_database(text: str) -> None:
    script = mysql(text)
    assert (script.host, script.elsewhere, script.unfinished) == ([], [], None)
