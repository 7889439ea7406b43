"""An attached `up`: Compose in the foreground, and a watch for when its containers are up."""

from __future__ import annotations

import select
import time

from hookman.base.messages import say_beside
from hookman.compose import launch
from hookman.compose.engine_api import Connection, EngineError
from hookman.compose.oracle import ComposeConfig
from hookman.compose.readiness import Readiness, services_of
from hookman.compose.steps import Ended, Late, NotUp, Up, Waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from typing import Any

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.compose.steps import Step

# Seconds after which an `up` whose containers do not come up gives the lock back anyway:
# `down` in another terminal must work then.
PATIENCE = 10.0
# Seconds after which a line says what the post hooks wait for.
SILENCE = 5.0


def steps(
    compose: str,
    invocation: Invocation,
    project: Project,
    environ: Mapping[str, str],
    signals: Signals,
) -> Iterator[Step]:
    """Run the attached `up`: Up once its containers are up, or NotUp where they will not be, and finally Ended.

    Until they are up, Waiting says what it waits for. Late if they take long or can't be watched; Compose
    runs anyway.
    """
    watch: _Watch | None = None
    try:
        watch = _Watch.begin(compose, invocation, project, environ)
    except EngineError as error:
        yield NotUp(reason=f"the engine can't be watched ({error})", watched=False)
        yield Late()
    child = launch.start(compose, invocation.argv, environ)
    try:
        waits = (yield from _watched(watch, child, signals)) if watch else False
        code = _exit_code(child, signals)
        if watch and waits and code == 0 and watch.were_up():
            yield Up(stopped=lambda: False)
        elif watch and not watch.up:
            yield NotUp(reason=watch.why_not(), watched=not watch.lost)
    finally:
        if watch:
            watch.close()
    yield Ended(exit_code=code)


def _watched(watch: _Watch, child: launch.Child, signals: Signals) -> Generator[Step, None, bool]:
    """What happens until the containers are up, or until nothing is to be waited for any more.

    Returns True if Compose has ended before that.
    """
    while child.ended() is None:
        readable = _wait(signals, watch)
        signals.drain()
        if signals.received:  # the user stops it: what is up now is about to end
            return False
        if not readable:
            continue
        up = watch.look()
        if up is None or watch.late():
            yield Late()
        if up:
            signals.clear()
            yield Up(stopped=lambda: child.ended() is not None and watch.stopped())
        if up is not False:
            return False
        if waits_for := watch.waits_for():
            yield Waiting(waits_for=waits_for)
    return True


def _exit_code(child: launch.Child, signals: Signals) -> int:
    """Wait for the end of Compose. Signals that come meanwhile reached it as well, and are forgotten."""
    while (code := child.ended()) is None:
        _wait(signals, None)
        signals.drain()
    signals.clear()
    return code


def _wait(signals: Signals, watch: _Watch | None) -> bool:
    """Wait until something happens; False if that is only a signal."""
    ends = [signals.wakeup, *([watch.fileno()] if watch else [])]
    readable = select.select(ends, [], [], watch.due_in() if watch else None)[0]
    return readable != [signals.wakeup]


class _Watch:
    """The engine's events on a project, and the judge of them."""

    def __init__(
        self, events: Connection, lists: Connection, labels: list[str], asked: tuple[ComposeConfig, list[str]]
    ) -> None:
        self._events = events
        self._lists = lists
        self._filters = {"label": labels}
        self._asked: tuple[ComposeConfig, list[str]] | None = asked  # which services count: Compose, and those named
        self._judge = Readiness()
        self._said = ""
        self.lost = ""  # why it could not be watched to the end
        self.up = False  # they have been

    @classmethod
    def begin(cls, compose: str, invocation: Invocation, project: Project, environ: Mapping[str, str]) -> _Watch:
        """Subscribe to the project's events, before Compose starts. Raises EngineError."""
        docker = ["docker"]
        for name, values in invocation.docker_flags.items():
            docker += [f"--{name}={value}" for value in values]
        labels = [f"com.docker.compose.project={project.name}", "com.docker.compose.oneoff=False"]
        named = invocation.positionals
        asked = ComposeConfig(compose, invocation, environ, project, all_profiles=bool(named)), named
        events = Connection(docker, environ)
        events.subscribe({"type": ["container"], "label": labels})
        return cls(events, Connection(docker, environ), labels, asked)

    def fileno(self) -> int:
        """Readable when there are events."""
        return self._events.fileno()

    def due_in(self) -> float | None:
        """How many seconds until a look is due; None: not before an event."""
        due = self._judge.next_look
        return None if due is None else max(0.0, due - time.monotonic())

    def late(self) -> bool:
        """Have the containers been there for long without being up?"""
        created = self._judge.created
        return created is not None and time.monotonic() - created > PATIENCE

    def look(self) -> bool | None:
        """Take what events there are, and look if that is due. None (and a line) if they can't be watched any more."""
        try:
            now = self._take_events()
            if self._judge.next_look is not None and now >= self._judge.next_look:
                self.up = self._judge.look(self._containers(), now)
            return self.up
        except EngineError as error:
            self.lost = f"the engine can't be watched any more ({error})"
            say_beside(f"post hooks will not run: {self.lost}")
            return None

    def waits_for(self) -> str:
        """What the post hooks wait for, if that is to be said now; else ""."""
        created, now = self._judge.created, self._judge.waits_for
        if created is None or time.monotonic() - created < SILENCE or now == self._said:
            return ""
        self._said = now
        return now

    def why_not(self) -> str:
        """Why the post hooks did not run, once Compose has ended."""
        if self.lost:
            return self.lost
        if self._judge.waits_for:
            return f"{self._judge.waits_for} was not up when Compose ended"
        return "Compose ended before its containers were up"

    def stopped(self) -> bool:
        """Has somebody stopped the containers?"""
        try:
            self._take_events()
        except EngineError:
            return False
        return self._judge.stopped

    def were_up(self) -> bool:
        """Once Compose has ended with 0: had all of them come up?"""
        try:
            self._take_events()
            self.up = self._judge.were_up(self._containers())
            return self.up
        except EngineError:
            return False

    def _take_events(self) -> float:
        now = time.monotonic()
        for event in self._events.events():
            self._judge.event(event, now)
        return now

    def _containers(self) -> list[dict[str, Any]]:
        """The engine's list, once the judge knows which services count."""
        if self._asked:
            config, named = self._asked
            answer = config.answer()
            if answer is not None:
                self._judge.services, self._judge.completing = services_of(answer, named)
            self._asked = None
        return self._lists.containers(self._filters)

    def close(self) -> None:
        """Close the connections."""
        self._events.close()
        self._lists.close()
