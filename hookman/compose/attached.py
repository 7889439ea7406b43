"""An attached `up`: Compose in the foreground, and a watch for when its containers are up."""

from __future__ import annotations

import time

from hookman.base.messages import say_beside
from hookman.base.waiting import readable
from hookman.compose import launch
from hookman.compose.engine_api import EngineError
from hookman.compose.oracle import ComposeConfig
from hookman.compose.readiness import NONE, Readiness
from hookman.compose.services import services_of
from hookman.compose.steps import Ended, Late, NotUp, Up, Waiting
from hookman.compose.watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.compose.steps import Step, Wait

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
    wait: Wait,
) -> Iterator[Step]:
    """Run the attached `up`: Up once its containers are up, or NotUp where they will not be, and finally Ended.

    Until they are up, Waiting says what it waits for. Late if they take long or can't be watched; Compose
    runs anyway. If one died, or if they take longer than `wait` allows, Up says that they are not what it wants:
    the hooks themselves then say what that means, as after an `up -d`.
    """
    watch: _Watch | None = None
    try:
        watch = _Watch.begin(compose, invocation, project, environ, wait)
    except EngineError as error:
        yield NotUp(reason=f"the engine can't be watched ({error})", watched=False)
        yield Late()
    child = launch.start(compose, invocation.argv, environ)
    signals.command = child.pid
    try:
        waits = (yield from _watched(watch, child, signals)) if watch else False
        code = _exit_code(child, signals)
        if watch and waits and code == 0 and watch.were_up():
            yield Up(stopped=lambda: False)
        elif watch and waits and code == 0 and watch.judge.died:
            yield Up(stopped=lambda: False, found=NONE)
        elif watch and not watch.handed_over:
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
        has_happened = _wait(signals, watch)
        signals.drain()
        if signals.received:  # the user stops it: what is up now is about to end
            return False
        yield from watch.steps(child, signals) if has_happened else ()
        if watch.lost or watch.handed_over:
            return False
    return True


def _exit_code(child: launch.Child, signals: Signals) -> int:
    """Wait for the end of Compose. Signals that come meanwhile reached it as well, and are forgotten."""
    while (code := child.ended()) is None:
        _wait(signals, None)
        signals.drain()
    signals.command = 0
    signals.clear()
    return code


def _wait(signals: Signals, watch: _Watch | None) -> bool:
    """Wait until something happens; False if that is only a signal."""
    ends = [signals.wakeup, *([watch.fileno()] if watch else [])]
    return readable(ends, watch.due_in() if watch else None) != [signals.wakeup]


class _Watch(Watch):
    """The engine's events on an `up` from before its start, and whether its containers came up."""

    _said = ""
    _limit = 0.0
    _asked: tuple[ComposeConfig, list[str]] | None = None
    lost = ""  # why it could not be watched to the end
    handed_over = False  # the hooks know that the containers are up, or will not be

    @classmethod
    def begin(
        cls, compose: str, invocation: Invocation, project: Project, environ: Mapping[str, str], wait: Wait
    ) -> _Watch:
        """Subscribe to the project's events, before Compose starts. Raises EngineError."""
        named = invocation.positionals
        config = ComposeConfig(compose, invocation, environ, project, all_profiles=bool(named))
        watch = cls(invocation, environ, project.name, Readiness(wait.wants))
        watch._limit, watch._asked = wait.limit, (config, named)
        watch.subscribe()
        return watch

    def due_in(self) -> float | None:
        """How many seconds until a look is due, or until it gives up; None: not before an event."""
        due, begun = super().due_in(), self.judge.begun
        if due is None or begun is None or not self._limit:
            return due
        return min(due, max(0.0, begun + self._limit - time.monotonic()))

    @property
    def waited(self) -> float:
        """For how many seconds all have been started."""
        return time.monotonic() - self.judge.begun if self.judge.begun is not None else 0.0

    def late(self) -> bool:
        """Have the containers been there for long without being up?"""
        created = self.judge.created
        return created is not None and time.monotonic() - created > PATIENCE

    def gives_up(self) -> bool:
        """Does it make no sense to wait any longer: has one died, or has it been too long?"""
        if self.lost:
            return False
        return bool(self.judge.died) or bool(self._limit and self.waited >= self._limit)

    def steps(self, child: launch.Child, signals: Signals) -> Iterator[Step]:
        """Look, and yield what is to be done now."""
        up = self.looked()
        if self.lost or self.late():
            yield Late()
        if up or self.gives_up():
            self.handed_over = True
            signals.clear()
            found, waited = (self.judge.wants, 0.0) if up else (NONE, self.waited)
            yield Up(stopped=lambda: child.ended() is not None and self.stopped(), found=found, waited=waited)
        elif waits_for := self.waits_for():
            yield Waiting(waits_for=waits_for)

    def looked(self) -> bool:
        """Take what events there are, and look if that is due. A line says that they can't be watched any more."""
        try:
            return self.look()
        except EngineError as error:
            self.lost = f"the engine can't be watched any more ({error})"
            say_beside(f"post hooks will not run: {self.lost}")
            return False

    def prepare(self) -> None:
        """Learn which services count."""
        if self._asked:
            config, named = self._asked
            self._asked = None
            answer = config.answer()
            if answer is not None:
                self.judge.services, self.judge.completing = services_of(answer, named)

    def waits_for(self) -> str:
        """What the post hooks wait for, if that is to be said now; else ""."""
        created, now = self.judge.created, self.judge.waits_for
        if self.lost or created is None or time.monotonic() - created < SILENCE or now == self._said:
            return ""
        self._said = now
        return now

    def why_not(self) -> str:
        """Why the post hooks did not run, once Compose has ended."""
        if self.lost:
            return self.lost
        if self.judge.waits_for:
            return f"{self.judge.waits_for} was not up when Compose ended"
        return "Compose ended before its containers were up"

    def stopped(self) -> bool:
        """Has somebody stopped the containers?"""
        try:
            self.take_events()
        except EngineError:
            return False
        return self.judge.stopped

    def were_up(self) -> bool:
        """Once Compose has ended with 0: had all of them come up?"""
        try:
            self.prepare()
            now = self.take_events()
            containers = self.containers()
            self.judge.look(containers, now)
            return self.judge.were_up(containers)
        except EngineError:
            return False
