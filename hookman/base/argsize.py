"""How much a program can be given when it starts (execve(2)). What a .env has beyond that does not reach hooks."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SPARE = 256  # bytes of one string, for what we put before its name
SHARE = 0.5  # of what all strings may have together, for .env files: quoting makes values longer


def too_large(values: Mapping[str, str], process: Mapping[str, str]) -> list[str]:
    """The names in `values`, of .env files, that can't be handed on beside the environment `process`.

    Those that are too long by themselves, then the longest ones until the rest fits.
    """
    sizes = {name: _size(name, value) for name, value in values.items() if process.get(name) != value}
    if not sizes:
        return []
    longest = 32 * os.sysconf("SC_PAGE_SIZE") - SPARE  # MAX_ARG_STRLEN of Linux
    found = [name for name, size in sizes.items() if size > longest]
    room = os.sysconf("SC_ARG_MAX") * SHARE - sum(_size(*variable) for variable in process.items())
    rest = sorted(((size, name) for name, size in sizes.items() if name not in found), reverse=True)
    total = sum(size for size, _ in rest)
    for size, name in rest:
        if total <= room:
            break
        total -= size
        found.append(name)
    return found


def _size(name: str, value: str) -> int:
    """Bytes, with `=`, the zero at the end, and the pointer to it."""
    return len(os.fsencode(name)) + len(os.fsencode(value)) + 2 + 8
