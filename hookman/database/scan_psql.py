"""A script as psql reads it (psqlscan.l and psqlscanslash.l in PostgreSQL's sources)."""

from __future__ import annotations

import re

from hookman.database import scan_server
from hookman.database.scan import CHANGES, CHUNK, SPACE, ClientScript, Passage, passage

WORD = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*")
NUMBER = re.compile(rb"[0-9][0-9.]*|\$[0-9]+")
DOLLAR = re.compile(rb"\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$")
PLAIN = re.compile(rb"[^']*")
ESCAPED = re.compile(rb"(?:[^'\\]+|\\.)*+", re.DOTALL)
QUOTED_NAME = re.compile(rb'[^"]*')
CONTINUED = re.compile(rb"[ \t\r\f\v]*\n(?:[ \t\r\n\f\v]+|--[^\n]*\n)*'")
BETWEEN = re.compile(rb"[ \t\r\f\v]*\n(?:[ \t\r\n\f\v]+|--[^\n]*\n)*")
IN_COMMENT = re.compile(rb"/\*|\*/")
# What a long statement consists of, for speed: it stops at all that needs a second look. Every
# alternative is followed by a byte that is there, so that none is cut by the end of a piece.
#   A bracket is passed over only as a pair with no other in it: how deep they are decides where a statement ends.
_PIECE = (
    rb"[ \t\r\n0-9,.:=+*<>\[\]]+"
    rb"|(?<![0-9A-Za-z_$\x80-\xff])[eE]'(?:[^'\\]+|\\.|'')*+'(?=[ \t]*[^ \t\r\n\f\v'])"
    rb"|(?![eE]')[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*+(?=.)"
    rb"|'[^']*+'(?=.)|\"[^\"]*+\"(?=.)|-(?=[^-])|/(?=[^*])"
)
_PIECES = rb"(?:" + _PIECE + rb"|\((?:" + _PIECE + rb")*+\))*+"
BULK = re.compile(_PIECES, re.DOTALL)
INSERTS = re.compile(rb"(?:[ \t\r\n]*+INSERT INTO " + _PIECES + rb";)++", re.DOTALL)
TOKENS = 8  # of a statement, that say what it is
# What the client program may be told: what pg_dump writes, and what only prints.
HARMLESS = re.compile(rb"\\(?:(?:un)?restrict[ \t]+[A-Za-z0-9]+|q?echo(?:[ \t]+[A-Za-z0-9_.,;()!?=/-]+)*)[ \t\r]*")
COMMAND = re.compile(rb"\\([^\s\\]*)")
OTHER_DATABASE = (b"c", b"connect")
INERT = frozenset(
    b"SET RESET SHOW BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE LOCK ANALYZE VACUUM CHECKPOINT "
    b"DISCARD LISTEN NOTIFY".split()
)
ENDS = (b"COMMIT", b"END", b"ROLLBACK", b"ABORT")
# Encodings in which a quote or a backslash may be the second half of a letter.
TWO_FACED = re.compile(rb"SJIS|SHIFT_?JIS|MSKANJI|BIG5|GBK|UHC|GB18030|JOHAB|WIN(?:DOWS)?-?9\d\d", re.IGNORECASE)


