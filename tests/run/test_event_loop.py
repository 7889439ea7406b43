"""The loop that drives hooks: one alone, and several at once, tried with simulated hooks and a simulated clock."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookman.base.signals import Signals
from hookman.run import event_loop
from hookman.run.event_loop import Wakeup, alone, together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookman.run.event_loop import Steps


class Clock:
    """A clock that only waiting moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def register(self, *_: object) -> None:
        """Nothing can be read from these hooks."""

    def __call__(self, milliseconds: float) -> list[tuple[int, int]]:
        self.now += milliseconds / 1000 + 1e-6
        return []


class Simulated:
    """Hooks with their pauses and whether each fails in the end."""

    def __init__(self, hooks: list[tuple[list[float], bool]], jobs: int, signals: Signals) -> None:
        self.hooks = hooks
        self.jobs = jobs
        self.signals = signals
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.failed: list[int] = []
        self.most = 0
        self.begun_after_failure = False

    def ways(self) -> Iterator[Steps[None]]:
        for number in range(len(self.hooks)):
            if self.failed:
                return
            yield self.way(number)

    def way(self, number: int) -> Steps[None]:
        self.begun_after_failure = self.begun_after_failure or bool(self.failed)
        self.begun.append(number)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        pauses, fails = self.hooks[number]
        for pause in pauses:
            yield Wakeup(self.signals), pause
        self.ended.append(number)
        if fails:
            self.failed.append(number)


HOOKS = st.lists(st.tuples(st.lists(st.floats(0, 5), max_size=4), st.booleans()), max_size=9)


@given(hooks=HOOKS, jobs=st.integers(1, 5))
@settings(deadline=None)
def test_any_schedule(hooks: list[tuple[list[float], bool]], jobs: int) -> None:
    clock = Clock()
    clock_poll = type("Poll", (), {"register": clock.register, "poll": lambda _, wait: clock(wait)})
    with Signals() as signals, pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_loop, "time", clock)
        patch.setattr(select, "poll", clock_poll)
        one = Simulated(hooks, jobs, signals)
        together(one.ways(), jobs, signals)
    assert one.begun == [*range(len(one.begun))]  # in the order of the plan
    assert one.most <= jobs
    assert sorted(one.ended) == one.begun  # each that began has ended
    assert not one.begun_after_failure
    assert one.failed or len(one.begun) == len(hooks)  # all begin where none fails


def test_a_pause_is_as_long_as_it_says_whatever_others_do() -> None:
    ends: dict[str, float] = {}
    clock = Clock()

    def way(name: str, pauses: list[float], signals: Signals) -> Steps[None]:
        for pause in pauses:
            until = clock.now + pause
            while clock.now < until:
                yield Wakeup(signals), until - clock.now
        ends[name] = clock.now

    clock_poll = type("Poll", (), {"register": clock.register, "poll": lambda _, wait: clock(wait)})
    with Signals() as signals, pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_loop, "time", clock)
        patch.setattr(select, "poll", clock_poll)
        together(iter([way("long", [3.0], signals), way("short", [0.5] * 4, signals)]), 2, signals)
    assert ends == {"short": pytest.approx(2.0, abs=0.01), "long": pytest.approx(3.0, abs=0.01)}


def test_when_one_has_ended_the_others_have_a_turn_at_once() -> None:
    stop: list[str] = []

    def stopped(signals: Signals) -> Steps[None]:
        while not stop:
            yield Wakeup(signals), 1000.0
        stop.append("seen")

    def ends(signals: Signals) -> Steps[None]:
        yield Wakeup(signals), 0.01
        stop.append("asked")

    with Signals() as signals:
        together(iter([stopped(signals), ends(signals)]), 2, signals)
    assert stop == ["asked", "seen"]


def test_alone_gives_what_comes_of_it() -> None:
    def way(signals: Signals) -> Steps[str]:
        yield Wakeup(signals), 0.0
        return "done"

    with Signals() as signals:
        assert alone(way(signals), signals) == "done"


def test_a_signal_ends_every_wait() -> None:
    began = time.monotonic()

    def way(signals: Signals) -> Steps[None]:
        while not signals.look():
            yield Wakeup(signals), 1000.0

    with Signals() as signals:

        def sends(signals: Signals) -> Steps[None]:
            yield Wakeup(signals), 0.01
            os.kill(os.getpid(), 15)
            while not signals.look():
                yield Wakeup(signals), 1000.0

        together(iter([way(signals), way(signals), sends(signals)]), 3, signals)
    assert time.monotonic() - began < 100
