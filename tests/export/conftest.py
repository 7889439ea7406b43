from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.collector import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that takes everything."""
    one = Collector()
    yield one
    one.close()
