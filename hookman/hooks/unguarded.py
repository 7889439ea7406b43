"""Functions of a hooks.sh that go on after a command that failed: bash stops only under `set -e`."""

from __future__ import annotations

import re
import subprocess

from hookman.base.errors import Problem
from hookman.base.messages import shown
from hookman.base.records import record
from hookman.hooks import functions, shell_parse
from hookman.hooks.environment import BRIDGES
from hookman.hooks.interpreter import on_path
from hookman.hooks.shell_parse import FUNCTION, GROUP, LOOP, SIMPLE, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Commands that do not fail, or whose failure nobody waits for.
HARMLESS = {
    *("echo", "printf", ":", "true", "local", "declare", "typeset", "export", "readonly", "return", "exit", "break"),
    *("continue", "shift", "unset", "set", "shopt", "trap", "wait", "let", "[[", "[", "test", "sleep", "pwd", "alias"),
    *("read", "type", "hash", "umask", "times", "dirs", "false", "jobs", "disown"),
}
NAMELESS = "the command there"  # its name is known only when it runs
_NAME = re.compile(r"[A-Za-z_][\w.+-]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=(.*)", re.DOTALL)
# Where it can't be known what a name means when it is called.
_OTHER_NAMES = re.compile(r"\bPATH=|\balias\b|\benable\b|command_not_found_handle")


@record
class _Ignored:
    """A command whose failure is ignored: its function, its line, its name."""

    function: str
    line: int
    command: str


def ignored(text: str, names: Iterable[str] | None = None) -> list[Problem]:
    """The functions (None: all hooks) in the text of a hooks.sh that go on after a failure; a problem for each."""
    statements = shell_parse.parse(text)
    look = _Look(text, {statement.words[0]: statement for statement in statements if statement.kind == FUNCTION})
    if look.guards(statement for statement in statements if statement.kind == SIMPLE):
        return []
    hooks = [name for name in look.functions if name.startswith(functions.STARTS)]
    for name in hooks if names is None else names:
        if name in look.functions:
            look.function(name)
    found: dict[str, list[_Ignored]] = {}
    for ignored_command in sorted(look.found, key=lambda command: command.line):
        found.setdefault(ignored_command.function, []).append(ignored_command)
    return [_problem(commands) for commands in found.values()]


def unknown(text: str, search_path: str, directory: str) -> list[Problem]:
    """The commands in the functions of a hooks.sh that do not exist: no builtin, no function, not on the PATH."""
    code = functions.code_of(text)
    if functions.uses(code, functions.DEFINING) or _OTHER_NAMES.search(code) or not functions.has_bash(search_path):
        return []
    statements = shell_parse.parse(text)
    known = {
        *_builtins(functions.bash(search_path)),
        *(statement.words[0] for statement in _all(statements) if statement.kind == FUNCTION),
    }
    found: dict[str, int] = {}
    for statement in _all(statements):
        name = _command(statement.words)
        if _NAME.fullmatch(name) and name not in known and not _asked_for(name, code):
            found.setdefault(name, statement.line)
    places = f"{search_path}:{BRIDGES}"
    return [
        Problem(
            what=f"there is no command {name}: a function that calls it goes on after that, unless `set -e` is on",
            where=f"{functions.FILE_NAME}:{line}",
            fix=f"install {name}, or fix its name",
        )
        for name, line in found.items()
        if not on_path(name, places, directory)
    ]


