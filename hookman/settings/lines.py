"""On which line of a TOML text a key is set, for messages: TOML's own reader does not tell."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def line_of(text: str, *keys: str) -> int:
    """The line on which the `keys`, the outermost table first, or a key in them are set, or the nearest table around.

    0: unknown.
    """
    best, found = 0, 0
    for number, names in _set_in(text):
        shared = min(len(names), len(keys))
        if shared > best and list(keys[:shared]) == names[:shared]:
            best, found = shared, number
    return found


def tables_in(text: str, name: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The line of each table of the array `name` ([[name]]), and the lines on which its keys are set."""
    first, keys = 0, dict[str, int]()
    for number, names in _set_in(text):
        if names == [name]:
            if first:
                yield first, keys
            first, keys = number, {}
        elif first and names[:1] == [name]:
            keys.setdefault(names[1], number)
    if first:
        yield first, keys


def _set_in(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that begins a table or sets a key, with the names that lead to it."""
    table: list[str] = []
    end = ""  # what ends the text of several lines that we are in
    for number, line in enumerate(text.split("\n"), 1):
        if end:
            end = "" if end in line else end
            continue
        stripped = line.strip()
        if stripped.startswith("["):
            table, _ = _keys(stripped.strip("["))
            yield number, table
            continue
        own, value = _keys(stripped)
        if own and value.startswith("="):
            yield number, [*table, *own]
        end = _left_open(value)


def _left_open(value: str) -> str:
    """The quotes of a text that goes on after this line; "" where none does."""
    for quotes in ('"""', "'''"):
        if value.count(quotes) % 2:
            return quotes
    return ""


def _keys(text: str) -> tuple[list[str], str]:
    """The dotted, perhaps quoted key at the beginning of `text`, and what follows it."""
    names: list[str] = []
    rest = f".{text}"
    while rest.startswith("."):
        name, rest = _name(rest[1:].lstrip())
        if name is None:
            return [], ""
        names.append(name)
        rest = rest.lstrip()
    return names, rest


def _name(text: str) -> tuple[str | None, str]:
    """The part of a key at the beginning of `text` (None if no part begins there), and what follows it."""
    if text[:1] in ('"', "'"):
        name, closed, rest = text[1:].partition(text[0])
        return (name if closed else None), rest
    length = next((at for at, char in enumerate(text) if not (char.isalnum() or char in "_-")), len(text))
    return text[:length] or None, text[length:]
