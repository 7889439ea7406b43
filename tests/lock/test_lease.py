"""The lease's machine with a simulated engine, network and clocks; every run can be repeated by its seed."""

from __future__ import annotations

import heapq
import os
import random
from collections.abc import Callable

from hookman.lock.epochs import CLOSED, FREE, HELD, Answer, Ask, Times, Volume
from hookman.lock.lease import Giver, Holder, Taker

SEEDS = int(os.environ.get("HOOKMAN_LEASE_SEEDS", "25"))  # noqa: TID251 (a longer search than the default)
TIMES = Times()
PATIENCE = 5.0  # seconds until an answer counts as lost
LONG = 400.0  # simulated seconds
SUSPENDED = TIMES.expiry - TIMES.stop  # seconds that a holder may sleep between a look and what it does then
AFTER_PRUNE = TIMES.expiry  # seconds until every holder has noticed that the volumes were removed


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


class TestTaking:
    def test_a_lease_that_nobody_had_is_taken_with_one_question(self) -> None:
        taker = Taker("me", TIMES)
        ask = taker.next(0.0)
        assert ask == Ask(create=1, nonce="0.000000")
        taker.answered(Engine().ask(ask, "me"), 0.0, 0.1)
        assert taker.epoch == 1

    def test_a_free_epoch_that_is_remembered_is_followed_with_one_question(self) -> None:
        engine = Engine(Volume(epoch=7, run="somebody", state=FREE))
        taker = Taker("me", TIMES, free=7)
        ask = taker.next(0.0)
        assert isinstance(ask, Ask)
        taker.answered(engine.ask(ask, "me"), 0.0, 0.1)
        assert taker.epoch == 8

    def test_a_free_epoch_that_is_not_remembered_is_followed_as_well(self) -> None:
        engine = Engine(Volume(epoch=7, run="somebody", state=FREE))
        taker = Taker("me", TIMES)
        take(engine, taker)
        assert taker.epoch == 8
        assert sorted(engine.volumes) == [7, 8]

    def test_what_somebody_holds_is_not_taken(self) -> None:
        engine = Engine(Volume(epoch=3, run="other"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        assert not is_had(taker)
        assert taker.holder == Volume(epoch=3, run="other")
        assert sorted(engine.volumes) in ([3], [1, 3])  # what it created behind it goes with the next question
        take(engine, taker, now=2.0)
        assert sorted(engine.volumes) == [3]

    def test_it_is_taken_once_its_epoch_has_not_moved_for_the_expiry(self) -> None:
        engine = Engine(Volume(epoch=3, run="other"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        take(engine, taker, now=TIMES.expiry - 0.1)
        assert not is_had(taker)
        take(engine, taker, now=TIMES.expiry + TIMES.poll)
        assert taker.epoch == 4

    def test_the_expiry_begins_again_with_every_epoch(self) -> None:
        engine = Engine()
        holder = held(engine, "other")
        taker = Taker("me", TIMES)
        for now in range(1, 100):
            if isinstance(holder.next(now), Ask):
                renew(engine, holder, now)
            take(engine, taker, now)
        assert not is_had(taker)
        assert not holder.lost

    def test_a_longer_expiry_of_the_holder_counts(self) -> None:
        engine = Engine(Volume(epoch=3, run="other", expiry=60.0))
        taker = Taker("me", TIMES)
        take(engine, taker)
        take(engine, taker, now=59.0)
        assert not is_had(taker)
        take(engine, taker, now=62.0)
        assert taker.epoch == 4

    def test_nobody_waits_for_a_run_that_is_known_to_have_ended(self) -> None:
        engine = Engine(Volume(epoch=3, run="dead"))
        taker = Taker("me", TIMES, dead="dead")
        take(engine, taker)
        assert taker.epoch == 4

    def test_what_is_locked_for_maintenance_does_not_expire(self) -> None:
        engine = Engine(Volume(epoch=3, run="other", state=CLOSED))
        taker = Taker("me", TIMES)
        for now in (0, 1000, 2000):
            take(engine, taker, now)
        assert not is_had(taker)
        engine.volumes[3] = Volume(epoch=3, run="other", state=CLOSED, is_over=True)
        take(engine, taker, 3000)
        assert taker.epoch == 4

    def test_of_two_that_create_the_same_epoch_one_has_it(self) -> None:
        engine = Engine(Volume(epoch=7, run="somebody", state=FREE))
        one, other = Taker("one", TIMES, free=7), Taker("other", TIMES, free=7)
        asks = one.next(0.0), other.next(0.0)
        assert all(isinstance(ask, Ask) for ask in asks)
        for taker, ask in zip((one, other), asks, strict=True):
            taker.answered(engine.ask(ask, taker.run), 0.0, 0.1)  # type: ignore[arg-type]
        assert (one.epoch, other.epoch) == (8, 0)

    def test_a_creation_behind_a_higher_epoch_is_withdrawn(self) -> None:
        engine = Engine(Volume(epoch=9, run="other"))
        taker = Taker("me", TIMES, free=4)
        take(engine, taker)
        take(engine, taker, now=2.0)
        assert not is_had(taker)
        assert sorted(engine.volumes) == [9]

    def test_a_remembered_epoch_does_not_count_after_a_prune_if_somebody_began_anew(self) -> None:
        engine = Engine(Volume(epoch=1, run="other"))
        taker = Taker("me", TIMES, free=7)
        take(engine, taker)
        take(engine, taker, now=2.0)
        assert not is_had(taker)
        assert sorted(engine.volumes) == [1]

    def test_a_volume_that_names_nobody_is_waited_for_too(self) -> None:
        engine = Engine(Volume(epoch=3, run=""))
        taker = Taker("me", TIMES)
        take(engine, taker)
        take(engine, taker, now=29.9)
        assert not is_had(taker)
        take(engine, taker, now=31.0)
        assert taker.epoch == 4

    def test_who_saw_a_holder_waits_for_the_expiry_after_a_prune(self) -> None:
        engine = Engine()
        held(engine)
        taker = Taker("other", TIMES)
        take(engine, taker)
        engine.volumes.clear()
        take(engine, taker, now=5.0)
        take(engine, taker, now=34.9)
        assert not is_had(taker)
        assert engine.volumes == {}
        take(engine, taker, now=36.0)
        assert is_had(taker)

    def test_an_answer_that_was_lost_is_found_at_the_next_question(self) -> None:
        engine = Engine()
        taker = Taker("me", TIMES)
        ask = taker.next(0.0)
        assert isinstance(ask, Ask)
        engine.ask(ask, "me")
        taker.failed(5.0)
        assert taker.next(5.0) == 6.0
        take(engine, taker, now=6.0)
        assert (taker.epoch, taker.sent) == (1, 0.0)

    def test_what_was_created_long_before_its_answer_is_renewed_first(self) -> None:
        engine = Engine()
        taker = Taker("me", TIMES)
        ask = taker.next(0.0)
        assert isinstance(ask, Ask)
        engine.ask(ask, "me")
        taker.failed(5.0)
        take(engine, taker, now=25.0)
        assert (taker.epoch, taker.sent) == (2, 25.0)

    def test_what_it_withdrew_and_created_anew_counts_from_then(self) -> None:
        engine = Engine(Volume(epoch=3, run="other", nonce="1"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        engine.volumes[3] = Volume(epoch=3, run="other", nonce="2")
        take(engine, taker, now=TIMES.expiry + TIMES.poll)
        assert not is_had(taker)

    def test_the_expiry_counts_from_an_answer_to_a_question(self) -> None:
        """A holder may have renewed at any time before the one, or after the other."""
        engine, seen = Engine(Volume(epoch=3, run="other")), Answer(made=None, volumes=(Volume(epoch=3, run="other"),))
        for sent, received, free in ((34.9, 34.9, False), (34.9, 36.0, False), (35.0, 36.0, True)):
            taker = Taker("me", TIMES)
            first = taker.next(0.0)
            assert isinstance(first, Ask)
            taker.answered(engine.ask(first, "me"), 0.0, 5.0)
            taker.answered(seen, sent, received)
            ask = taker.next(received + TIMES.poll)
            assert isinstance(ask, Ask)
            assert ask.create == (4 if free else 0)
            engine.volumes = {3: Volume(epoch=3, run="other")}

    def test_a_higher_epoch_that_came_meanwhile_counts(self) -> None:
        engine = Engine(Volume(epoch=3, run="x", state=FREE))
        taker = Taker("me", TIMES)
        first = taker.next(0.0)
        assert isinstance(first, Ask)
        taker.answered(engine.ask(first, "me"), 0.0, 0.1)
        engine.volumes[9] = Volume(epoch=9, run="other")
        take(engine, taker, 0.2)
        assert not is_had(taker)
        assert sorted(engine.volumes) == [3, 9]

    def test_what_is_withdrawn_is_withdrawn_at_once_or_not_at_all(self) -> None:
        for later, removed in ((0.5, (5,)), (60.0, ())):
            taker = Taker("me", TIMES, free=4)
            first = taker.next(0.0)
            assert isinstance(first, Ask)
            taker.answered(Engine(Volume(epoch=9, run="other")).ask(first, "me"), 0.0, 0.1)
            ask = taker.next(later)
            assert isinstance(ask, Ask)
            assert ask.remove == removed

    def test_what_comes_late_of_a_withdrawn_creation_is_not_had(self) -> None:
        engine = Engine(Volume(epoch=1, run="me", nonce="long ago"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        assert not is_had(taker)


class TestHolding:
    def test_it_renews_every_ten_seconds_and_removes_the_epoch_before(self) -> None:
        engine = Engine()
        holder = held(engine)
        assert holder.next(9.9) == 10.0
        for now in (10.0, 20.0, 30.0):
            assert not holder.is_late(now)
            renew(engine, holder, now)
        assert holder.epoch == 4
        assert sorted(engine.volumes) == [4]

    def test_it_stops_ten_seconds_before_the_expiry_if_it_can_not_renew(self) -> None:
        holder = held(Engine())
        holder.failed(10.0)
        assert not holder.is_late(19.9)
        assert holder.is_late(20.0)
        assert holder.lost == "it could not be renewed for 20 s"

    def test_a_renewal_counts_from_when_it_was_sent_first(self) -> None:
        engine = Engine()
        holder = held(engine)
        ask = holder.next(10.0)
        assert isinstance(ask, Ask)
        engine.ask(ask, "me")
        holder.failed(15.0)
        renew(engine, holder, 16.0)
        assert holder.deadline == 30.0

    def test_what_somebody_else_took_is_lost(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes[2] = Volume(epoch=2, run="other")
        renew(engine, holder, 10.0)
        assert holder.lost == "somebody else took it"

    def test_a_higher_epoch_of_somebody_else_is_a_loss(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes[5] = Volume(epoch=5, run="other")
        renew(engine, holder, 10.0)
        assert holder.lost == "somebody else took it"

    def test_a_pruned_volume_is_a_loss(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes.clear()
        renew(engine, holder, 10.0)
        assert holder.lost.startswith("its volume was removed from the engine")
        assert engine.volumes == {}

    def test_an_engine_that_creates_nothing_is_asked_again(self) -> None:
        holder = held(Engine())
        assert isinstance(holder.next(10.0), Ask)
        holder.answered(Answer(made=None, volumes=()), 10.0, 10.5)
        assert not holder.lost
        assert holder.next(10.5) == 11.0


class TestGivingBack:
    def test_the_next_epoch_says_that_it_is_free(self) -> None:
        engine = Engine()
        giver = held(engine).given_back()
        give_back(engine, giver)
        assert sorted(engine.volumes) == [1, 2]
        assert engine.volumes[2] == Volume(epoch=2, run="me", state=FREE)
        assert giver.epoch == 2

    def test_a_few_old_epochs_stay_and_more_are_removed(self) -> None:
        for lowest, left in ((21, [*range(21, 32)]), (20, [31])):
            engine = Engine(*(Volume(epoch=epoch, run="x", state=FREE) for epoch in range(lowest, 30)))
            give_back(engine, held(engine).given_back())
            assert sorted(engine.volumes) == left

    def test_it_comes_after_a_renewal_whose_answer_was_lost(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes[2] = Volume(epoch=2, run="me")
        giver = holder.given_back()
        give_back(engine, giver)
        assert engine.volumes[max(engine.volumes)] == Volume(epoch=3, run="me", state=FREE)

    def test_what_somebody_else_took_stays_theirs(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes[2] = Volume(epoch=2, run="other")
        giver = holder.given_back()
        give_back(engine, giver)
        assert engine.volumes[2].run == "other"
        assert giver.epoch == 0

    def test_after_a_loss_it_looks_before_it_creates_anything(self) -> None:
        engine = Engine()
        holder = held(engine)
        holder.is_late(20.0)
        assert holder.given_back().next() == Ask()
        engine.volumes = {1: Volume(epoch=1, run="other")}
        giver = holder.given_back()
        give_back(engine, giver)
        assert list(engine.volumes.values()) == [Volume(epoch=1, run="other")]

    def test_after_a_loss_what_somebody_else_took_later_stays(self) -> None:
        engine = Engine()
        holder = held(engine)
        holder.is_late(20.0)
        engine.volumes[2] = Volume(epoch=2, run="other")
        give_back(engine, holder.given_back())
        assert list(engine.volumes.values()) == [Volume(epoch=2, run="other")]

    def test_what_comes_long_after_somebody_took_it_is_withdrawn(self) -> None:
        engine = Engine()
        holder = held(engine)
        engine.volumes = {6: Volume(epoch=6, run="other")}
        giver = holder.given_back()
        give_back(engine, giver)
        assert sorted(engine.volumes) == [6]


class World:
    """Clients, an engine, and a network that delays, loses and repeats nothing but what `seed` says."""

    def __init__(self, seed: int, *, prunes: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        self.prunes = prunes  # then nothing else goes wrong that may leave somebody with what was pruned
        self.slowest = 5.0 if prunes else 90.0  # seconds that a request may be under way
        self.engine = Engine()
        self.now = 0.0
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.count = 0
        self.acts: list[tuple[float, str]] = []  # who acted when
        self.pruned = -LONG  # when somebody removed all volumes for the last time
        self.overlaps: list[str] = []
        self.excused = 0
        self.taken: list[float] = []
        self.taken_over = 0
        self.lost = 0
        self.killed: list[float] = []
        self.waits: list[float] = []
        self.clients = 0
        for _ in range(self.random.randint(2, 5)):
            self.at(self.random.uniform(0, 3), self.client)
        if prunes:
            for _ in range(self.random.randint(1, 4)):
                self.at(self.random.uniform(0, LONG), self.prune)

    def at(self, when: float, what: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.queue, (when, self.count, what))

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.at(self.now + seconds, what)

    def prune(self) -> None:
        self.engine.volumes.clear()
        self.pruned = self.now

    def client(self) -> None:
        self.clients += 1
        Client(self, f"run-{self.clients}").step()

    def send(self, ask: Ask, run: str, answered: Callable[[Answer | None], None], *, arrives: bool = True) -> None:
        """Deliver a question and its answer; each may be slow, late or lost. After PATIENCE it counts as lost."""
        state = {"open": True}

        def close(answer: Answer | None) -> None:
            if state["open"]:
                state["open"] = False
                answered(answer)

        def arrive() -> None:
            answer = self.engine.ask(ask, run)
            if self.random.random() > 0.05:
                self.after(self.delay(), lambda: close(answer))

        self.after(PATIENCE, lambda: close(None))
        if arrives and self.random.random() > 0.05:
            self.after(self.delay(), arrive)

    def delay(self) -> float:
        """Usually milliseconds, at times seconds, seldom much longer."""
        kind = self.random.random()
        if kind < 0.85:
            return self.random.uniform(0.001, 0.1)
        return self.random.uniform(0.1, 4.0) if kind < 0.97 else self.random.uniform(4.0, self.slowest)

    def run(self) -> None:
        while self.queue and self.now < LONG:
            self.now, _, what = heapq.heappop(self.queue)
            what()


class Client:
    """One run after the other on one machine, which may be suspended or killed at any time."""

    def __init__(self, world: World, run: str) -> None:
        self.world = world
        self.run = run
        self.began = world.now
        self.taker = Taker(run, TIMES)
        self.holder: Holder | None = None
        self.giver: Giver | None = None
        self.begun = 0.0  # when it had the lease
        self.ends = 0.0
        self.acts_until: float | None = None  # once it stops
        self.asked = False
        self.cut_off_until = 0.0  # nothing that it sends arrives
        self.looked = 0.0  # when it last looked at the clock before it acted

    def step(self) -> None:
        """Do what is due, then sleep: seldom for so long that it is a suspended machine, or for ever."""
        world = self.world
        if self.giver:
            self.give()
            return
        if self.holder:
            self.hold(self.holder)
        else:
            self.ask(self.taker.next(world.now))
        fate = world.random.random()
        if fate < 0.002:
            if self.holder:
                world.killed.append(world.now)
            world.after(world.random.uniform(0, 20), world.client)  # another one comes in its place
            return
        if fate > 0.99:
            self.cut_off_until = world.now + world.random.uniform(5, 70)
        sleeps = fate < 0.006 and not world.prunes
        world.after(world.random.uniform(5, 80) if sleeps else world.random.uniform(0.2, 1.0), self.step)

    def ask(self, ask: Ask | float) -> None:
        if self.asked or not isinstance(ask, Ask):
            return
        self.asked = True
        sent = self.world.now

        def answered(answer: Answer | None) -> None:
            self.asked = False
            if self.holder:
                if ask.create:
                    self.renewed(self.holder, answer, sent)
            elif answer is None:
                self.taker.failed(self.world.now)
            else:
                self.taker.answered(answer, sent, self.world.now)
                self.begin()

        self.world.send(ask, self.run, answered, arrives=self.world.now >= self.cut_off_until)

    def begin(self) -> None:
        if not self.taker.epoch:
            return
        world = self.world
        self.holder, self.begun, self.looked = Holder.of(self.taker), world.now, world.now
        self.ends = world.now + world.random.expovariate(1 / 20)
        world.taken.append(world.now)
        world.waits.append(world.now - self.began)
        world.taken_over += bool(self.taker.holder and self.taker.holder.state == HELD)

    def renewed(self, holder: Holder, answer: Answer | None, sent: float) -> None:
        if answer is None:
            holder.failed(self.world.now)
        elif not holder.lost:
            holder.answered(answer, sent, self.world.now)

    def hold(self, holder: Holder) -> None:
        """Act, then look. So what a machine does first when it wakes up is seen."""
        now = self.world.now
        if self.acts_until is None or now < self.acts_until:
            self.act()
        self.looked = now
        if holder.is_late(now) or holder.lost:
            # SIGTERM, and SIGKILL some seconds later or at the end: until then it may still act.
            if self.acts_until is None:
                self.acts_until = min(now + 5.0, holder.end)
            if now < self.acts_until:
                return
            self.world.lost += 1
        if holder.lost or now >= self.ends:
            self.giver = holder.given_back()
            return
        self.ask(holder.next(now))

    def act(self) -> None:
        """Note that it acts; it is an overlap if somebody else did since it had the lease."""
        world, now = self.world, self.world.now
        if now - self.looked > SUSPENDED:  # what it does before it looks, when it wakes up
            world.excused += 1
            return
        if 0 <= now - world.pruned < AFTER_PRUNE:
            world.excused += 1
            return
        others = [run for when, run in world.acts if when > self.begun and run != self.run]
        if others:
            world.overlaps.append(f"{others[-1]} acted before {self.run} at {now:.1f}, which began at {self.begun:.1f}")
        world.acts.append((now, self.run))

    def give(self) -> None:
        giver, world = self.giver, self.world
        assert giver
        if giver.done:
            world.after(world.random.uniform(0, 10), world.client)
            return

        def answered(answer: Answer | None) -> None:
            if answer:
                giver.answered(answer)
                if giver.to_remove:
                    world.send(Ask(remove=giver.to_remove), self.run, lambda _: None)
            self.step()

        world.send(giver.next(), self.run, answered)


def test_two_holders_never_act_at_once_whatever_is_late_lost_killed_or_suspended() -> None:
    worlds = [World(seed) for seed in range(SEEDS)]
    for seed, world in enumerate(worlds):
        world.run()
        assert world.overlaps == [], f"seed {seed}"
    assert sum(len(world.taken) for world in worlds) > 3 * SEEDS
    assert sum(world.taken_over for world in worlds) > 0
    assert sum(world.lost for world in worlds) > 0
    assert sum(len(world.killed) for world in worlds) > 0


def test_after_a_prune_two_holders_act_at_once_for_no_longer_than_it_takes_to_notice() -> None:
    worlds = [World(seed, prunes=True) for seed in range(SEEDS)]
    for seed, world in enumerate(worlds):
        world.run()
        assert world.overlaps == [], f"seed {seed}"
    assert sum(len(world.taken) for world in worlds) > 3 * SEEDS
