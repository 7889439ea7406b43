"""Two machines that share an engine, for the tests of its lock."""

from tests.support.leases import here, name, there

__all__ = ["here", "name", "there"]
