"""Who gets a lease, and when."""

from __future__ import annotations

from hookman.lock.epochs import CLOSED, FREE, Answer, Ask, Volume
from hookman.lock.lease import Taker
from tests.support.lease_engine import TIMES, Engine, held, is_had, renew, take


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

    def test_what_was_free_before_is_not_while_the_volumes_are_removed_one_by_one(self) -> None:
        engine = Engine(Volume(epoch=3, run="x", state=FREE), Volume(epoch=4, run="other"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        del engine.volumes[4]
        take(engine, taker, now=5.0)
        take(engine, taker, now=34.9)
        assert not is_had(taker)
        take(engine, taker, now=36.0)
        assert taker.epoch == 4

    def test_who_began_anew_meanwhile_keeps_what_it_has(self) -> None:
        engine = Engine(Volume(epoch=9, run="other"))
        taker = Taker("me", TIMES)
        take(engine, taker)
        engine.volumes.clear()
        take(engine, taker, now=5.0)
        for epoch, now in ((1, 10.0), (2, 20.0), (3, 30.0), (4, 40.0)):
            engine.volumes = {epoch: Volume(epoch=epoch, run="new")}
            take(engine, taker, now=now)
            assert not is_had(taker)

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
