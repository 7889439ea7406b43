"""Docker contexts of a machine."""

from __future__ import annotations

from tests.support.box import Box


def create_context(box: Box, name: str, host: str) -> None:
    """Create a context, as a user does."""
    done = box.run("docker", "context", "create", name, "--docker", f"host={host}")
    assert done.code == 0, done
