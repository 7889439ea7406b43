"""Waits until services are up, before a hook runs: a look at the engine, and events if that is not enough."""

from __future__ import annotations

import time

from hookman.base.errors import Problem
from hookman.base.messages import redactor, say, say_beside, style
from hookman.base.records import record
from hookman.base.waiting import readable
from hookman.compose.engine_api import EngineError, NoEngineError
from hookman.compose.labels import name_of, service_of
from hookman.compose.oracle import ComposeConfig
from hookman.compose.readiness import Readiness, exit_code
from hookman.compose.watch import Started
from hookman.hooks import environment
from hookman.hooks.touched import reaches
from hookman.run.display import RESULTS
from hookman.run.problems import last_lines
from hookman.run.waits import NotReady

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.hooks.planned import PlannedHook
    from hookman.run.operation import Operation
    from hookman.run.waits import Waits

SILENCE = 5.0  # seconds after which a line says what is waited for, where there is no clock
NOTICED = 0.1  # seconds from which on the log has a wait for nothing in particular
AGAIN = 1.0  # seconds until an engine that was lost is asked again
MOST_BYTES = 4096  # of what a container that died printed last
LONGEST = 1e9  # seconds; of a wait without a limit
IMPATIENT = 'to run it anyway, set wait = "none"'
PATIENT = f"to wait longer, set wait_timeout; {IMPATIENT}"


@record
class Patience:
    """How long a wait may take, and how it is shown."""

    limit: float  # seconds; 0 for none
    waited: float  # seconds that were waited already
    beside: bool  # Compose has the terminal


def until_ready(
    waits: Waits, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None], wants: str, patience: Patience
) -> tuple[NotReady | None, list[str]]:
    """Wait for what `hook` `wants`: None and the services that are up, or why it does not run.

    Without an engine that answers, there is nothing to wait for: a line says so, and the hook runs.
    """
    invocation, project = op.lookup.invocation, op.surroundings.project
    environ = environment.for_compose(op.surroundings, exports)

    def ask() -> ComposeConfig:
        return ComposeConfig(op.lookup.compose, invocation, environ, project)

    service = hook.keys.get("service")
    watch = Started(invocation, environ, project.name, Readiness(wants, time.monotonic()))
    watch.narrow(
        [service] if service else op.services,
        ask if op.lookup.compose else None,
        reaches=not service and reaches(invocation),
    )
    wait = _Wait(waits, hook, wants, watch, patience)
    try:
        found = wait.until_end()
    finally:
        waits.display.wait("")
        waits.signals.on_signal = None
        watch.close()
    return found, sorted(watch.judge.seen)


