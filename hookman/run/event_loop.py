"""The one loop in which hooks wait. A hook on its way is a generator: it yields what it waits for.

That is a `Wait`: a source (its output, or `Wakeup` where it only lets time pass) and how many seconds this may take,
None for no limit. A signal to us, and the end of a process, end every wait. Who is resumed looks what happened.
"""

from __future__ import annotations

import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Protocol, TypeVar

    from hookman.base.signals import Signals

    T = TypeVar("T")

    class Source(Protocol):
        """What a hook waits for."""

        def wait(self, seconds: float | None) -> None:
            """Wait until something happens, at most `seconds`, and take it."""

    Wait = tuple[Source, float | None]
    Steps = Generator[Wait, None, T]


class Wakeup:
    """Nothing but the time, and our signals."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    def wait(self, seconds: float | None) -> None:
        """Wait for so long, or until a signal."""
        select.select([self._signals.wakeup], [], [], seconds)


def alone(steps: Steps[T], signals: Signals) -> T:
    """What comes of `steps`: of one hook, while no other one runs. Raises what they raise."""
    try:
        while True:
            source, seconds = next(steps)
            source.wait(seconds)
            signals.drain()
    except StopIteration as end:
        result: T = end.value
        return result
