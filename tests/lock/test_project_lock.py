"""The lock as an object: who holds it, who waits, and how waiting ends. The locks here are of one process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hookman.base import process_identity
from hookman.base.errors import InterruptedRunError, LockTimeoutError
from hookman.base.flocks import Mark
from hookman.base.signals import Signals
from hookman.lock.local import Claim, ProjectLock
from tests.support.project_locks import LONG, fail, note, nothing


def when_somebody_waits(lock: ProjectLock, do: Callable[[], None]) -> threading.Thread:
    def look() -> None:
        while not lock.waiters():
            pass
        do()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    return thread


class TestHolder:
    @pytest.mark.usefixtures("held")
    def test_its_note_says_who_it_is(self, place: str) -> None:
        claim = ProjectLock(place).holder_now()
        assert claim is not None
        assert (claim.command, claim.pid, claim.host) == ("up -d", os.getpid(), os.uname().nodename)
        assert claim.identity == process_identity.own()
        assert claim.since <= time.time() < claim.since + LONG
        assert ProjectLock(place).holder_pid() == os.getpid()

    def test_it_is_shown_with_its_pid_its_host_and_the_time(self) -> None:
        claim = Claim(command="up -d", pid=12, since=0, host="here")
        clock = time.strftime("%H:%M:%S", time.localtime(0))
        assert claim.shown() == f"`up -d` (pid 12 on here, since {clock})"

    def test_nobody_holds_a_lock_that_was_given_back(self, place: str, held: ProjectLock) -> None:
        held.release()
        other = ProjectLock(place)
        assert (other.holder_now(), other.held_by(), other.holder(), other.holder_pid()) == (None, None, "", 0)

    def test_nobody_holds_a_lock_that_was_never_taken(self, place: str) -> None:
        assert ProjectLock(place).holder_now() is None
        assert ProjectLock(place).waiters() == []

    def test_a_note_without_a_lock_is_nobodys(self, place: str) -> None:
        os.makedirs(place)
        Path(place, "lock").write_bytes(note("up", os.getpid()))
        assert ProjectLock(place).holder_now() is None

    def test_a_command_with_tabs_and_line_ends_is_one_line(self, place: str, signals: Signals) -> None:
        lock = ProjectLock(place)
        lock.acquire("run\tweb  \n sh\udc80", LONG, signals, fail)
        claim = lock.held_by()
        lock.release()
        assert claim is not None
        assert claim.command == "run web sh\udc80"

    def test_the_next_note_takes_the_place_of_a_longer_one(self, place: str, signals: Signals) -> None:
        os.makedirs(place)
        Path(place, "lock").write_bytes(note("up " * 100, 1))
        lock = ProjectLock(place)
        lock.acquire("ps", LONG, signals, fail)
        lines = Path(place, "lock").read_text().splitlines()
        lock.release()
        assert [line.split("\t")[0] for line in lines] == ["ps"]

    def test_a_note_of_an_older_hookman_has_no_identity(self, place: str) -> None:
        os.makedirs(place)
        Path(place, "lock").write_text("up\t12\t100\there\n")
        assert ProjectLock(place).held_by() == Claim(command="up", pid=12, since=100, host="here")

    def test_a_note_of_a_newer_hookman_may_say_more(self, place: str) -> None:
        os.makedirs(place)
        Path(place, "lock").write_text("up\t12\t100\there\t12:1:1\tmore\n")
        assert ProjectLock(place).held_by() == Claim(command="up", pid=12, since=100, host="here", identity="12:1:1")

    @pytest.mark.parametrize("host", ["", "elsewhere", "~"])
    def test_one_on_another_machine_is_not_here(self, place: str, host: str) -> None:
        os.makedirs(place)
        Path(place, "lock").write_bytes(note("up", os.getpid(), host=host))
        assert ProjectLock(place).holder_pid() == 0

    def test_its_descriptor_can_be_inherited_while_it_holds_the_lock(self, held: ProjectLock) -> None:
        assert os.path.samestat(os.fstat(held.descriptor), os.stat(held.path))
        held.release()
        assert held.descriptor == -1

    def test_giving_back_also_ends_what_an_inherited_descriptor_holds(self, place: str, held: ProjectLock) -> None:
        copy = os.dup(held.descriptor)
        held.release()
        assert ProjectLock(place).holder_now() is None
        os.close(copy)

    def test_giving_back_twice_does_no_harm(self, held: ProjectLock) -> None:
        held.release()
        held.release()

    @pytest.mark.usefixtures("held")
    def test_only_its_user_can_see_it(self, place: str) -> None:
        assert os.stat(place).st_mode & 0o777 == 0o700

    def test_a_link_in_its_place_is_not_followed(self, place: str, signals: Signals, tmp_path: Path) -> None:
        os.makedirs(place)
        Path(place, "lock").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="lock"):
            ProjectLock(place).acquire("up", LONG, signals, fail)
        assert not (tmp_path / "elsewhere").exists()


class TestWaiting:
    def test_it_says_how_long_it_took(self, place: str, signals: Signals, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([100.0, 103.5])
        monkeypatch.setattr("hookman.lock.local.time.monotonic", lambda: next(clock))
        lock = ProjectLock(place)
        assert lock.acquire("up", LONG, signals, fail) == 3.5
        lock.release()

    def test_it_ends_when_the_lock_is_given_back(self, place: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, held.release)
        second = ProjectLock(place)
        assert second.acquire("down", 0, signals, nothing) > 0
        thread.join()
        claim = second.holder_now()
        second.release()
        assert claim is not None
        assert (claim.command, second.waiters()) == ("down", [])

    def test_it_ends_at_the_limit_and_names_the_holder(self, place: str, held: ProjectLock, signals: Signals) -> None:
        told: list[str] = []
        with pytest.raises(LockTimeoutError) as error:
            ProjectLock(place).acquire("down", 0.01, signals, told.append)
        assert [line.partition(" (pid")[0] for line in told] == ["waiting for `up -d`"]
        assert str(error.value).startswith("no lock after 0.01 s: it is held by `up -d` (pid ")
        assert held.waiters() == []

    def test_of_a_holder_without_a_note_is_for_another_operation(
        self, place: str, held: ProjectLock, signals: Signals
    ) -> None:
        os.ftruncate(held.descriptor, 0)
        told: list[str] = []
        with pytest.raises(LockTimeoutError, match="it is held by another operation"):
            ProjectLock(place).acquire("down", 0.01, signals, told.append)
        assert told == ["waiting for another operation on this project"]

    def test_it_ends_at_a_signal(self, place: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(InterruptedRunError) as error:
            ProjectLock(place).acquire("down", LONG, signals, nothing)
        thread.join()
        assert error.value.exit_code == 128 + signal.SIGTERM

    @pytest.mark.usefixtures("held")
    def test_it_does_not_begin_after_a_signal(self, place: str, signals: Signals) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(InterruptedRunError):
            ProjectLock(place).acquire("down", LONG, signals, nothing)

    @pytest.mark.usefixtures("held")
    def test_it_leaves_no_alarm_and_no_handler(self, place: str, signals: Signals) -> None:
        before = signal.getsignal(signal.SIGALRM)
        with pytest.raises(LockTimeoutError):
            ProjectLock(place).acquire("down", 0.01, signals, nothing)
        assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]) == (before, 0)
        assert signals.on_signal is None

    def test_a_limit_beyond_all_clocks_is_a_limit(self, place: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, held.release)
        second = ProjectLock(place)
        assert second.acquire("down", 1e300, signals, nothing) > 0
        thread.join()
        second.release()

    @pytest.mark.usefixtures("held")
    def test_it_closes_the_file_when_it_ends_in_vain(self, place: str, signals: Signals) -> None:
        before = os.listdir("/dev/fd")
        with pytest.raises(LockTimeoutError):
            ProjectLock(place).acquire("down", 0.01, signals, nothing)
        assert os.listdir("/dev/fd") == before


class TestWaiters:
    def test_the_longest_is_first(self, place: str, held: ProjectLock) -> None:
        marks = [Mark(f"{place}/waiting", note(command, 1)) for command in ("third", "first", "second")]
        for mark, age in zip(marks, (1, 3, 2), strict=True):
            os.utime(mark.path, (1000 - age, 1000 - age))
        assert [claim.command for claim in held.waiters()] == ["first", "second", "third"]
        for mark in marks:
            mark.remove()

    def test_one_that_has_ended_counts_no_more(self, place: str, held: ProjectLock) -> None:
        os.makedirs(f"{place}/waiting")
        Path(place, "waiting/1-x").write_bytes(note("down", 1))
        assert held.waiters() == []

    def test_one_whose_note_says_nothing_is_left_out(self, place: str, held: ProjectLock) -> None:
        mark = Mark(f"{place}/waiting", b"nothing\n")
        assert held.waiters() == []
        mark.remove()