class PsqlScript(ClientScript):
    """A script of psql."""

    pending = False  # psql sends the last statement all the same

    def read(self) -> None:
        """Read the complete script."""
        self._escapes = False  # standard_conforming_strings is off
        self._copies = 0  # tables whose data begin on the next line
        self._begin()
        while True:
            self.have(2)
            if self._is_bulk and not self._escapes and (found := BULK.match(self.buffer, self.at)):
                self.at = found.end()
                self.have(2)
            if not self._tokens and not self._copies and not self._escapes:
                self._inserts()
            if self.at == len(self.buffer):
                break
            self._next_token()
        if self._copies:
            self.open_end = "the data of a table"
        self._judge(is_end=True)

    def _begin(self) -> None:
        self._tokens: list[bytes] = []
        self._depth = 0  # of brackets
        self._blocks = 0  # of BEGIN ATOMIC ... END in a function
        self._is_bulk = False
        self._is_judged = False
        self._start = self.line()

    def _inserts(self) -> None:
        """Go past rows of complete statements that only insert: there may be millions of them."""
        if found := INSERTS.match(self.buffer, self.at):
            self.at = found.end()
            self.fills = True
            self.have(2)

    def _next_token(self) -> None:
        two = self.buffer[self.at : self.at + 2]
        char = two[:1]
        if char.isspace():
            self._space()
        elif two == b"--":
            self.rest_of_line()
        elif two == b"/*":
            self._comment()
        elif char == b"\\":
            self._meta()
        elif char == b"'":
            self._string(escaped=self._escapes)
        elif two in (b"e'", b"E'"):
            self._escape_string()
        elif char == b'"':
            self._name()
        elif char == b"$" and (tag := self._tag()):
            self._dollar_string(tag)
        elif word := self.token(WORD):
            self._word(word.upper())
        elif number := self.token(NUMBER):
            self._add(number)
        else:
            self._sign(char)

    def _escape_string(self) -> None:
        if self.at and self.buffer[self.at - 1 : self.at].isdigit():
            self.host.append(self.here(b"a string right after a number"))
        self.at += 1
        self._string(escaped=True)

    def _dollar_string(self, tag: bytes) -> None:
        if not self.past(tag):
            self.open_end = "a string"
        self._add(b"'")

    def _name(self) -> None:
        self.at += 1
        if self.inside(QUOTED_NAME, b'"') is None:
            self.open_end = "a quoted name"
        self._add(b'"')

    def _sign(self, char: bytes) -> None:
        self.at += 1
        if char == b";" and not self._depth and not self._blocks:
            self._judge(is_end=True)
            self._begin()
            return
        self._depth = max(0, self._depth + (char == b"(") - (char == b")"))
        self._add(char)

    def _tag(self) -> bytes:
        self.have(CHUNK)  # it is as long as its writer likes
        return self.token(DOLLAR)

    def _space(self) -> None:
        if not self._copies:
            self.token(SPACE)
            return
        if self.buffer[self.at : self.at + 1] != b"\n":
            self.at += 1
            return
        while self._copies:
            self._data()
            self._copies -= 1
            if self.open_end:
                return

    def _data(self) -> None:
        """Go past the data of a table. `at` goes from the end of the line before it to the end of its last line."""
        while self.past(b"\n\\."):
            self.have(2)
            if self.buffer[self.at : self.at + 2].replace(b"\r", b"")[:1] in (b"\n", b""):
                return
        self.open_end = "the data of a table"

    def _comment(self) -> None:
        self._nothing_before_data()
        depth = 0
        while True:
            found = IN_COMMENT.search(self.buffer, self.at)
            if found:
                depth += 1 if found[0] == b"/*" else -1
                self.at = found.end()
                if not depth:
                    return
                continue
            self.at = max(self.at, len(self.buffer) - 1)
            if not self.more():
                self.at = len(self.buffer)
                self.open_end = "a comment"
                return

    def _string(self, *, escaped: bool) -> None:
        text = b""
        while True:
            self.at += 1
            part = self.inside(ESCAPED if escaped else PLAIN, b"'")
            if part is None:
                self.open_end = "a string"
                return
            text += part
            if not self._goes_on(escaped=escaped):
                break
        self._add(b"'" + text[:60])

    def _goes_on(self, *, escaped: bool) -> bool:
        """Does the string go on after the quote that was just read? Then `at` is on the quote with which it does."""
        self.have(1)
        if not escaped or self.buffer[self.at : self.at + 1] == b"'":
            return escaped
        # A string goes on after the end of a line, with the same rules.
        while BETWEEN.fullmatch(self.buffer, self.at) and self.more():
            pass
        if found := CONTINUED.match(self.buffer, self.at):
            self.at = found.end() - 1
        return found is not None

    def _meta(self) -> None:
        number, line = self.line(), self.rest_of_line()
        if HARMLESS.fullmatch(line):
            return
        name = (found[1] if (found := COMMAND.match(line)) else b"").rstrip(b";")
        noted = passage(number, line)
        (self.elsewhere if name in OTHER_DATABASE else self.host).append(noted)
        if not name:
            self.at = min(self.at - len(line) + 2, len(self.buffer))
            return
        # A line may have several. A later one that changes the database must not be trusted either.
        if any(word in OTHER_DATABASE for word in COMMAND.findall(line)[1:]):
            self.elsewhere.append(noted)

    def _word(self, word: bytes) -> None:
        if self._is_function() and not self._depth:
            self._blocks += word == b"BEGIN" or (word == b"CASE" and self._blocks > 0)
            self._blocks -= word == b"END" and self._blocks > 0
        self._add(word)

    def _is_function(self) -> bool:
        begins = [token for token in self._tokens[:4] if token not in (b"OR", b"REPLACE")][:2]
        return begins in ([b"CREATE", b"FUNCTION"], [b"CREATE", b"PROCEDURE"])

    def _nothing_before_data(self) -> None:
        """Note what is between COPY and its data: psql reads the data first, and that line on after them."""
        if self._copies:
            self.host.append(self.here(b"something on the line after COPY ... FROM stdin;"))
            self._copies = 0

    def _add(self, token: bytes) -> None:
        self._nothing_before_data()
        if not self._tokens:
            self._start = self.line()
        if self._depth and self._tokens[:1] == [b"COPY"]:
            return
        if len(self._tokens) < 4096:
            self._tokens.append(token)
        if len(self._tokens) == TOKENS and self._tokens[0] not in (b"COPY", b"SET", b"SELECT", *scan_server.RIGHTS):
            self._judge(is_end=False)
            self._is_judged = True
            self._is_bulk = not self._is_function()

    def _statement(self) -> Passage:
        return passage(self._start, b" ".join(self._tokens[:TOKENS]))

    def _judge(self, *, is_end: bool) -> None:
        """Say what the statement is whose first tokens are known."""
        tokens = self._tokens
        if not tokens or (is_end and self._is_judged):
            return
        head = tokens[0]
        if head in CHANGES and tokens[1:2] == [b"DATABASE"]:
            self.elsewhere.append(self._statement())
        elif head == b"COPY":
            self._judge_copy(tokens)
        elif head == b"SET":
            self._judge_set(tokens)
        elif scan_server.psql(tokens) or (head == b"SELECT" and b"'standard_conforming_strings" in tokens):
            self.host.append(self._statement())
        else:
            self._judge_transaction(tokens)
        is_setting = head == b"SELECT" and (b"SET_CONFIG" in tokens[1:4])
        self.fills = self.fills or not (head in INERT or is_setting)

    def _judge_transaction(self, tokens: list[bytes]) -> None:
        head = tokens[0]
        if head == b"BEGIN" or tokens[:2] == [b"START", b"TRANSACTION"]:
            self.unfinished = self.unfinished or self._statement()
            self.transactions = self.transactions or self._statement()
        elif tokens[:2] == [b"PREPARE", b"TRANSACTION"]:
            self.unfinished = None
        elif head in ENDS and not {b"TO", b"PREPARED"} & set(tokens):
            self.transactions = self.transactions or (self._statement() if head != b"END" else None)
            self.unfinished = self._statement() if b"CHAIN" in tokens and b"NO" not in tokens else None

    def _judge_copy(self, tokens: list[bytes]) -> None:
        ways = [number for number, token in enumerate(tokens) if token in (b"FROM", b"TO")]
        target = tokens[ways[0] + 1 : ways[0] + 2] if ways else []
        if target not in ([b"STDIN"], [b"STDOUT"]) or b"BINARY" in tokens:
            self.host.append(self._statement())
        elif target == [b"STDIN"] and tokens[ways[0]] == b"FROM":
            self._copies += 1

    def _judge_set(self, tokens: list[bytes]) -> None:
        text = b" ".join(tokens)
        if b"STANDARD_CONFORMING_STRINGS" in tokens:
            self._escapes = text.split()[-1].strip(b"'").upper() in (b"OFF", b"FALSE", b"0", b"NO", b"F", b"N")
        if (b"CLIENT_ENCODING" in tokens or b"NAMES" in tokens) and TWO_FACED.search(text):
            self.host.append(self._statement())