class _Look:
    """A look through functions, from hook functions to those that they call."""

    def __init__(self, text: str, found: dict[str, Statement]) -> None:
        self.lines = text.split("\n")
        self.functions = found
        self.found: list[_Ignored] = []
        self.name = ""
        self.seen: set[str] = set()

    def function(self, name: str) -> None:
        """Look through one function."""
        if name in self.seen:
            return
        self.seen.add(name)
        before, self.name = self.name, name
        for part in self.functions[name].parts:
            self.statements(part, is_end=True, guarded=False)
        self.name = before

    def guards(self, statements: Iterable[Statement]) -> bool:
        """Does one of the statements make bash stop after a failure?"""
        return any(map(self._guards, statements))

    def statements(self, statements: Sequence[Statement], *, is_end: bool, guarded: bool) -> bool:
        """Look through a list. Returns whether bash stops after it. `is_end`: the function ends with the list."""
        for number, statement in enumerate(statements):
            following = statements[number + 1] if number + 1 < len(statements) else None
            counts = is_end if following is None else self._reads(following, is_end=is_end)
            guarded = guarded or self._guards(statement)
            if statement.kind == SIMPLE:
                self._simple(statement, ignored=not (counts or guarded or statement.handled), guarded=guarded)
            elif statement.kind in (GROUP, LOOP):
                ends = counts and statement.kind == GROUP
                for part in statement.parts:
                    self.statements(part, is_end=ends or statement.handled, guarded=guarded)
        return guarded

    def _simple(self, statement: Statement, *, ignored: bool, guarded: bool) -> None:
        name = _command(statement.words)
        if name in self.functions:
            if not guarded:
                self.function(name)
            if self._is_harmless(name):
                return
        if ignored and name and name not in HARMLESS:
            self.found.append(_Ignored(function=self.name, line=statement.line, command=name))

    def _is_harmless(self, name: str) -> bool:
        """Does a function of hooks.sh only print and the like?"""
        commands = [
            _command(statement.words)
            for statement in _all(self.functions[name].parts[0] if self.functions[name].parts else ())
        ]
        return all(command in HARMLESS or not command for command in commands)

    def _guards(self, statement: Statement) -> bool:
        if statement.kind != SIMPLE or not statement.words:
            return False
        if statement.words[0] == "set":
            short = any(word[0] in "-+" and "e" in word and word[1:2] != "o" for word in statement.words[1:])
            return short or "errexit" in statement.words
        if statement.words[0] == "shopt":
            return "errexit" in statement.words
        # A trap of the template stops only if a command does not exist (127).
        return statement.words[0] == "trap" and "ERR" in statement.words and "127" not in self.lines[statement.line - 1]

    def _reads(self, following: Statement, *, is_end: bool) -> bool:
        """Does the statement behind a command read its end, or pass it on?"""
        if following.kind == SIMPLE and following.words in (("return",), ("exit",)):
            return is_end
        return any("$?" in self.lines[line] or "PIPESTATUS" in self.lines[line] for line in self._lines_of(following))

    def _lines_of(self, one: Statement) -> range:
        return range(max(0, one.line - 1), min(len(self.lines), one.line))


def _problem(ones: list[_Ignored]) -> Problem:
    first = ones[0]
    more = len(ones) - 1
    others = f", and {more} more command{'s' if more > 1 else ''}" if more else ""
    return Problem(
        what=f"{first.function} goes on if {shown(first.command)} fails{others}, and ends as if all were well",
        where=f"{functions.FILE_NAME}:{first.line}",
        fix="begin the function with `set -e`, or end the line with: || return 1",
    )


def _command(words: Sequence[str]) -> str:
    """The name of the command that the words call; of a plain assignment, the command that gives its value."""
    for word in words:
        assigned = _ASSIGNMENT.fullmatch(word)
        if not assigned:
            if word.startswith(("$", '"')):
                return NAMELESS
            return "" if word.startswith("((") else word
        if len(words) == 1 and (inner := re.match(r'"?\$\(\s*([\w./-]+)', assigned[1])):
            return inner[1]
    return ""


def _all(statements: Iterable[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        for part in statement.parts:
            yield from _all(part)


def _builtins(bash: str) -> list[str]:
    argv = [bash, "--norc", "--noprofile", "-c", "compgen -bk"]
    done = subprocess.run(argv, env={}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout.split()


def _asked_for(name: str, code: str) -> bool:
    """Does hooks.sh ask whether there is such a command?"""
    return bool(re.search(rf"\b(?:command\s+-v|type|which|hash)\b[^\n;&|]*\b{re.escape(name)}\b", code))
