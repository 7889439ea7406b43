"""The engine's view of the containers of one command: its lists, its events, and the judge of both."""

from __future__ import annotations

import time

from hookman.compose import labels
from hookman.compose.engine_api import PATIENCE, Connection, EngineError, engine_of
from hookman.compose.oracle import ComposeConfig
from hookman.compose.services import completing_of, reached, services_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

    from hookman.compose.commandline import Invocation
    from hookman.compose.readiness import Readiness

    Ask = Callable[[], ComposeConfig]

MOST_LINES = 10  # of what a container that died printed last


class Watch:
    """The containers of the project `name`, as `judge` sees them. What asks the engine raises EngineError."""

    def __init__(self, invocation: Invocation, environ: Mapping[str, str], name: str, judge: Readiness) -> None:
        self.judge = judge
        self._invocation, self._environ = invocation, environ
        self._filters = labels.of_project(name)
        self.patience = PATIENCE  # seconds that an answer may take
        self._events: Connection | None = None
        self._lists: Connection | None = None

    def subscribe(self) -> Self:
        """Ask for events. All later events come."""
        if self._events is None:
            self._events = self._connect()
            self._events.subscribe({"type": ["container"], **self._filters})
        return self

    def fileno(self) -> int:
        """Readable when there are events; for one who `subscribe`d."""
        return self._events.fileno() if self._events else -1

    @property
    def is_subscribed(self) -> bool:
        """Do events come?"""
        return self._events is not None

    def due_in(self) -> float | None:
        """How many seconds until a look is due; None: not before an event."""
        due = self.judge.next_look
        return None if due is None else max(0.0, due - time.monotonic())

    def look(self) -> bool:
        """Read the events that have come, and look at the containers if it is time. Are all up?"""
        now = self.take_events()
        if self.judge.next_look is None or now < self.judge.next_look:
            return False
        self.prepare()
        now = time.monotonic()  # not later than the list: what is up in it has been up since then
        return self.judged(self.containers(), now)

    def prepare(self) -> None:
        """Find out what a look needs."""

    def judged(self, containers: list[dict[str, Any]], now: float) -> bool:
        """Does the judge say that all are up?"""
        return self.judge.look(containers, now)

    def take_events(self) -> float:
        """Read the events that have come; return the time at which they were read."""
        now = time.monotonic()
        for event in self._events.events() if self._events else ():
            self.judge.event(event, now)
        return now

    def containers(self) -> list[dict[str, Any]]:
        """The engine's list."""
        return self._connected().containers(self._filters)

    def last_lines(self, container: dict[str, Any]) -> bytes:
        """What a container printed last; nothing where the engine can't tell."""
        try:
            return self._connected().logs(str(container.get("Id")), MOST_LINES)
        except EngineError:
            return b""

    def close(self) -> None:
        """Close the connections."""
        for connection in (self._events, self._lists):
            if connection:
                connection.close()
        self._events = self._lists = None

    def _connect(self) -> Connection:
        return Connection(engine_of(self._invocation, self._environ), self._environ, self.patience)

    def _connected(self) -> Connection:
        if self._lists is None:
            self._lists = self._connect()
        self._lists.within(self.patience)
        return self._lists


class Started(Watch):
    """The containers of a command that has ended well, and so has started them.

    Those of the services `named` count, and of what they need if the command `reaches` it; if it named none, all that
    the project has. Their labels say what they need. Compose is asked (`ask`) only if one is not up that may be none of
    the project's any more, or of a profile that is not active: that takes 50 ms.
    """

    def narrow(self, named: list[str], ask: Ask | None, *, reaches: bool) -> Self:
        """Say which of the project's containers count."""
        self._named, self._ask, self._reaches = named, ask, reaches
        return self

    def judged(self, containers: list[dict[str, Any]], now: float) -> bool:
        """Does the judge say that all are up?"""
        judge = self.judge
        if self._named:
            judge.services = reached(containers, self._named) if self._reaches else {*self._named}
        judge.completing = completing_of(containers, judge.services) if self._reaches else set()
        if judge.look(containers, now):
            return True
        if judge.waits_for and self._ask and not self._named:
            answer, self._ask = self._ask().answer(), None
            if answer is not None:
                judge.services, _ = services_of(answer, [])
                return judge.look(containers, now)
        return False
