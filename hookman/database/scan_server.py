"""Statements of a dump that change the server, or who may use it: an import that fails can't take that back."""

from __future__ import annotations

from hookman.database.scan import CHANGES

RIGHTS = (b"GRANT", b"REVOKE")
# For MariaDB and MySQL, where all rights belong to the server.
ON_SERVER = frozenset((b"SHUTDOWN RESTART KILL RESET PURGE CHANGE STOP BINLOG CLONE UNINSTALL").split()) | {*RIGHTS}
OF_MYSQL = frozenset(b"USER ROLE SERVER TABLESPACE LOGFILE UNDO INSTANCE RESOURCE".split())  # CREATE USER and the like
SCOPES = (b"GLOBAL", b"PERSIST", b"PERSIST_ONLY")  # of a setting that outlives the session
OF_POSTGRES = frozenset((b"ROLE", b"USER", b"GROUP", b"TABLESPACE", b"SYSTEM"))


def psql(tokens: list[bytes]) -> bool:
    """Does a statement for PostgreSQL, of these words in capitals, change the server or load a program into it?"""
    head, what, more = (*tokens[:3], b"", b"")[:3]
    if head in RIGHTS:
        return b"ON" not in tokens  # GRANT admins TO me
    return head == b"LOAD" or (head in CHANGES and what in OF_POSTGRES and more != b"MAPPING")


def mysql(tokens: list[bytes]) -> bool:
    """Does a statement for MariaDB change the server?"""
    head = tokens[0]
    if head == b"SET":
        return _sets_server(tokens)
    if head == b"START":
        return tokens[1:2] != [b"TRANSACTION"]
    return head in ON_SERVER or (head in (*CHANGES, b"RENAME") and kind_of(tokens) in OF_MYSQL)


def kind_of(tokens: list[bytes]) -> bytes:
    """The kind of thing that a CREATE, ALTER, DROP or RENAME of MariaDB is about: USER of CREATE OR REPLACE USER."""
    return next((token for token in tokens[1:4] if token not in (b"OR", b"REPLACE", b"ONLINE", b"OFFLINE")), b"")


def _sets_server(tokens: list[bytes]) -> bool:
    """Is it a setting of the server, or of an account? mysqldump notes the transactions of its server (GTID_PURGED)."""
    if tokens[1:2] == [b"PASSWORD"] or tokens[1:3] == [b"DEFAULT", b"ROLE"]:
        return True
    for before, *target in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        scope = target[2] if target[:2] == [b"@", b"@"] else target[0]
        if before in (b"SET", b",") and scope in SCOPES and b"GTID_PURGED" not in tokens[:6]:
            return True
    return False
