r"""`.env` files as Compose reads them: data, never code (C29).

hookman reads them itself, because hooks must see the values that Compose will use.
python-dotenv reads these in another way: `E= # c`, a tab before `#`, `A="a"b`, `'it\'s'`, `\$A`, `A: 1`,
names with `.` and `-` (docs/design/traps.md C8). Source: compose-spec/compose-go, dotenv/.
"""

from __future__ import annotations

import errno
import re

from hookman.base.errors import ConfigError
from hookman.base.files import read_regular
from hookman.compose.interpolation import interpolate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 4 * 1024 * 1024  # bytes of a file for hooks; Compose itself also reads longer files
_BLANK = " \t\v\f\r\x85\xa0"
# The spaces of Go's unicode.IsSpace; str.isspace knows more.
_SPACE = (
    _BLANK + "\n\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_EXPORT = re.compile(rf"export(?=[ \t\n\f\r])[{_BLANK}]*")
_QUOTED = {quote: re.compile(rf"{quote}([^{quote}\\]*(?:\\.[^{quote}\\]*)*){quote}", re.DOTALL) for quote in "'\""}
_ESCAPE = re.compile(r'\\([abcfnrtv$"\\]|0[0-9]{0,3})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$", "\\": "\\"}


def read_env_files(paths: list[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of the files in `paths`; a later file wins, `environ` feeds interpolation.

    Raises ConfigError, which names file and line, and OSError.
    """
    values: dict[str, str] = {}
    for path in paths:
        try:
            text = read_regular(path, LONGEST).decode("utf-8-sig", "surrogateescape")
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            what = f"{path}: longer than {LONGEST >> 20} MiB, too long to give to hooks"
            raise ConfigError(what, "move large values to another file", path) from None
        parse_env(text, environ, values, path)
    return values


def parse_env(text: str, environ: Mapping[str, str], values: dict[str, str], path: str = ".env") -> None:
    """Add the variables in `text` to `values`. Raises ConfigError, which names `path` and the line."""

    def lookup(name: str) -> str | None:
        return environ[name] if name in environ else values.get(name)

    at = 0
    while at < len(text):
        at = _statement_start(text, at)
        if at == len(text):
            break
        start = at
        try:
            at = _statement(text, start, lookup, values)
        except ValueError as error:
            line = text.count("\n", 0, start) + 1
            raise ConfigError(
                f"{path}:{line}: {error}",
                "write the line as NAME=value. Put a value with `$` or quotes in single quotes.",
                f"{path}:{line}",
            ) from None


def _statement_start(text: str, at: int) -> int:
    """Where the next statement begins, after blank lines and comments."""
    while at < len(text):
        if text[at] == "#":
            at = _line_end(text, at)
        elif text[at] in _SPACE:
            at += 1
        else:
            break
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def _statement(text: str, at: int, lookup: Callable[[str], str | None], values: dict[str, str]) -> int:
    """Read the statement at `at` into `values` and return where it ends. Raises ValueError."""
    if export := _EXPORT.match(text, at):
        at = export.end()
        if at == len(text):
            raise ValueError("`export` needs a name")
    start = at
    while at < len(text) and text[at] not in "=:\n":
        if not (text[at].isalnum() or text[at] in "_.-[]" or text[at] in _BLANK):
            raise ValueError(f"unexpected character {text[at]!r} in a variable name")
        at += 1
    if at == len(text):  # a name alone at the end of the file: Compose takes it for a value without a name
        return _value(text, start, "", lookup, values)
    name = text[start:at].rstrip(_SPACE)
    if " " in name:
        raise ValueError("a name can't contain a space")
    if text[at] == "\n":  # a name alone has the value that it has in the process
        inherited = lookup(name)
        if inherited is not None:
            values[name] = inherited
        return at + 1
    return _value(text, at + 1, name, lookup, values)


def _value(text: str, at: int, name: str, lookup: Callable[[str], str | None], values: dict[str, str]) -> int:
    """Read the value at `at` into `values` as `name` and return where it ends.

    Raises ValueError, which names the variable and shows nothing of the value.
    """
    try:
        values[name], end = _read_value(text, at, lookup)
    except ValueError as error:
        raise ValueError(f"{name}: {error}" if name else str(error)) from None
    return end


def _read_value(text: str, at: int, lookup: Callable[[str], str | None]) -> tuple[str, int]:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    if text[at : at + 1] in ("'", '"'):
        raw, end = _quoted(text, at)
        return (interpolate(_unescape(raw), lookup) if text[at] == '"' else raw), end
    end = _line_end(text, at)
    # Compose cuts comments off before it strips spaces, so the value of `A= # c` is `# c`.
    raw = text[at:end].partition(" #")[0].rstrip(_SPACE)
    return interpolate(raw, lookup), end


def _quoted(text: str, at: int) -> tuple[str, int]:
    """The text between the quote at `at` and its match, and where the rest begins."""
    quote = text[at]
    found = _QUOTED[quote].match(text, at)
    if not found:
        raise ValueError(f"the quote {quote} is not closed")
    return found[1].replace(f"\\{quote}", quote), found.end()


def _unescape(value: str) -> str:
    def unescaped(match: re.Match[str]) -> str:
        code = match[1]
        if re.fullmatch("0[0-3][0-7][0-7]", code):
            return chr(int(code[1:], 8))
        if code[0] == "0":  # for Go this is no octal number: it loses its zero
            return "\\" + code[1:]
        return _ESCAPED.get(code, match[0])

    return _ESCAPE.sub(unescaped, value)
