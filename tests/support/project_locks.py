"""The lock of one project as an object, held by the test itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.base import process_identity
from hookman.base.signals import Signals
from hookman.lock.local import ProjectLock

LONG = 20  # seconds, which no test waits


@pytest.fixture
def signals() -> Iterator[Signals]:
    with Signals() as entered:
        yield entered


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "projects/shop")


@pytest.fixture
def held(place: str, signals: Signals) -> Iterator[ProjectLock]:
    """The lock, held for `up -d`."""
    lock = ProjectLock(place)
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
