"""Waiting for descriptors of any number. select() takes none above 1023, and a caller may have many open."""

from __future__ import annotations

import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 86400.0  # seconds: the kernel counts milliseconds, and whoever waits for longer looks again


def readable(descriptors: Iterable[int], seconds: float | None = None) -> list[int]:
    """Those of the `descriptors` that can be read, or have ended, after at most `seconds` (None: no limit)."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [found for found, _ in poll.poll(None if seconds is None else min(max(0.0, seconds), LONGEST) * 1000)]
