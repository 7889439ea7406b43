"""The lock as an object: who holds it, who waits, and how waiting ends. The locks here are of one process."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hookman.base import process_identity
from hookman.base.errors import InterruptedRunError, LockTimeoutError
from hookman.base.flocks import Mark
from hookman.base.signals import Signals
from hookman.lock import local
from hookman.lock.local import Claim, HeldAboveError, ProjectLock

LONG = 20  # seconds, which no test waits


@pytest.fixture
def signals() -> Iterator[Signals]:
    with Signals() as entered:
        yield entered


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return str(tmp_path / "projects/shop")


@pytest.fixture
def held(shop: str, signals: Signals) -> Iterator[ProjectLock]:
    """The lock of the shop, held for `up -d`."""
    lock = ProjectLock(shop)
    lock.acquire("up -d", LONG, signals, fail)
    yield lock
    lock.release()


def fail(text: str) -> None:
    pytest.fail(text)


def nothing(_text: str) -> None:
    """For one who is told nothing."""


def note(command: str, pid: int, host: str = os.uname().nodename, identity: str | None = None) -> bytes:
    identity = process_identity.own() if identity is None else identity
    return f"{command}\t{pid}\t100\t{host}\t{identity}\n".encode()


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
    def test_its_note_says_who_it_is(self, shop: str) -> None:
        claim = ProjectLock(shop).holder_now()
        assert claim is not None
        assert (claim.command, claim.pid, claim.host) == ("up -d", os.getpid(), os.uname().nodename)
        assert claim.identity == process_identity.own()
        assert claim.since <= time.time() < claim.since + LONG
        assert ProjectLock(shop).holder_pid() == os.getpid()

    def test_it_is_shown_with_its_pid_its_host_and_the_time(self) -> None:
        claim = Claim(command="up -d", pid=12, since=0, host="here")
        clock = time.strftime("%H:%M:%S", time.localtime(0))
        assert claim.shown() == f"`up -d` (pid 12 on here, since {clock})"

    def test_nobody_holds_a_lock_that_was_given_back(self, shop: str, held: ProjectLock) -> None:
        held.release()
        other = ProjectLock(shop)
        assert (other.holder_now(), other.held_by(), other.holder(), other.holder_pid()) == (None, None, "", 0)

    def test_nobody_holds_a_lock_that_was_never_taken(self, shop: str) -> None:
        assert ProjectLock(shop).holder_now() is None
        assert ProjectLock(shop).waiters() == []

    def test_a_note_without_a_lock_is_nobodys(self, shop: str) -> None:
        os.makedirs(shop)
        Path(shop, "lock").write_bytes(note("up", os.getpid()))
        assert ProjectLock(shop).holder_now() is None

    def test_a_command_with_tabs_and_line_ends_is_one_line(self, shop: str, signals: Signals) -> None:
        lock = ProjectLock(shop)
        lock.acquire("run\tweb  \n sh\udc80", LONG, signals, fail)
        claim = lock.held_by()
        lock.release()
        assert claim is not None
        assert claim.command == "run web sh\udc80"

    def test_the_next_note_takes_the_place_of_a_longer_one(self, shop: str, signals: Signals) -> None:
        os.makedirs(shop)
        Path(shop, "lock").write_bytes(note("up " * 100, 1))
        lock = ProjectLock(shop)
        lock.acquire("ps", LONG, signals, fail)
        lines = Path(shop, "lock").read_text().splitlines()
        lock.release()
        assert [line.split("\t")[0] for line in lines] == ["ps"]

    def test_a_note_of_an_older_hookman_has_no_identity(self, shop: str) -> None:
        os.makedirs(shop)
        Path(shop, "lock").write_text("up\t12\t100\there\n")
        assert ProjectLock(shop).held_by() == Claim(command="up", pid=12, since=100, host="here")

    def test_a_note_of_a_newer_hookman_may_say_more(self, shop: str) -> None:
        os.makedirs(shop)
        Path(shop, "lock").write_text("up\t12\t100\there\t12:1:1\tmore\n")
        assert ProjectLock(shop).held_by() == Claim(command="up", pid=12, since=100, host="here", identity="12:1:1")

    @pytest.mark.parametrize("host", ["", "elsewhere", "~"])
    def test_one_on_another_machine_is_not_here(self, shop: str, host: str) -> None:
        os.makedirs(shop)
        Path(shop, "lock").write_bytes(note("up", os.getpid(), host=host))
        assert ProjectLock(shop).holder_pid() == 0

    def test_its_descriptor_can_be_inherited_while_it_holds_the_lock(self, held: ProjectLock) -> None:
        assert os.path.samestat(os.fstat(held.descriptor), os.stat(held.path))
        held.release()
        assert held.descriptor == -1

    def test_giving_back_also_ends_what_an_inherited_descriptor_holds(self, shop: str, held: ProjectLock) -> None:
        copy = os.dup(held.descriptor)
        held.release()
        assert ProjectLock(shop).holder_now() is None
        os.close(copy)

    def test_giving_back_twice_does_no_harm(self, held: ProjectLock) -> None:
        held.release()
        held.release()

    @pytest.mark.usefixtures("held")
    def test_only_its_user_can_see_it(self, shop: str) -> None:
        assert os.stat(shop).st_mode & 0o777 == 0o700

    def test_a_link_in_its_place_is_not_followed(self, shop: str, signals: Signals, tmp_path: Path) -> None:
        os.makedirs(shop)
        Path(shop, "lock").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(OSError, match="lock"):
            ProjectLock(shop).acquire("up", LONG, signals, fail)
        assert not (tmp_path / "elsewhere").exists()


class TestWaiting:
    def test_it_says_how_long_it_took(self, shop: str, signals: Signals, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([100.0, 103.5])
        monkeypatch.setattr("hookman.lock.local.time.monotonic", lambda: next(clock))
        lock = ProjectLock(shop)
        assert lock.acquire("up", LONG, signals, fail) == 3.5
        lock.release()

    def test_it_ends_when_the_lock_is_given_back(self, shop: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, held.release)
        second = ProjectLock(shop)
        assert second.acquire("down", 0, signals, nothing) > 0
        thread.join()
        claim = second.holder_now()
        second.release()
        assert claim is not None
        assert (claim.command, second.waiters()) == ("down", [])

    def test_it_ends_at_the_limit_and_names_the_holder(self, shop: str, held: ProjectLock, signals: Signals) -> None:
        told: list[str] = []
        with pytest.raises(LockTimeoutError) as error:
            ProjectLock(shop).acquire("down", 0.01, signals, told.append)
        assert [line.partition(" (pid")[0] for line in told] == ["waiting for `up -d`"]
        assert str(error.value).startswith("no lock after 0.01 s: it is held by `up -d` (pid ")
        assert held.waiters() == []

    def test_of_a_holder_without_a_note_is_for_another_operation(
        self, shop: str, held: ProjectLock, signals: Signals
    ) -> None:
        os.ftruncate(held.descriptor, 0)
        told: list[str] = []
        with pytest.raises(LockTimeoutError, match="it is held by another operation"):
            ProjectLock(shop).acquire("down", 0.01, signals, told.append)
        assert told == ["waiting for another operation on this project"]

    def test_it_ends_at_a_signal(self, shop: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(InterruptedRunError) as error:
            ProjectLock(shop).acquire("down", LONG, signals, nothing)
        thread.join()
        assert error.value.exit_code == 128 + signal.SIGTERM

    @pytest.mark.usefixtures("held")
    def test_it_does_not_begin_after_a_signal(self, shop: str, signals: Signals) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(InterruptedRunError):
            ProjectLock(shop).acquire("down", LONG, signals, nothing)

    @pytest.mark.usefixtures("held")
    def test_it_leaves_no_alarm_and_no_handler(self, shop: str, signals: Signals) -> None:
        before = signal.getsignal(signal.SIGALRM)
        with pytest.raises(LockTimeoutError):
            ProjectLock(shop).acquire("down", 0.01, signals, nothing)
        assert (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]) == (before, 0)
        assert signals.on_signal is None

    def test_a_limit_beyond_all_clocks_is_a_limit(self, shop: str, held: ProjectLock, signals: Signals) -> None:
        thread = when_somebody_waits(held, held.release)
        second = ProjectLock(shop)
        assert second.acquire("down", 1e300, signals, nothing) > 0
        thread.join()
        second.release()

    @pytest.mark.usefixtures("held")
    def test_it_closes_the_file_when_it_ends_in_vain(self, shop: str, signals: Signals) -> None:
        before = os.listdir("/dev/fd")
        with pytest.raises(LockTimeoutError):
            ProjectLock(shop).acquire("down", 0.01, signals, nothing)
        assert os.listdir("/dev/fd") == before


class TestWaiters:
    def test_the_longest_is_first(self, shop: str, held: ProjectLock) -> None:
        marks = [Mark(f"{shop}/waiting", note(command, 1)) for command in ("third", "first", "second")]
        for mark, age in zip(marks, (1, 3, 2), strict=True):
            os.utime(mark.path, (1000 - age, 1000 - age))
        assert [claim.command for claim in held.waiters()] == ["first", "second", "third"]
        for mark in marks:
            mark.remove()

    def test_one_that_has_ended_counts_no_more(self, shop: str, held: ProjectLock) -> None:
        os.makedirs(f"{shop}/waiting")
        Path(shop, "waiting/1-x").write_bytes(note("down", 1))
        assert held.waiters() == []

    def test_one_whose_note_says_nothing_is_left_out(self, shop: str, held: ProjectLock) -> None:
        mark = Mark(f"{shop}/waiting", b"nothing\n")
        assert held.waiters() == []
        mark.remove()


class TestCircle:
    """Runs that would wait for each other for ever. All waiters here are this process."""

    @pytest.fixture
    def projects(self, tmp_path: Path) -> str:
        return str(tmp_path / "projects")

    def waits(self, project: str, pid: int | None = None, identity: str | None = None) -> Mark:
        return Mark(f"{project}/waiting", note("down", os.getpid() if pid is None else pid, identity=identity))

    def test_the_holder_waits_for_a_lock_above_us(
        self, shop: str, projects: str, held: ProjectLock, signals: Signals
    ) -> None:
        mark = self.waits(f"{projects}/above")
        with pytest.raises(LockTimeoutError, match=r"^deadlock: this call waits for `up -d` "):
            ProjectLock(shop, [f"{projects}/above"]).acquire("down", LONG, signals, nothing)
        mark.remove()
        assert held.waiters() == []

    @pytest.mark.usefixtures("held")
    def test_the_holder_waits_for_a_lock_that_is_not_above_us(self, shop: str, projects: str, signals: Signals) -> None:
        mark = self.waits(f"{projects}/other")
        with pytest.raises(LockTimeoutError, match=r"^no lock after"):
            ProjectLock(shop, [f"{projects}/above"]).acquire("down", 0.01, signals, nothing)
        mark.remove()

    @pytest.mark.usefixtures("held")
    def test_a_waiter_of_another_container_does_not_count(self, shop: str, projects: str, signals: Signals) -> None:
        mark = self.waits(f"{projects}/above", identity=f"{os.getpid()}:1:1")
        with pytest.raises(LockTimeoutError, match=r"^no lock after"):
            ProjectLock(shop, [f"{projects}/above"]).acquire("down", 0.01, signals, nothing)
        mark.remove()

    def test_of_three_runs_is_seen_and_all_are_named(self, shop: str, projects: str, signals: Signals) -> None:
        """The first of two other processes waits for the second, which waits for a lock of ours."""
        with (
            subprocess.Popen(["cat"], stdin=subprocess.PIPE) as first,
            subprocess.Popen(["cat"], stdin=subprocess.PIPE) as second,
        ):
            names = {process: process_identity._identity(process.pid) for process in (first, second)}  # noqa: SLF001
            for project, process, command in (("shop", first, "up"), ("other", second, "pull")):
                Path(projects, project).mkdir(parents=True)
                Path(projects, project, "lock").write_bytes(note(command, process.pid, identity=names[process]))
            marks = [
                self.waits(f"{projects}/other", first.pid, names[first]),
                self.waits(f"{projects}/above", second.pid, names[second]),
            ]
            with open(f"{shop}/lock", "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                with pytest.raises(LockTimeoutError) as error:
                    ProjectLock(shop, [f"{projects}/above"]).acquire("down", LONG, signals, nothing)
            for mark in marks:
                mark.remove()
        told = str(error.value)
        assert told.startswith("deadlock: this call waits for `up` (pid ")
        assert ", whose hooks wait for `pull` (pid " in told

    def test_a_process_that_the_holder_started_waits(self, shop: str, projects: str) -> None:
        """The holder here is the process above this one, as far as its note says."""
        parent = os.getppid()
        (Path(projects) / "shop").mkdir(parents=True)
        (Path(projects) / "shop/lock").write_bytes(
            note("up", parent, identity=process_identity._identity(parent))  # noqa: SLF001 (there is no way to ask)
        )
        mark = self.waits(f"{projects}/above")
        lock = ProjectLock(shop, [f"{projects}/above"])
        with pytest.raises(LockTimeoutError, match=r"^deadlock: "):
            lock._end_deadlock()  # noqa: SLF001 (acquire would see at once that the holder is above us)
        mark.remove()


def test_a_call_in_the_holders_own_run_does_not_wait(shop: str, signals: Signals) -> None:
    os.makedirs(shop)
    parent = os.getppid()
    with open(f"{shop}/lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(note("up", parent, identity=process_identity._identity(parent)))  # noqa: SLF001
        file.flush()
        with pytest.raises(HeldAboveError):
            ProjectLock(shop).acquire("down", LONG, signals, fail)


class TestAncestors:
    """The processes above one, where `processes.look` says which is above which."""

    def of(self, pid: int, monkeypatch: pytest.MonkeyPatch, above: dict[int, int]) -> list[int]:
        def look(number: int) -> SimpleNamespace:
            if number not in above:
                raise ProcessLookupError
            return SimpleNamespace(parent=above[number])

        monkeypatch.setattr("hookman.lock.local.processes.look", look)
        return local._ancestors(pid)  # noqa: SLF001 (what the system tells depends on where the tests run)

    def test_the_first_process_is_the_last_of_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.of(10, monkeypatch, {10: 2, 2: 1, 1: 0}) == [2, 1]

    def test_in_a_container_it_has_none_above(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.of(1, monkeypatch, {1: 0}) == []

    def test_they_end_where_the_system_tells_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.of(10, monkeypatch, {10: 5}) == [5]