class _Wait:
    """One wait before `hook`."""

    def __init__(self, waits: Waits, hook: PlannedHook, wants: str, watch: Started, patience: Patience) -> None:
        self.waits = waits
        self.hook = hook
        self.wants = wants
        self.watch = watch
        self.patience = patience
        self.began = time.time()
        self.started = time.monotonic()
        self.end = self.started + (max(0.0, patience.limit - patience.waited) if patience.limit else LONGEST)
        self.answered = False  # the engine has
        self.lost = ""  # why it does not answer now
        self.said = ""
        self.waited_for: list[str] = []  # each state that was waited for, in order

    def until_end(self) -> NotReady | None:
        """Wait, note it in the log, and say why the hook does not run if it does not."""
        found: NotReady | None = None
        result = "ready"
        try:
            while not self._is_ready():
                if found := self._why_not():
                    break
                self._pause()
        except NoEngineError:
            return None
        except EngineError as error:
            result = "unknown"
            say(f"{self.hook.phase} hooks do not wait: the engine can't be asked ({error})")
        except _StoppedError as error:
            found = NotReady(interrupted=error.number)
        if found:
            result = "interrupted" if found.interrupted else "timeout" if found.timed_out else "failed"
        self._note(result)
        return found

    def _is_ready(self) -> bool:
        """Look. Raises EngineError if the engine can't be reached at all, and _StoppedError."""
        signals, watch = self.waits.signals, self.watch
        signals.on_signal = self._stop
        try:
            self._stop()
            watch.patience = max(0.1, self.end - time.monotonic())
            ready = watch.look() or (not watch.is_subscribed and watch.subscribe().look())
        except EngineError as error:
            if not self.answered and time.monotonic() < self.end:
                raise
            self._lose(error)
            return False
        finally:
            signals.on_signal = None
        self.answered, self.lost = True, ""
        self._keep(watch.judge.waits_for)
        return ready

    def _stop(self) -> None:
        """End what blocks if a signal has come."""
        if number := self.waits.signals.look():
            self.waits.signals.on_signal = None
            raise _StoppedError(number)

    def _lose(self, error: EngineError) -> None:
        """The engine does not answer now: it is asked again later, with new connections."""
        self.lost = str(error)
        self.watch.close()
        self.watch.judge.next_look = time.monotonic() + AGAIN

    def _keep(self, state: str) -> None:
        if state and state not in self.waited_for[-1:]:
            self.waited_for.append(state)

    def _why_not(self) -> NotReady | None:
        """Why the hook does not wait any longer; None if it goes on waiting."""
        if died := [] if self.lost else self.watch.judge.died:
            return NotReady(problem=self._of_death(died[0], several=len(died) > 1))
        if time.monotonic() < self.end:
            return None
        limit = f"{self.patience.limit:g} s"
        state = self.watch.judge.waits_for
        if self.lost:
            what, fix = f"the engine did not answer for {limit} ({self.lost})", "docker version"
        else:
            verb = "were" if ", " in state else "was"
            what = f"{state} {verb} not {self.wants} after {limit}" if state else f"nothing stayed up within {limit}"
            fix = f"{_logs(state.partition(' (')[0])}; {PATIENT}"
        return NotReady(problem=Problem(what=what, where=self.hook.place, fix=fix), timed_out=True)

    def _of_death(self, container: dict[str, Any], *, several: bool) -> Problem:
        """Of a container that died, with its last lines."""
        service = service_of(container)
        code = exit_code(container)
        what = f"{service} ended with exit code {code}" if code else f"{service} is {container.get('State')}"
        if several:
            what += f" (container {name_of(container)})"
        tail = self.watch.last_lines(container)[-MOST_BYTES:]
        if said := last_lines(tail, redactor, is_cut=True):
            what += f":\n{said}"
        return Problem(what=what, where=self.hook.place, fix=f"{_logs(service)}; {IMPATIENT}")

    def _pause(self) -> None:
        """Wait for an event, a signal, the clock."""
        state = f"the engine ({self.lost})" if self.lost else self.watch.judge.waits_for
        limits = [self.end - time.monotonic(), self.watch.due_in(), self.waits.signals.patience, self._show(state)]
        seconds = max(0.0, min(limit for limit in limits if limit is not None))
        descriptors = [self.waits.signals.wakeup, *([self.watch.fileno()] if self.watch.is_subscribed else [])]
        readable(descriptors, seconds)
        self.waits.signals.drain()

    def _show(self, state: str) -> float | None:
        """Show what is waited for: beside a clock, or in a line if it takes long. When to call this again."""
        display = self.waits.display
        if display.live and RESULTS in display.shown:
            display.wait(f"waiting for {state.replace(' (', ': ').replace(')', '')}" if state else "")
            return display.tick()
        silent = SILENCE - (time.monotonic() - self.started)
        if silent > 0:
            return silent
        if state and state != self.said and not style.is_quiet:
            self.said = state
            (say_beside if self.patience.beside else say)(f"{self.hook.phase} hooks wait for {state}")
        return None

    def _note(self, result: str) -> None:
        """Note the wait in the log, if there was one."""
        seconds = round(time.monotonic() - self.started, 3)
        state = f" for {'; '.join(self.waited_for)}" if self.waited_for else ""
        self.waits.display.reason(f"{self.hook.label} waited {seconds:.1f} s{state}: {result}")
        if result == "ready" and not self.waited_for and seconds < NOTICED:
            return
        self.waits.journal.wait(
            event=self.hook.event,
            hook=self.hook.name,
            wants=self.wants,
            services=sorted(self.watch.judge.seen),
            waited_for=self.waited_for,
            result=result,
            seconds=seconds,
            started=round(self.began, 3),
        )


class _StoppedError(Exception):
    """A signal came."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _logs(service: str) -> str:
    return f"docker compose logs {service}" if service else "docker compose ps -a"
