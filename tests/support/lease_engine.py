"""An engine for a lease, simulated: the same rules, and no time passes."""

from __future__ import annotations

from hookman.lock.epochs import Answer, Ask, Times, Volume
from hookman.lock.lease import Giver, Holder, Taker

TIMES = Times()


class Engine:
    """The volumes of one project, one request after the other."""

    def __init__(self, *volumes: Volume) -> None:
        self.volumes = {one.epoch: one for one in volumes}

    def ask(self, ask: Ask, run: str) -> Answer:
        for epoch in ask.remove:
            self.volumes.pop(epoch, None)
        made = (
            self.volumes.setdefault(ask.create, Volume(epoch=ask.create, run=run, state=ask.state, nonce=ask.nonce))
            if ask.create
            else None
        )
        return Answer(made=made, volumes=tuple(self.volumes.values()))


def take(engine: Engine, taker: Taker, now: float = 0.0) -> None:
    """Let it ask, with no time between question and answer, until it has the lease or has to wait."""
    while taker.epoch < 1 and isinstance(ask := taker.next(now), Ask):
        taker.answered(engine.ask(ask, taker.run), now, now)


def is_had(taker: Taker) -> bool:
    """Has it got the lease?"""
    return taker.epoch > 0


def held(engine: Engine, run: str = "me", now: float = 0.0) -> Holder:
    """The holder of a lease that it took."""
    taker = Taker(run, TIMES)
    take(engine, taker, now)
    assert taker.epoch
    return Holder.of(taker)


def renew(engine: Engine, holder: Holder, now: float) -> None:
    """Let a holder ask once."""
    ask = holder.next(now)
    assert isinstance(ask, Ask)
    holder.answered(engine.ask(ask, holder.run), now, now)
    while isinstance(ask := holder.next(now), Ask):
        engine.ask(ask, holder.run)


def give_back(engine: Engine, giver: Giver) -> None:
    """Give a lease back."""
    while not giver.done:
        giver.answered(engine.ask(giver.next(), giver.run))
    engine.ask(Ask(remove=giver.to_remove), giver.run)
