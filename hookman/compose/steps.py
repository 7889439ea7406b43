"""What happens while a command is carried out: its steps, which run/carry_out.py reads and acts on."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@record
class Wait:
    """What the containers of an attached `up` must be before its post hooks run, and how long that may take."""

    wants: str = "healthy"  # see readiness.py
    limit: float = 60.0  # seconds; 0 is no limit


@record
class Late:
    """The command takes long: others need not wait for its end."""


@record
class Waiting:
    """The containers of an attached `up` are not up yet; what it waits for has changed, or has lasted."""

    waits_for: str


@record
class Up:
    """The containers of an attached `up` are up, and Compose goes on in the foreground."""

    stopped: Callable[[], bool]  # has somebody stopped them by now?
    found: str = "healthy"  # what all of them are; "none": one has died, or it took too long
    waited: float = 0.0  # seconds that it took


@record
class NotUp:
    """The containers of an attached `up` will not come up. If nobody `watched` it, that is not known."""

    reason: str
    watched: bool = True


@record
class Ended:
    """The command has ended with `exit_code`; -N if signal N killed it."""

    exit_code: int
    post_args: list[str] | None = None  # what functions get in the post phase, where only the command could tell


Step = Late | Waiting | Up | NotUp | Ended
