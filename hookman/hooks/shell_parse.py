"""The commands in the text of a hooks.sh, as a tree: only what helps to find commands whose failure is ignored.

It is not bash's grammar. It leaves out what it does not understand, so it finds too little rather than too much.
"""

from __future__ import annotations

import re

from hookman.base.records import record
from hookman.hooks.bash_needs import code_without_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

SIMPLE = "simple"
GROUP = "group"  # if, case, { }, ( ): its end is that of one of its parts
LOOP = "loop"  # only its last round is its end
FUNCTION = "function"
CONTINUED = "\x01"  # stands for a line break that a backslash takes away
_TOKEN = re.compile(
    r"(?P<blank>[ \t\r]+)|(?P<line>\n)|(?P<redirect>&>>?|\d*(?:<<<|<<-?|>>|<>|[<>])[&|]?)"
    r"|(?P<op>&&|\|\||;;?&?|\|&?|&|[()])"
)
_CLOSERS = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}"}
_INNER = ("then", "elif", "else", "do", "in")
_ENDS = (*_CLOSERS.values(), *_INNER)


@record
class Token:
    """A word or an operator, and its line."""

    text: str
    line: int
    is_word: bool


@record
class Statement:
    """A command, or commands in a construct.

    `handled`: what follows reads its end (`||`, `!`), or nobody waits for it (`&`). `parts` are the lists in it.
    """

    kind: str
    line: int
    words: tuple[str, ...] = ()
    parts: tuple[tuple[Statement, ...], ...] = ()
    handled: bool = False


def parse(text: str) -> list[Statement]:
    """The statements of the text of a shell script; none if it is nested too deep for us."""
    code = code_without_text(text.replace("\\\n", f" {CONTINUED} "))
    parser = _Parser(_tokens(code))
    found: list[Statement] = []
    try:
        while not parser.at_end():
            found += parser.statements(())
            parser.take()  # a stray `)` or `fi`
    except RecursionError:
        return []
    return found


def _tokens(code: str) -> list[Token]:
    found: list[Token] = []
    line, at = 1, 0
    while at < len(code):
        end, kind = _next(code, at)
        word = code[at:end]
        if kind in ("word", "line", "op") and word != CONTINUED:
            found.append(Token(text=word.replace(CONTINUED, ""), line=line, is_word=kind == "word"))
        line += word.count("\n") + word.count(CONTINUED)
        at = end
    return found


def _next(code: str, at: int) -> tuple[int, str]:
    """Where the token that begins at `at` ends, and its kind. The file of a redirection belongs to it."""
    match = None if code.startswith("((", at) else _TOKEN.match(code, at)
    if match is None:
        return max(_end_of_word(code, at), at + 1), "word"
    end, kind = match.end(), match.lastgroup or ""
    if kind == "redirect":
        while end < len(code) and code[end] in " \t":
            end += 1
        end = _end_of_word(code, end)
    return end, kind


def _end_of_word(code: str, at: int) -> int:
    """Where the word that begins at `at` ends; quotes and expansions belong to it."""
    if code.startswith("((", at):
        end = code.find("))", at)
        return len(code) if end < 0 else end + 2
    closers: list[str] = []
    while at < len(code):
        char = code[at]
        if closers and char == closers[-1]:
            closers.pop()
        elif not closers and char in " \t\r\n;|&()<>" and code[at : at + 2] not in ("<(", ">("):
            return at
        else:
            at += _opened(code[at : at + 2], closers)
        at += 1
    return at


