"""Lengths of time as people write them: 90, "90", "5m", "1h30m", "1.5s", "500ms"."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WANTED = 'a number of seconds or a text like "90s", "5m" or "1h30m"'
LONGEST = 10**12  # seconds; all longer times mean the same
# In the order in which they follow each other in a text.
UNITS = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def seconds(value: Any) -> float | None:
    """The seconds that a number or a text means, at most LONGEST; None if it is not a length of time.

    Units go from long to short, each once; a text without a unit is seconds.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _of_text(value.strip()) if isinstance(value, str) else value
    if found is None or not found >= 0 or (isinstance(value, float) and found == float("inf")):
        return None  # "not a number" is not 0 or more
    return float(min(found, LONGEST))


def shown(length: float) -> str:
    """The seconds `length` as a short text that `seconds` reads: 5m, 1h30m, 2.5s."""
    left = round(length * 1000)
    parts = []
    for unit in ("d", "h", "m"):
        count, left = divmod(left, round(UNITS[unit] * 1000))
        parts += [f"{count}{unit}"] if count else []
    parts += [f"{left / 1000:g}s"] if left or not parts else []
    return "".join(parts)


def _of_text(text: str) -> float | None:
    if (plain := _number(text)) is not None:
        return plain
    units = list(UNITS)
    total, rest = 0.0, text
    while rest:
        digits = len(rest) - len(rest.lstrip("0123456789."))
        letters = len(rest[digits:]) - len(rest[digits:].lstrip("wdhms"))
        unit = rest[digits : digits + letters]
        number = _number(rest[:digits])
        if number is None or unit not in units:
            return None
        total += number * UNITS[unit]
        units = units[units.index(unit) + 1 :]
        rest = rest[digits + letters :].lstrip()
    return total if text else None


def _number(text: str) -> float | None:
    """The number in `text`, which must have no sign (1.5, 1e3); None if it is not a number."""
    if not text.isascii() or text[:1] not in "0123456789." or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None
