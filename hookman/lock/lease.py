"""The lease on an engine, as a pure machine: it is told what the engine answered and when, and says what to ask next.

A lease is a volume `hookman-lock.PROJECT.EPOCH`. To create a volume that exists returns the labels of its first
creator, so creation decides between two who try. tests/lock/test_lease_worlds.py tries the rules with a simulated
engine and clocks:

- Epochs only grow, and the highest one is what counts. It is never removed: whoever gives the lease back
  creates the next epoch, which says that the lease is free. So a request that arrives late changes nothing.
- Take: create the epoch after one that is free (or has not moved for the expiry on our clock), then list.
  It is ours only if ours is the highest, and what it follows is still there. Else withdraw it.
- Renew: create the next epoch and list. If somebody else's is there, or our last one is not there any more, we lost it.
- A holder counts from when it *sent* the request, a waiter from when it *received* the answer. So the holder
  stops before the waiter takes over. No clocks are compared.
"""

from __future__ import annotations

from hookman.lock.epochs import CLOSED, FREE, HELD, Ask, Volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.lock.epochs import Answer, Times

AT_ONCE = 100  # old epochs that are removed with one question
FEW = 10  # that may stay when a lease is given back: to remove them takes one more round trip


def _nonce(first_sent: float | None) -> str:
    """What tells what was sent then from what the same run sent at another time."""
    return "" if first_sent is None else f"{first_sent:.6f}"


class Removal:
    """Epochs to remove, at once or not at all: who was suspended meanwhile may mean another volume by the same name."""

    def __init__(self, epochs: Iterable[int] = (), until: float = 0.0) -> None:
        self._epochs = tuple(sorted(epochs)[:AT_ONCE])
        self._until = until

    def at(self, now: float) -> tuple[int, ...]:
        """What may still be removed."""
        return self._epochs if now <= self._until else ()


class Taker:
    """Takes the lease for `run`; `epoch` is not 0 once it has it.

    `free` is an epoch that is known to have been free, so that the first question can be the right one. `dead` is
    a run that is known to have ended, or a lock for maintenance that is to be replaced: it is not waited for.
    """

    def __init__(self, run: str, times: Times, *, free: int = 0, dead: str = "", state: str = HELD) -> None:
        self.run = run
        self.times = times
        self.epoch = 0
        self.sent = 0.0  # when the epoch that is ours was asked for, at the earliest
        self.holder: Volume | None = None  # who has the lease, or had it before us
        self._state = state
        self.dead = dead
        self._free = free  # from the caller's memory, not seen yet
        self._after: Volume | None = None  # the epoch that ours is to follow
        self._target = free + 1
        self._first_sent: float | None = None  # of the target
        self._withdraw = Removal()
        self._watched: tuple[int, str, str, str] | None = None
        self._since = 0.0
        self._highest = 0  # of the epochs that were seen while somebody had them
        self._due = 0.0

    def next(self, now: float) -> Ask | float:
        """What to ask now; or the time until which there is nothing to ask."""
        if self.epoch or now < self._due:
            return self._due
        if self._target and self._first_sent is None:
            self._first_sent = now
        return Ask(
            remove=self._withdraw.at(now), create=self._target, state=self._state, nonce=_nonce(self._first_sent)
        )

    def failed(self, now: float) -> None:
        """There was no answer. What was asked may have been done all the same, or be done later."""
        self._due = now + self.times.poll

    def answered(self, answer: Answer, sent: float, received: float) -> None:
        """The engine answered what was `sent` at a time and `received` at another one."""
        self._withdraw = Removal()
        self._due = sent + self.times.poll
        target, made = self._target, answer.made
        ours = made is not None and self._is_ours(made)
        others = [one for one in answer.volumes if not self._is_ours(one)]
        if target and made and ours and self._is_had(answer, others):
            first = sent if self._first_sent is None else self._first_sent
            if received - first < self.times.renewal:
                self.epoch, self.sent = target, first
                return
            # It is ours for long, for the answer was lost: renew it before anything is done with it.
            others, self.dead = [*others, made], self.run
        elif target and ours:
            self._withdraw = Removal([target], received + self.times.poll)
            self._due = 0.0
        self._aim(max(others, key=lambda one: one.epoch, default=None), sent, received)

    def _is_ours(self, one: Volume) -> bool:
        """Is it what we create now? What came late of what we withdrew is not: others may have seen it for long."""
        return (one.epoch, one.run, one.nonce) == (self._target, self.run, _nonce(self._first_sent))

    def _is_had(self, answer: Answer, others: list[Volume]) -> bool:
        """Is ours the highest epoch, and does it follow what it was to follow?"""
        top = max(answer.volumes, key=lambda one: one.epoch, default=None)
        if top is None or not self._is_ours(top):
            return False
        if self._after is None:  # of a free epoch in our memory, nothing is left if somebody pruned the volumes
            return not others or any(one.epoch == self._free and one.state == FREE for one in others)
        if not others:
            return self._after.state == FREE
        return any(one.identity == self._after.identity for one in others)

    def _aim(self, top: Volume | None, sent: float, received: float) -> None:
        """Decide what to try next, now that `top` is the highest epoch of others."""
        self._first_sent = None
        self._target, self._free = 0, 0
        self._after, self.holder = top, top or self.holder
        if self._is_free(top, sent, received):
            self._target = top.epoch + 1 if top else 1
            self._due = 0.0

    def _is_free(self, top: Volume | None, sent: float, received: float) -> bool:
        if top is None:
            if not self._highest:
                return True
            top = Volume(epoch=0, run="", expiry=self.holder.expiry if self.holder else 0.0)
        is_free = top.state == FREE or (top.state == CLOSED and top.is_over) or (self.dead and top.run == self.dead)
        if is_free and top.epoch >= self._highest:
            return True
        if top.identity != self._watched:
            self._watched, self._since = top.identity, received
            if not is_free:
                self._highest = max(self._highest, top.epoch)
            return False
        # If it is lower than one that was held, that was removed by hand, and who had it must notice first.
        return (is_free or top.state == HELD) and sent - self._since >= max(self.times.expiry, top.expiry)


