"""Functions that a hooks.sh may define without naming them plainly: by `source` or `eval`."""

from __future__ import annotations

import os
import re

from hookman.base.files import read_regular
from hookman.base.records import record
from hookman.hooks import functions

# A command that sources a file whose name is plain to see.
_SOURCED = re.compile(
    r"(?:^|[;&|({]|\bthen|\bdo)[ \t]*(?:\.|source)[ \t]+([\"']?)([^\s;&|\"'$`()]+)\1(?=[\s;&|)]|$)", re.MULTILINE
)
DEEPEST = 5  # files that source each other


@record
class Undeclared:
    """`named` are functions whose names can be seen; if `line` is not None, it may define any, because of that line."""

    named: frozenset[str]
    line: int | None = None

    def may_be(self, name: str) -> bool:
        """Can the function `name` be defined?"""
        return self.line is not None or name in self.named


def undeclared(directory: str, text: str) -> Undeclared:
    """What the hooks.sh with that text, in `directory`, may define without saying so plainly. Nothing of it runs."""
    code = functions.code_of(text)
    named = {*functions.names_in(code)}
    line = _line_of_unknown(directory, code, named, DEEPEST)
    return Undeclared(named=frozenset(named - {*functions.defined_functions(text)}), line=line)


def _line_of_unknown(directory: str, code: str, named: set[str], depth: int) -> int | None:
    """The first line that may define anything; what sourced files name is added to `named`."""
    found = None
    for number, line in enumerate(code.split("\n"), 1):
        if not functions.uses(line, functions.DEFINING):
            continue
        known = depth > 0 and not functions.uses(_SOURCED.sub(" ", line), functions.DEFINING)
        for match in _SOURCED.finditer(line) if depth else ():
            known = _adds(directory, match[2], named, depth) and known
        found = found or (None if known else number)
    return found


def _adds(directory: str, name: str, named: set[str], depth: int) -> bool:
    """Add the functions that a sourced file names; False if it may define others too, or can't be read."""
    try:
        text = read_regular(os.path.join(directory, os.path.expanduser(name))).decode("utf-8", "surrogateescape")
    except OSError:
        return False
    code = functions.code_of(text)
    named.update(functions.names_in(code))
    return _line_of_unknown(directory, code, named, depth - 1) is None
