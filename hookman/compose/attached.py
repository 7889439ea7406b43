"""An attached `up`: Compose in the foreground, and a watch for when its containers are up."""

from __future__ import annotations

import os
import select
import time

from hookman.compose import engine
from hookman.compose.engineapi import Connection, EngineError
from hookman.compose.oracle import Config
from hookman.compose.readiness import Readiness, services_of
from hookman.messages import STDERR, say, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.runner.signals import Signals

# Seconds after which an `up` whose containers do not come up gives the lock back all the same:
# `down` in another terminal must work then above all.
PATIENCE = 10.0
# Seconds after which one line says for what the post hooks wait.
SILENCE = 5.0


def run(
    real: str,
    invocation: Invocation,
    project: Project,
    environ: Mapping[str, str],
    signals: Signals,
    *,
    post_hooks: bool,
    when_up: Callable[[str], None],
    when_late: Callable[[], None],
) -> int:
    """Run the attached `up` and return its exit code; call `when_up` with "" once its containers are up.

    If they do not come up before Compose ends or is stopped, it is called with the reason.
    `when_late` is called if they take long or can't be watched; Compose runs all the same.
    `post_hooks` says whether there are any that wait.
    """
    watch: _Watch | None = None
    try:
        watch = _Watch.begin(real, invocation, project, environ)
    except EngineError as error:
        when_up(f"the engine can't be watched ({error})")
        when_late()
    child = engine.start(real, invocation.argv, environ)
    waiting = watch is not None
    try:
        while (code := child.ended()) is None:
            readable = _wait(signals, watch if waiting else None)
            signals.drain()
            if watch is None or not waiting:
                continue
            if signals.received:  # the user stops it: what is up now is about to end
                waiting = False
            elif readable:
                up = watch.look()
                if up is None or watch.late():
                    when_late()
                waiting = up is False
                if up:
                    signals.clear()
                    signals.stopped_beside = lambda: child.ended() is not None and watch.stopped()
                    when_up("")
                    signals.stopped_beside = None
                elif post_hooks and waiting and (waits_for := watch.waits_for()):
                    _say_beside(f"post hooks wait for {waits_for}")
        signals.clear()
        if watch and waiting and code == 0 and watch.were_up():
            when_up("")
        elif watch and not watch.up:
            when_up(watch.why_not())
        return code
    finally:
        if watch:
            watch.close()


def _wait(signals: Signals, watch: _Watch | None) -> bool:
    """Wait until something happens; False if that is only a signal."""
    ends = [signals.wakeup, *([watch.fileno()] if watch else [])]
    readable = select.select(ends, [], [], watch.due_in() if watch else None)[0]
    return readable != [signals.wakeup]


def _say_beside(text: str) -> None:
    """Say something while Compose has the terminal: its menu is in the last line, and draws itself anew."""
    if os.isatty(STDERR):
        write(b"\r\x1b[K")
    say(text)


class _Watch:
    """The engine's events on a project, and the judge of them."""

    def __init__(
        self, events: Connection, lists: Connection, labels: list[str], asked: tuple[Config, list[str]]
    ) -> None:
        self._events = events
        self._lists = lists
        self._filters = {"label": labels}
        self._asked: tuple[Config, list[str]] | None = asked  # which services count: Compose, and those named
        self._judge = Readiness()
        self._said = ""
        self._lost = ""  # why it could not be watched to the end
        self.up = False  # they have been

    @classmethod
    def begin(cls, real: str, invocation: Invocation, project: Project, environ: Mapping[str, str]) -> _Watch:
        """Subscribe to the project's events, before Compose starts. Raises EngineError."""
        docker = ["docker"]
        for name, values in invocation.docker_flags.items():
            docker += [f"--{name}={value}" for value in values]
        labels = [f"com.docker.compose.project={project.name}", "com.docker.compose.oneoff=False"]
        named = invocation.positionals
        asked = Config(real, invocation, environ, project, all_profiles=bool(named)), named
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
        """Take what events there are, and look if that is due. None (and a line): it can't be told any more."""
        try:
            now = self._take_events()
            if self._judge.next_look is not None and now >= self._judge.next_look:
                self.up = self._judge.look(self._containers(), now)
            return self.up
        except EngineError as error:
            self._lost = f"the engine can't be watched any more ({error})"
            _say_beside(f"post hooks will not run: {self._lost}")
            return None

    def waits_for(self) -> str:
        """For what the post hooks wait, if that is to be said now; else ""."""
        created, now = self._judge.created, self._judge.waits_for
        if created is None or time.monotonic() - created < SILENCE or now == self._said:
            return ""
        self._said = now
        return now

    def why_not(self) -> str:
        """Why the post hooks did not run, once Compose has ended."""
        if self._lost:
            return self._lost
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
