"""`$NAME` and `${NAME:-default}` as Compose fills them in, in .env files and compose files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

OPERATORS = (":-", ":+", ":?", "-", "+", "?")


class InterpolationError(ValueError):
    """The text has a `${` that Compose would refuse, or a required variable is missing."""


def interpolate(text: str, lookup: Callable[[str], str | None]) -> str:
    """`text` with its variables replaced; `lookup` gives a value or None where unset.

    Raises InterpolationError. Source: compose-spec/compose-go, template/template.go.
    """
    out = []
    at = 0
    while (dollar := text.find("$", at)) != -1:
        out.append(text[at:dollar])
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            out.append("$")
            at = dollar + 2
        elif following == "{":
            end = _closing_brace(text, dollar + 1)
            out.append(_braced(text[dollar + 2 : end], lookup))
            at = end + 1
        else:
            end = _name_end(text, dollar + 1)
            out.append((lookup(text[dollar + 1 : end]) or "") if end > dollar + 1 else "$")
            at = end
    return "".join(out) + text[at:]


def _name_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and text[end].isascii() and (text[end].isalnum() or text[end] == "_"):
        if end == start and text[end].isdigit():
            break
        end += 1
    return end


def _closing_brace(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    raise InterpolationError(f"invalid template: {text!r} has no closing brace")


def _braced(inside: str, lookup: Callable[[str], str | None]) -> str:
    end = _name_end(inside, 0)
    name, rest = inside[:end], inside[end:]
    operator = next((one for one in OPERATORS if rest.startswith(one)), "")
    if not name or (rest and not operator):
        raise InterpolationError(f"invalid template: ${{{inside}}}")
    word = rest[len(operator) :]
    value = lookup(name)
    present = value if operator.startswith(":") else value is not None
    if operator.endswith("+"):
        return interpolate(word, lookup) if present else value or ""
    if operator.endswith("-"):
        return value or "" if present else interpolate(word, lookup)
    if operator.endswith("?") and not present:
        raise InterpolationError(f"required variable {name} is missing a value: {interpolate(word, lookup)}")
    return value or ""
