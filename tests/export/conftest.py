from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.support.box import Project


@pytest.fixture
def pre(shop: Project) -> Project:
    """A project whose pre hook of `up` ends with the code in the file `code`."""
    shop.script("up.pre", "check.sh", 'echo "cannot reach db"; exit "$(cat code)"')
    shop.write("code", "0")
    return shop


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and says nothing."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield f"http://127.0.0.1:{one.getsockname()[1]}"
