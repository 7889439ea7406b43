"""Who keeps a lease, seen from the run: what is a loss, and what is none."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.compose.endpoint import Endpoint
from hookman.lock.epochs import HELD, Times
from hookman.lock.keeper import Keeper, clock
from hookman.lock.lease import Holder, Taker
from hookman.lock.taking import lessee
from hookman.lock.volumes import Volumes
from tests.support.engine import engine_variable
from tests.support.leases import leases
from tests.support.waiting import alive, wait_until

pytestmark = pytest.mark.engine


@pytest.fixture
def keeper(tmp_path: Path, name: str) -> Iterator[Keeper]:
    """Who keeps a lease that this process took."""
    endpoint = Endpoint(host=engine_variable("DOCKER_HOST"), context="default", docker=["docker"])
    volumes, times = Volumes(endpoint, {}, name), Times(expiry=6.0)
    who = lessee("me", "up", str(tmp_path), times.expiry)
    taker = Taker("me", times)
    now = clock()
    ask = taker.next(now)
    assert not isinstance(ask, float)
    taker.answered(volumes.ask(ask, who, 10.0), now, clock())
    keeper = Keeper(Holder.of(taker), volumes, who, str(tmp_path / "lock"), str(tmp_path / "lease"))
    yield keeper
    keeper.give_back()
    wait_until(lambda: not alive(keeper.pid), "the keeper is still there")
    os.waitpid(keeper.pid, 0)


def test_it_holds_the_lease(keeper: Keeper, name: str) -> None:
    assert not keeper.look()
    assert leases(name)[1]["hookman.state"] == HELD


def test_once_it_is_given_back_its_end_is_no_loss(keeper: Keeper, tmp_path: Path, name: str) -> None:
    looks = []
    old = signal.signal(signal.SIGCHLD, lambda *_: looks.append(keeper.look()))
    try:
        keeper.give_back()
        wait_until(lambda: looks, "it did not end")
    finally:
        signal.signal(signal.SIGCHLD, old)
    assert looks == [False]
    assert keeper.lost == ""
    assert (tmp_path / "lease").read_text().split("\t")[:2] == ["me", "2"]
    assert {epoch: labels["hookman.state"] for epoch, labels in leases(name).items()} == {1: "held", 2: "free"}


def test_one_that_was_killed_is_a_loss(keeper: Keeper) -> None:
    os.kill(keeper.pid, signal.SIGKILL)
    wait_until(keeper.look, "the loss was not seen")
    assert keeper.lost == f"the process that renews it (pid {keeper.pid}) was killed"


def test_it_holds_nothing_of_the_run_open(keeper: Keeper) -> None:
    def targets() -> list[str]:
        return [os.readlink(path) for path in Path(f"/proc/{keeper.pid}/fd").iterdir()]

    wait_until(lambda: len(targets()) == 6, "it holds something open")
    kinds = sorted(target.partition(":")[0] for target in targets())
    assert kinds == ["/dev/null", "/dev/null", "/dev/null", "pipe", "pipe", "socket"]