def _opened(two: str, closers: list[str]) -> int:
    """Note what closes the quote or expansion that begins with these characters; how many more than one it takes."""
    if two in ("$(", "${", "<(", ">("):
        closers.append(")" if two[1] == "(" else "}")
        return 1
    if two[0] in '"`':
        closers.append(two[0])
    elif two[0] == "(":
        closers.append(")")
    return 0


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def at_end(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self) -> str:
        """The next token; "" at the end."""
        return "" if self.at_end() else self.tokens[self.at].text

    def take(self) -> str:
        """Go past the next token."""
        text = self.peek()
        self.at += 1
        return text

    def line(self) -> int:
        """The line of the next token."""
        return self.tokens[min(self.at, len(self.tokens) - 1)].line if self.tokens else 1

    def statements(self, ends: Collection[str]) -> list[Statement]:
        """Statements up to a token that ends them, which is not taken."""
        found: list[Statement] = []
        while not self.at_end() and self.peek() not in ends and self.peek() not in (")", *_ENDS):
            if self.peek() in ("\n", ";", "&"):
                self.take()
            elif self.peek().startswith(";;") or self.peek() == ";&":
                break
            else:
                found += self._and_or()
        return found

    def _and_or(self) -> list[Statement]:
        """Pipelines with && and || between them. The end of each but the last is read by what follows."""
        found, operators = [self._pipeline()], []
        while self.peek() in ("&&", "||"):
            operators.append(self.take())
            while self.peek() == "\n":
                self.take()
            found.append(self._pipeline())
        in_background = self.peek() == "&"
        handled = in_background or "||" in operators
        last = len(found) - 1
        return [
            _handled(statement) if handled or number < last else statement for number, statement in enumerate(found)
        ]

    def _pipeline(self) -> Statement:
        """Commands with | between them. They end as the last one ends."""
        negated = False
        while self.peek() in ("!", "time"):
            negated = self.take() == "!" or negated
        command = self._command()
        while self.peek() in ("|", "|&"):
            self.take()
            while self.peek() == "\n":
                self.take()
            command = self._command()
        return _handled(command) if negated else command

    def _command(self) -> Statement:
        line, first = self.line(), self.peek()
        if first == "(":
            self.take()
            return self._group(GROUP, line, ")")
        if first in _CLOSERS:
            self.take()
            return self._construct(first, line)
        if first == "function":
            self.take()
            return self._function(line, self.take())
        if [token.text for token in self.tokens[self.at + 1 : self.at + 3]] == ["(", ")"]:
            return self._function(line, self.take())
        words: list[str] = []
        while not self.at_end() and self.tokens[self.at].is_word:
            words.append(self.take())
            if words[0] == "[[":  # && and || in it are no operators
                while not self.at_end() and words[-1] != "]]" and self.peek() != "\n":
                    words.append(self.take())
        if not words:
            self.take()
        return Statement(kind=SIMPLE, line=line, words=tuple(words))

    def _function(self, line: int, name: str) -> Statement:
        while self.peek() in ("(", ")", "\n"):
            self.take()
        body = self._command()
        return Statement(kind=FUNCTION, line=line, words=(name,), parts=body.parts)

    def _group(self, kind: str, line: int, end: str) -> Statement:
        body = self.statements((end,))
        if self.peek() == end:
            self.take()
        return Statement(kind=kind, line=line, parts=(tuple(body),))

    def _construct(self, word: str, line: int) -> Statement:
        """What stands between `word` and its end. Somebody reads the ends of conditions."""
        if word == "{":
            return self._group(GROUP, line, "}")
        kind = LOOP if _CLOSERS[word] == "done" else GROUP
        parts: list[tuple[Statement, ...]] = []
        while not self.at_end() and self.peek() != _CLOSERS[word]:
            if word in ("for", "select", "case") and not parts and self.peek() not in ("do", "in"):
                self.take()  # the name, and what it goes through
            elif word == "case":
                self._pattern()
                parts.append(tuple(self.statements(("esac",))))
            elif self.peek() in ("then", "else", "do"):
                self.take()
                parts.append(tuple(self.statements(())))
            else:
                parts.append(tuple(map(_handled, self._condition())))
        self.take()
        return Statement(kind=kind, line=line, parts=tuple(parts))

    def _pattern(self) -> None:
        """Go past `in`, `;;` and the pattern up to its parenthesis."""
        while not self.at_end() and self.peek() != "esac":
            if self.take() == ")":
                return

    def _condition(self) -> list[Statement]:
        """What is asked between `if` and `then`, `while` and `do`."""
        before = self.at
        if self.peek() in ("elif", "in"):
            self.take()
        found = self.statements(())
        if self.at == before:
            self.take()
        return found


def _handled(statement: Statement) -> Statement:
    return Statement(
        kind=statement.kind, line=statement.line, words=statement.words, parts=statement.parts, handled=True
    )
