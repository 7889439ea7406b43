"""`$NAME` and `${NAME:-default}` as Compose fills them in, in .env files and compose files."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# template.go's own pattern: what is in braces goes on to the line's last one, and is cut after.
# (?i:[a-z]) has two more letters in Go.
_LETTER = "_a-zA-Z\u017f\u212a"
_NAME = f"[{_LETTER}][{_LETTER}0-9]*"
_VARIABLE = re.compile(
    rf"\$(?:\$|(?P<named>{_NAME})|\{{(?:(?P<braced>{_NAME})(?:(?P<operator>:?[-+?])(?P<word>.*))?\}}|))"
)


class InterpolationError(ValueError):
    """The text has a `${` that Compose would refuse, or a required variable is missing.

    Its message repeats nothing of the text, which may be a password.
    """


def interpolate(text: str, lookup: Callable[[str], str | None]) -> str:
    """`text` with its variables replaced; `lookup` gives a value or None where unset.

    Raises InterpolationError. Source: compose-spec/compose-go, template/template.go.
    """
    parts = []
    at = 0
    try:
        while match := _VARIABLE.search(text, at):
            parts.append(text[at : match.start()])
            value, at = _replaced(match, lookup)
            parts.append(value)
    except RecursionError:
        raise InterpolationError("`${` is nested too deeply") from None
    return "".join(parts) + text[at:]


def _replaced(match: re.Match[str], lookup: Callable[[str], str | None]) -> tuple[str, int]:
    """What takes the place of the variable that begins at `match`, and where it ends."""
    if match[0] == "$$":
        return "$", match.end()
    if match["named"]:
        return lookup(match["named"]) or "", match.end()
    end = _closing_brace(match[0])
    inside = _VARIABLE.match(match[0][:end]) if end else match
    if not inside or not inside["braced"]:
        raise InterpolationError("invalid template: `${` must begin ${NAME} or ${NAME:-default}")
    return _braced(inside, lookup), match.start() + end if end else match.end()


def _closing_brace(text: str) -> int:
    """After which brace Compose cuts `text`, which begins with `${`; 0 if it does not.

    It passes over the character after an opening one (template.go, getFirstBraceClosingIndex).
    """
    depth = at = 0
    while at < len(text):
        if text[at] == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        elif text[at] == "{":
            depth += 1
            at += 1
        at += 1
    return 0


def _braced(match: re.Match[str], lookup: Callable[[str], str | None]) -> str:
    name, operator, word = match["braced"], match["operator"] or "", match["word"]
    value = lookup(name)
    present = value if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return interpolate(word, lookup) if present else value or ""
    if operator.endswith("-"):
        return value or "" if present else interpolate(word, lookup)
    if operator.endswith("?") and not present:
        raise InterpolationError("a variable required with ${NAME:?…} is not set")
    return value or ""
