"""A lease that is held, and one that is given back, with a simulated engine."""

from __future__ import annotations

from hookman.lock.epochs import FREE, Answer, Ask, Volume
from tests.support.lease_engine import Engine, give_back, held, renew


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
