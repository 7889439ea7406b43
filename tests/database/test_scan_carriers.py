"""Statements of MariaDB that carry out another one, and those that follow a routine: they count."""

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
        "DELIMITER //\nCREATE PROCEDURE p() SELECT 1; DELETE FROM other.t; //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN END; DELETE FROM other.t; //\n",
        "DELIMITER //\nCREATE PROCEDURE p() CASE 1 WHEN 1 THEN SELECT 1; END CASE; DELETE FROM other.t; //\n",
        "DELIMITER //\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1; DELETE FROM other.t; //\n",
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
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM log.y; END //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN CASE 1 WHEN 1 THEN SELECT 1; END CASE; DELETE FROM log.y; END //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN BEGIN SELECT 1; END; DELETE FROM log.y; END //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; DELETE FROM log.y; END //\n",
        "DELIMITER //\nCREATE PROCEDURE p() IF 1 THEN BEGIN SELECT 1; END; DELETE FROM log.y; END IF //\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT t.end; x: LOOP LEAVE x; END LOOP; DELETE FROM log.y; END //\n",
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER x BEGIN SELECT 1; DELETE FROM log.y; END */;;\nDELIMITER ;\n",
        "SET sql_mode='ORACLE';\nDELIMITER //\nCREATE PROCEDURE p AS x INT; BEGIN DELETE FROM log.y; END //\n",
        "DELIMITER //\nCREATE PACKAGE b PROCEDURE p() BEGIN END; FUNCTION q() BEGIN DELETE FROM log.y; END; END//\n",
        "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
    ],
)
def test_it_would_only_fill_the_database(text: str) -> None:
    script = mysql(text)
    assert (script.host, script.elsewhere, script.unfinished) == ([], [], None)
