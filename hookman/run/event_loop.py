"""The one loop in which hooks wait. A hook on its way is a generator: it yields what it waits for.

That is a `Wait`: a source (its output, or `Wakeup` where it only lets time pass) and how many seconds this may take,
None for no limit. A signal to us, and the end of a process, end every wait. Then the hook looks at what happened.
"""

from __future__ import annotations

import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Protocol, TypeVar

    from hookman.base.signals import Signals

    T = TypeVar("T")

    class Source(Protocol):
        """What a hook waits for."""

        def wait(self, seconds: float | None) -> None:
            """Wait until something happens, at most `seconds`, and take it."""

        def descriptors(self) -> list[int]:
            """Descriptors. One of them can be read when something has happened."""

    Wait = tuple[Source, float | None]
    Steps = Generator[Wait, None, T]

FOREVER = float("inf")
LONGEST_WAIT = 86400.0  # seconds; whoever waits for longer is looked at in between


class Wakeup:
    """Nothing but the time, and our signals."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    def wait(self, seconds: float | None) -> None:
        """Wait for so long, or until a signal."""
        from hookman.base.waiting import readable  # few hooks let only time pass

        readable([self._signals.wakeup], seconds)

    def descriptors(self) -> list[int]:
        """That of our signals."""
        return [self._signals.wakeup]


def alone(steps: Steps[T], signals: Signals) -> T:
    """Run the `steps` of one hook, while no other one runs, and return their result. Raises what they raise."""
    try:
        while True:
            source, seconds = next(steps)
            source.wait(seconds)
            signals.drain()
    except StopIteration as end:
        result: T = end.value
        return result


def together(ways: Iterator[Steps[None]], jobs: int, signals: Signals) -> None:
    """Go all `ways`, in their order, at most `jobs` at the same time. Raises what they raise.

    One that can go on gets its turn, and all get one when another has ended: that may be about them too.
    """
    going: dict[Steps[None], tuple[Source, float]] = {}  # what each waits for, and until when
    while True:
        while len(going) < jobs and (way := next(ways, None)) is not None:
            _go_on(way, going)
        if not going:
            return
        ready = _wait_for_any(going)
        signals.drain()
        before = len(going)
        for way in ready:
            _go_on(way, going)
        while len(going) < before:
            before = len(going)
            for way in list(going):
                _go_on(way, going)


def _go_on(way: Steps[None], going: dict[Steps[None], tuple[Source, float]]) -> None:
    """Resume a way: it waits again, or has ended."""
    try:
        source, seconds = next(way)
    except StopIteration:
        going.pop(way, None)
        return
    going[way] = source, FOREVER if seconds is None else time.monotonic() + seconds


def _wait_for_any(going: dict[Steps[None], tuple[Source, float]]) -> list[Steps[None]]:
    """Wait until something happens that one of them waits for, and take it; those that can go on."""
    poll = select.poll()
    owners: dict[int, list[Steps[None]]] = {}
    for way, (source, _) in going.items():
        for descriptor in source.descriptors():
            owners.setdefault(descriptor, []).append(way)
            poll.register(descriptor, select.POLLIN)
    first = min(until for _, until in going.values())
    left = min(max(0.0, first - time.monotonic()), LONGEST_WAIT)
    found = poll.poll(left * 1000)
    ready = {way for descriptor, _ in found for way in owners[descriptor]}
    for way in ready:
        going[way][0].wait(0)
    now = time.monotonic()
    return [way for way, (_, until) in going.items() if way in ready or until <= now]
