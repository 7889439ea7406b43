"""What the machine of a lease (lease.py) and the engine tell each other: epochs, questions, answers, and the times."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HELD = "held"
FREE = "free"
CLOSED = "closed"  # for maintenance, by `hookman lock`: no process renews it


@record
class Times:
    """How long things take, in seconds."""

    expiry: float = 30.0  # an epoch that has not moved for so long no longer has an owner

    @property
    def renewal(self) -> float:
        """A holder renews so often."""
        return self.expiry / 3

    @property
    def stop(self) -> float:
        """A holder that could not renew for so long stops what it does."""
        return self.expiry * 2 / 3

    @property
    def poll(self) -> float:
        """A waiter looks so often, and a renewal that failed is tried again after so long."""
        return self.expiry / 30


@record
class Volume:
    """One epoch of a lease as the engine shows it."""

    epoch: int
    run: str  # who created it
    state: str = HELD
    expiry: float = 0.0  # its creator's
    is_over: bool = False  # of CLOSED: its time has passed on the engine's own clock
    nonce: str = ""  # tells one creation from another one of the same name: an epoch may be withdrawn and created anew
    labels: Mapping[str, str] = {}

    @property
    def identity(self) -> tuple[int, str, str, str]:
        """What tells it from another one."""
        return self.epoch, self.run, self.state, self.nonce


@record
class Ask:
    """What to ask the engine, all in one round trip and in this order: remove, create, list."""

    remove: tuple[int, ...] = ()
    create: int = 0  # 0: nothing
    state: str = HELD
    nonce: str = ""


@record
class Answer:
    """What the engine answered: whose the created epoch is (None if it created none), and all epochs."""

    made: Volume | None
    volumes: tuple[Volume, ...]