class Holder:
    """Renews the lease that `run` took; `lost` says why once it has not got it any more."""

    def __init__(self, run: str, epoch: int, sent: float, times: Times) -> None:
        self.run = run
        self.epoch = epoch
        self.times = times
        self.lost = ""
        self._old = Removal()
        self._sent = sent
        self._first_sent: float | None = None  # of the next epoch
        self._due = sent + times.renewal

    @classmethod
    def of(cls, taker: Taker) -> Holder:
        """The holder of what `taker` took."""
        return cls(taker.run, taker.epoch, taker.sent, taker.times)

    @property
    def deadline(self) -> float:
        """When it must stop if it could not renew."""
        return self._sent + self.times.stop

    @property
    def end(self) -> float:
        """By when all that it does must have ended, for then somebody else may have the lease."""
        return self._sent + self.times.expiry

    def is_late(self, now: float) -> bool:
        """Has it not renewed for so long that it must stop? Then it has lost the lease."""
        if not self.lost and now >= self.deadline:
            self.lost = f"it could not be renewed for {now - self._sent:.0f} s"
        return bool(self.lost)

    def next(self, now: float) -> Ask | float:
        """What to ask now; or the time until which there is nothing to ask."""
        if old := self._old.at(now):
            self._old = Removal()
            return Ask(remove=old)
        if self.lost or now < self._due:
            return self.deadline if self.lost else min(self._due, self.deadline)
        if self._first_sent is None:
            self._first_sent = now
        return Ask(create=self.epoch + 1, nonce=_nonce(self._first_sent))

    def failed(self, now: float) -> None:
        """There was no answer. What was asked may have been done all the same, or be done later."""
        self._due = now + self.times.poll

    def answered(self, answer: Answer, sent: float, received: float) -> None:
        """The engine answered a renewal that was `sent` at a time; the answer was `received` at another one."""
        made, target = answer.made, self.epoch + 1
        if made is None:
            self.failed(sent)
            return
        top = max(answer.volumes, key=lambda one: one.epoch, default=made)
        if (made.run, made.nonce) != (self.run, _nonce(self._first_sent)) or top.epoch > target:
            self.lost = "somebody else took it"
        elif not {(self.epoch, self.run), (target, self.run)} <= {(one.epoch, one.run) for one in answer.volumes}:
            self.lost = "its volume was removed from the engine (docker volume prune does that)"
            self._old = Removal([target], received + self.times.poll)
        else:
            self.epoch, self._sent = target, sent if self._first_sent is None else self._first_sent
            self._first_sent = None
            old = [one.epoch for one in answer.volumes if one.epoch < target]
            self._old = Removal(old, received + self.times.poll)
            self._due = self._sent + self.times.renewal

    def given_back(self) -> Giver:
        """Gives back what it has, or what may be left of it where it lost it."""
        return Giver(self.run, self.epoch, doubtful=bool(self.lost))


class Giver:
    """Gives a lease back: creates the next epoch, which says that it is free. `done` once that is so.

    Where it is `doubtful` that the lease is still ours, it looks first: after a prune somebody may hold a lower epoch,
    and a higher one that says "free" would invite others.
    """

    def __init__(self, run: str, epoch: int, *, doubtful: bool = False) -> None:
        self.run = run
        self.epoch = epoch  # once `done`, the free one; 0 if there is none of ours
        self.done = False
        self.to_remove: tuple[int, ...] = ()  # epochs that nobody needs any more
        self._doubtful = doubtful

    def next(self) -> Ask:
        """What to ask now."""
        return Ask() if self._doubtful else Ask(create=self.epoch + 1, state=FREE)

    def answered(self, answer: Answer) -> None:
        """The engine answered."""
        ours = {one.epoch for one in answer.volumes if one.run == self.run}
        top = max((one.epoch for one in answer.volumes), default=0)
        if self.epoch not in ours or (self._doubtful and top not in ours):
            self.done, self.epoch, self.to_remove = True, 0, tuple(sorted(ours)[:AT_ONCE])
        elif self._doubtful:
            self._doubtful = False
        elif answer.made:
            self._made(answer.made, answer.volumes, top)

    def _made(self, made: Volume, volumes: tuple[Volume, ...], top: int) -> None:
        self.epoch += 1
        if made.run == self.run and made.state != FREE:
            return  # our own renewal, whose answer never came
        self.done = True
        if made.run == self.run and top == self.epoch:
            old = sorted(one.epoch for one in volumes if one.epoch < top)
            self.to_remove = tuple(old[:AT_ONCE]) if len(old) > FEW else ()
        else:
            self.to_remove = (self.epoch,) if made.run == self.run else ()  # somebody took it before
            self.epoch = 0
