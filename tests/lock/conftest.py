"""Two machines that share an engine, for the tests of its lock; and a lock that the test itself holds."""

from tests.support.leases import here, name, there
from tests.support.project_locks import held, place, signals

__all__ = ["held", "here", "name", "place", "signals", "there"]
