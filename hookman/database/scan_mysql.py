"""A script as the client of MariaDB and MySQL reads it (add_line and find_command in client/mysql.cc)."""

from __future__ import annotations

import re
from itertools import pairwise

from hookman.database import scan_server
from hookman.database.scan import CHANGES, SPACE, ClientScript, Passage, passage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = re.compile(rb"[A-Za-z0-9_$\x80-\xff]+")
CONTENT = {quote: re.compile(rb"(?:[^\\" + quote + rb"]+|\\.)*+", re.DOTALL) for quote in (b"'", b'"')}
NAME = re.compile(rb"[^`]*")
VERSIONED = re.compile(rb"/\*M?!\d*")
# See scan_psql.BULK.
BULK = re.compile(
    rb"(?:[ \t\r\n0-9,().:=+*<>@]+"
    rb"|[A-Za-z_$\x80-\xff][A-Za-z0-9_$\x80-\xff]*+(?=.)"
    rb"|'(?:[^'\\]+|\\.)*+'(?=.)|\"(?:[^\"\\]+|\\.)*+\"(?=.)|`[^`\\]*+`(?=.)|-(?=[^-])|/(?=[^*]))*+",
    re.DOTALL,
)
SEMICOLON = b";"
MANY = 4096  # tokens of a statement that are kept
# Commands of the client at the beginning of a statement; the server has no statement of these names.
OTHER_DATABASE = (b"USE", b"CONNECT")
COMMANDS = frozenset(
    b"SYSTEM SOURCE TEE NOTEE PAGER NOPAGER EDIT CHARSET CLEAR EGO EXIT QUIT GO PRINT PROMPT REHASH STATUS "
    b"WARNINGS NOWARNING SANDBOX RESETCONNECTION QUERY_ATTRIBUTES SSL_SESSION_DATA_PRINT".split()
)
HARMLESS_SHORT = b"N-"  # \N is NULL; \- is the first line of what mariadb-dump writes
SHORT_OTHER = b"ur"
FILES = frozenset((b"OUTFILE", b"DUMPFILE", b"LOAD_FILE", b"SONAME"))
# What is made up while it runs can't be seen here.
HIDDEN = (b"PREPARE", b"EXECUTE", b"CALL", b"INSTALL")
INERT = frozenset(
    b"SET SHOW BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE LOCK UNLOCK ANALYZE OPTIMIZE FLUSH DEALLOCATE DO "
    b"USE CHECK".split()
)
ROWS = (b"INSERT", b"REPLACE")
LISTS = (b"DROP", b"RENAME", b"LOCK", b"TRUNCATE")
WRITES = (*CHANGES, *ROWS, *LISTS, b"UPDATE", b"DELETE", b"LOAD")
# After one of these it no longer says what a statement works on.
TARGET_ENDS = frozenset(b"( AS SELECT FOR LIKE REFERENCES DO BEGIN RETURNS VALUES VALUE SET WHERE".split())
# How statements begin that carry out another one: blocks outside a routine, ANALYZE DELETE, SET STATEMENT.
CARRIERS = frozenset(b"BEGIN IF ELSEIF ELSE WHILE CASE WHEN REPEAT FOR LOOP DECLARE ANALYZE".split())
BEFORE_FIRST = frozenset(b"ATOMIC THEN ELSE DO LOOP REPEAT FOR".split())  # before the first word of what they carry out
ROUTINES = frozenset((b"PROCEDURE", b"FUNCTION", b"TRIGGER", b"EVENT", b"PACKAGE"))
STRUCTURES = frozenset(b"BEGIN CASE THEN WHILE LOOP REPEAT".split())  # in a routine; the first one says where it ends
ENDED_BY_NAME = (b"IF", b"WHILE", b"LOOP", b"REPEAT", b"FOR")  # END IF
TWO_FACED = re.compile(rb"'?(?:big5|cp932|gb18030|gbk|sjis)(?:_\w+)?", re.IGNORECASE)


