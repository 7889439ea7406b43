"""The lease in simulated worlds: engine, network and clocks; every run can be repeated by its seed."""

from __future__ import annotations

import heapq
import os
import random
from collections.abc import Callable

from hookman.lock.epochs import HELD, Answer, Ask
from hookman.lock.lease import Giver, Holder, Taker
from tests.support.lease_engine import TIMES, Engine

SEEDS = int(os.environ.get("HOOKMAN_LEASE_SEEDS", "25"))  # noqa: TID251 (a longer search than the default)
PATIENCE = 5.0  # seconds until an answer counts as lost
LONG = 400.0  # simulated seconds
SUSPENDED = TIMES.expiry - TIMES.stop  # seconds that a holder may sleep between a look and what it does then
AFTER_PRUNE = TIMES.expiry  # seconds until every holder has noticed that the volumes were removed


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
