"""Where ended runs are sent: what a destination is, and how it says that something could not be sent.

A second kind of destination (a message to a chat, a command) needs three things:

1. A class with `name`, `server` and `send`, in a module of its own in this room. `send` gets the record of a run as
   `hookman log --json` shows it, also of a run that was killed. It returns once the run is there, and also if it
   has nothing to say of this run. Otherwise it raises NotSentError or RefusedError. It must end by itself.
2. Its settings, and a line in `destinations` below that makes the objects from them.
3. `Settings.sends` (settings/hookman_toml.py) says that there is something to send. Then, and only then, a run is put
   into the spool, and a sender is started at its end.

What `send` needs of the environment it has from `environ`: that of the command whose sender this is (templates.py).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from hookman.settings.hookman_toml import Settings

    class Destination(Protocol):
        """Takes ended runs."""

        name: str  # one name for each destination of a run: what was sent there is not sent there again
        server: str  # if this one can't be reached, nothing else is sent there for now

        def send(self, run: Mapping[str, Any], data: str) -> None:
            """Send the record of a run; our own files are in `data`. Raises NotSentError, RefusedError."""


OLDEST_MESSAGE = 24 * 3600  # seconds after which nobody is told of a run any more


class NotSentError(Exception):
    """A run could not be sent, and is kept. `where` is the setting (file and line), `wait` the seconds to wait first.

    If it is `doubtful`, the run itself may be the reason, and it is tried only some times.
    """

    def __init__(self, what: str, where: str = "", fix: str = "", *, wait: float = 0.0, doubtful: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.wait = wait
        self.doubtful = doubtful


class RefusedError(NotSentError):
    """A run was refused for what is in it, and is never sent there again."""


def destinations(settings: Settings, environ: Mapping[str, str], *, tells: bool = True) -> list[Destination]:
    """All destinations that `settings` name; without those of messages if it does not tell of the run."""
    found: list[Destination] = []
    if settings.export.get("otlp"):
        from hookman.export.otlp import Otlp

        found += Otlp.both(settings.export, environ)
    if settings.notify and tells:
        from hookman.export.notify import Notify

        found += Notify.all(settings, environ)
    return found