class MysqlScript(ClientScript):
    """A script of mariadb or mysql."""

    pending = False

    def read(self) -> None:
        """Read the complete script."""
        self._in_routine = False
        self._structure = b""  # of the routine: the first of STRUCTURES in it
        self._depth = 0  # blocks of the routine that are open
        self._is_oracle = False  # sql_mode: routines then have semicolons before their BEGIN
        self._autocommit = True
        self._begin()
        while True:
            self.have(8)
            if self._is_rows and self.delimiter == SEMICOLON and (found := BULK.match(self.buffer, self.at)):
                self.at = found.end()
                self.have(8)
            if self.at == len(self.buffer):
                break
            self._next_token()
        self.pending = bool(self._tokens)
        self._judge()

    def _begin(self) -> None:
        self._tokens: list[bytes] = []
        self._is_rows = False
        self._start = self.line()

    def _next_token(self) -> None:
        two = self.buffer[self.at : self.at + 2]
        char = two[:1]
        if self.buffer.startswith(self.delimiter, self.at):
            self.at += len(self.delimiter)
            self._end()
            self._in_routine = False
        elif char.isspace():
            self.token(SPACE)
        elif char == b"\\":
            self._short()
        elif char == b"#" or (two == b"--" and self._is_comment()):
            self.rest_of_line()
        elif two in (b"/*", b"*/"):
            self._block_comment()
        elif char in CONTENT:
            self._string(char)
        elif char == b"`":
            self._name()
        elif word := self.token(WORD):
            self._word(word)
        else:
            self._sign(char)

    def _block_comment(self) -> None:
        """Go past a comment; of one that has a version in it only past its signs, for what is in it counts."""
        if self.token(VERSIONED):
            return
        is_begin = self.buffer.startswith(b"/*", self.at)
        self.at += 2
        if is_begin and not self.past(b"*/"):
            self.open_end = "a comment"

    def _string(self, quote: bytes) -> None:
        self.at += 1
        text = self.inside(CONTENT[quote], quote)
        if text is None:
            self.open_end = "a string"
        self._add(b"'" + (text or b""))

    def _sign(self, char: bytes) -> None:
        self.at += 1
        if char == SEMICOLON:
            tokens = self._tokens
            self._end()
            if self._in_routine:
                self._go_on_in_routine(tokens)
        else:
            self._add(char)

    def _go_on_in_routine(self, tokens: list[bytes]) -> None:
        """Is the routine over with these tokens? The server carries out what follows up to the delimiter, too."""
        if not self._structure:
            self._structure = next((token for token in tokens if token in STRUCTURES), b"none")
        for before, token, after in zip([b"", *tokens], tokens, [*tokens[1:], b""], strict=False):
            if token == b"BEGIN" or (token == b"CASE" and before != b"END"):
                self._depth += 1
            elif token == b"END" and before != b"." and after not in ENDED_BY_NAME:
                self._depth -= 1
        if self._depth <= 0 and self._structure in (b"none", b"BEGIN", b"CASE"):
            self._in_routine = False

    def _is_comment(self) -> bool:
        third = self.buffer[self.at + 2 : self.at + 3]
        return not self._tokens or not third or third <= b" "

    def _end(self) -> None:
        self._judge()
        self._begin()

    def _name(self) -> None:
        self.at += 1
        name = self.inside(NAME, b"`")
        if name is None:
            self.open_end = "a quoted name"
        elif name.endswith(b"\\"):
            self.host.append(self.here(b"a name that ends in a backslash: clients read it in two ways"))
        self._add(b"`" + (name or b""))

    def _word(self, word: bytes) -> None:
        upper = word.upper()
        if not self._tokens:
            self._start = self.line()
            if upper == b"DELIMITER":
                self._set_delimiter()
                return
            if upper in OTHER_DATABASE or upper in COMMANDS:
                shown = passage(self._start, word + self._peek())
                (self.elsewhere if upper in OTHER_DATABASE else self.host).append(shown)
                if upper in COMMANDS:
                    self.rest_of_line()
                    return
        if upper in FILES and not self._is_rows:
            self.host.append(self.here(b" ".join([*self._tokens[:6], upper])))
        self._add(upper)

    def _peek(self) -> bytes:
        """What follows on this line."""
        self.have(256)
        return self.buffer[self.at : self.at + 256].partition(b"\n")[0].partition(self.delimiter)[0]

    def _set_delimiter(self) -> None:
        words = self.rest_of_line().split()
        self.delimiter = words[0].strip(b"'\"`") if words else SEMICOLON
        self.delimiter = self.delimiter or SEMICOLON

    def _short(self) -> None:
        r"""A command of one letter after a backslash: \! and the like."""
        letter = self.buffer[self.at + 1 : self.at + 2]
        shown = self.here(b"\\" + letter + self.buffer[self.at + 2 : self.at + 200].partition(b"\n")[0])
        self.at = min(self.at + 2, len(self.buffer))
        if letter and letter in HARMLESS_SHORT:
            return
        (self.elsewhere if letter and letter in SHORT_OTHER else self.host).append(shown)
        if letter == b"d":
            self._set_delimiter()
        elif letter in (b"!", b".", b"T", b"P", b"R", b"C"):
            self.rest_of_line()

    def _add(self, token: bytes) -> None:
        if not self._tokens:
            self._start = self.line()
        if len(self._tokens) < MANY:
            self._tokens.append(token)
        # The names of what rows go into are before the first bracket.
        if token == b"(" and self._tokens[0] in ROWS:
            self._is_rows = True

    def _statement(self) -> Passage:
        return passage(self._start, _shown(self._tokens))

    def _judge(self) -> None:
        """Say what the statement is, and what it carries out."""
        tokens = self._tokens
        if not tokens:
            return
        statements = [tokens] if self._in_routine else [tokens, *_carried_out(tokens)]
        if not self._in_routine and any(map(scan_server.mysql, statements)):
            self.host.append(self._statement())
        for statement in statements:
            self._judge_one(statement)

    def _judge_one(self, tokens: list[bytes]) -> None:
        head = tokens[0]
        is_database = head in CHANGES and scan_server.kind_of(tokens) in (b"DATABASE", b"SCHEMA")
        if is_database or (head in WRITES and not self._in_routine and _names_a_database(tokens)):
            self.elsewhere.append(self._statement())
        elif (head in HIDDEN and not self._in_routine) or head == b"LOAD":
            self.host.append(self._statement())
        elif head == b"SET":
            self._judge_set(tokens)
        elif not self._in_routine:
            self._judge_transaction(tokens)
        if head == b"CREATE" and ROUTINES & set(tokens[:24]) and self.delimiter != SEMICOLON:
            self._in_routine, self._depth = True, 0
            self._structure = b"PACKAGE" if self._is_oracle or b"PACKAGE" in tokens[:24] else b""
        self.fills = self.fills or head not in INERT

    def _judge_transaction(self, tokens: list[bytes]) -> None:
        if tokens in ([b"BEGIN"], [b"BEGIN", b"WORK"]) or tokens[:2] == [b"START", b"TRANSACTION"]:
            self.unfinished = self.unfinished or self._statement()
            self.transactions = self.transactions or self._statement()
        elif tokens[0] in (b"COMMIT", b"ROLLBACK") and b"TO" not in tokens:
            self.unfinished = self._statement() if b"CHAIN" in tokens and b"NO" not in tokens else None
        elif tokens[0] in CHANGES:
            self.unfinished = None  # the server commits before it
        elif tokens[0] in ROWS and not self._autocommit:
            self.unfinished = self.unfinished or self._statement()

    def _judge_set(self, tokens: list[bytes]) -> None:
        text = b" ".join(tokens).upper()
        if b"NO_BACKSLASH_ESCAPES" in text or any(TWO_FACED.fullmatch(token) for token in tokens[1:]):
            self.host.append(self._statement())
        self._is_oracle = b"ORACLE" in text or (self._is_oracle and b"SQL_MODE" not in text)
        if found := re.search(rb"\bAUTOCOMMIT (?:: )?= '?(\w+)", text):
            self._autocommit = found[1] not in (b"0", b"OFF", b"FALSE")
            if self._autocommit:
                self.unfinished = None


def _carried_out(tokens: list[bytes]) -> Iterator[list[bytes]]:
    """The statements that this one carries out, each from its first word on."""
    if tokens[0] in CARRIERS or tokens[:2] == [b"SET", b"STATEMENT"]:
        for number, (before, token) in enumerate(pairwise(tokens), 1):
            is_first = before in BEFORE_FIRST and (token in scan_server.ON_SERVER or token == b"SET")
            if is_first or token in WRITES or token in HIDDEN:
                yield tokens[number:]


def _names_a_database(tokens: list[bytes]) -> bool:
    """Does a statement work on something that it names with its database (`shop`.`things`)?"""
    is_list = tokens[0] in LISTS
    for before, name, dot, after in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if not is_list and name in TARGET_ENDS:
            return False
        if dot == b"." and before not in (b"@", b".") and _is_name(name) and _is_name(after):
            return True
    return False


def _is_name(token: bytes) -> bool:
    return token[:1] == b"`" or (WORD.fullmatch(token) is not None and not token.isdigit())


def _shown(tokens: list[bytes]) -> bytes:
    return b" ".join(
        f"`{token[1:].decode('utf-8', 'replace')}`".encode() if token[:1] == b"`" else token for token in tokens[:8]
    )
