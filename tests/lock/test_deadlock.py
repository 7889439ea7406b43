"""Runs that would wait for each other for ever, and calls in the holder's own run."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from hookman.base import process_identity
from hookman.base.errors import LockTimeoutError
from hookman.base.flocks import Mark
from hookman.base.signals import Signals
from hookman.lock import local
from hookman.lock.local import HeldAboveError, ProjectLock
from tests.support.project_locks import LONG, fail, note, nothing


class TestCircle:
    """Runs that would wait for each other for ever. All waiters here are this process."""

    @pytest.fixture
    def projects(self, tmp_path: Path) -> str:
        return str(tmp_path / "projects")

    def waits(self, project: str, pid: int | None = None, identity: str | None = None) -> Mark:
        return Mark(f"{project}/waiting", note("down", os.getpid() if pid is None else pid, identity=identity))

    def test_the_holder_waits_for_a_lock_above_us(
        self, place: str, projects: str, held: ProjectLock, signals: Signals
    ) -> None:
        mark = self.waits(f"{projects}/above")
        with pytest.raises(LockTimeoutError, match=r"^deadlock: this call waits for `up -d` "):
            ProjectLock(place, [f"{projects}/above"]).acquire("down", LONG, signals, nothing)
        mark.remove()
        assert held.waiters() == []

    @pytest.mark.usefixtures("held")
    def test_the_holder_waits_for_a_lock_that_is_not_above_us(
        self, place: str, projects: str, signals: Signals
    ) -> None:
        mark = self.waits(f"{projects}/other")
        with pytest.raises(LockTimeoutError, match=r"^no lock after"):
            ProjectLock(place, [f"{projects}/above"]).acquire("down", 0.01, signals, nothing)
        mark.remove()

    @pytest.mark.usefixtures("held")
    def test_a_waiter_of_another_container_does_not_count(self, place: str, projects: str, signals: Signals) -> None:
        mark = self.waits(f"{projects}/above", identity=f"{os.getpid()}:1:1")
        with pytest.raises(LockTimeoutError, match=r"^no lock after"):
            ProjectLock(place, [f"{projects}/above"]).acquire("down", 0.01, signals, nothing)
        mark.remove()

    def test_of_three_runs_is_seen_and_all_are_named(self, place: str, projects: str, signals: Signals) -> None:
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
            with open(f"{place}/lock", "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                with pytest.raises(LockTimeoutError) as error:
                    ProjectLock(place, [f"{projects}/above"]).acquire("down", LONG, signals, nothing)
            for mark in marks:
                mark.remove()
        told = str(error.value)
        assert told.startswith("deadlock: this call waits for `up` (pid ")
        assert ", whose hooks wait for `pull` (pid " in told

    def test_a_process_that_the_holder_started_waits(self, place: str, projects: str) -> None:
        """The holder here is the process above this one, as far as its note says."""
        parent = os.getppid()
        (Path(projects) / "shop").mkdir(parents=True)
        (Path(projects) / "shop/lock").write_bytes(
            note("up", parent, identity=process_identity._identity(parent))  # noqa: SLF001 (there is no way to ask)
        )
        mark = self.waits(f"{projects}/above")
        lock = ProjectLock(place, [f"{projects}/above"])
        with pytest.raises(LockTimeoutError, match=r"^deadlock: "):
            lock._end_deadlock()  # noqa: SLF001 (acquire would see at once that the holder is above us)
        mark.remove()


def test_a_call_in_the_holders_own_run_does_not_wait(place: str, signals: Signals) -> None:
    os.makedirs(place)
    parent = os.getppid()
    with open(f"{place}/lock", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(note("up", parent, identity=process_identity._identity(parent)))  # noqa: SLF001
        file.flush()
        with pytest.raises(HeldAboveError):
            ProjectLock(place).acquire("down", LONG, signals, fail)


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
