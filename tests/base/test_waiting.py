from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator

import pytest

from hookman.base.waiting import readable


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe whose descriptors select() can't take."""
    narrow = os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 1500) for end in narrow]
    for end in narrow:
        os.close(end)
    yield ends[0], ends[1]
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass  # the test has closed it


def test_it_tells_which_can_be_read(pipe: tuple[int, int]) -> None:
    other = os.open(os.devnull, os.O_RDONLY)
    os.write(pipe[1], b"x")
    assert set(readable([pipe[0], other])) == {pipe[0], other}
    os.close(other)


def test_it_tells_of_an_end(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    assert readable([pipe[0]]) == [pipe[0]]


@pytest.mark.parametrize("seconds", [0.0, 0.01, -1.0])
def test_it_does_not_wait_longer_than_it_may(pipe: tuple[int, int], seconds: float) -> None:
    assert readable([pipe[0]], seconds) == []


@pytest.mark.parametrize("seconds", [None, 1e12, float("inf")])
def test_it_may_wait_for_any_time(pipe: tuple[int, int], seconds: float | None) -> None:
    os.write(pipe[1], b"x")
    assert readable([pipe[0]], seconds) == [pipe[0]]
