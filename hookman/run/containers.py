"""A hook in containers of its service: finds them, runs the hook there, and ends what is left of it."""

from __future__ import annotations

import os
import time

from hookman.base.errors import EXIT_FAILED, Problem
from hookman.base.lean import signal
from hookman.base.messages import say
from hookman.base.quoting import shell_quoted
from hookman.base.records import replaced
from hookman.hooks.container_kind import NotInContainerError, mode, why_not_executed
from hookman.settings.of_containers import RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookman.compose.engine_api import Connection
    from hookman.lock.local import ProjectLock
    from hookman.run.container_guard import ContainerGuard
    from hookman.run.container_launch import Context, Launch
    from hookman.run.event_loop import Steps, Wakeup
    from hookman.run.hook_process import ProcessEnd

    Start = Callable[[list[str], dict[str, str], float, ContainerGuard], Steps[ProcessEnd]]

TAIL = 1000  # bytes
KILLED = 137  # the exit code of what ran in a container that was killed
LOOKS = 5
# What Compose says of a service that there is not. (The second, where the hook's variables name it.)
NO_SERVICE = (b"no such service", b"neither an image nor a build context")


class InContainers:
    """A hook in each of its containers, one after the other.

    `file` is free for what it needs. `lock` is held until nothing of it runs. Raises NotInContainerError.
    """

    def __init__(self, context: Context, file: str, lock: ProjectLock | None, wakeup: Wakeup) -> None:
        self._context = context
        self._hook = context.hook
        self._lock = lock
        self._wakeup = wakeup
        self._engine: Connection | None = None
        self.problem: Problem | None = None  # if more is known than how it ended
        self._said = b""  # the last of what docker and the hook printed
        self._launches = self._found(file)

    @property
    def facts(self) -> dict[str, str]:
        """Where it runs, for the log."""
        names = ", ".join(launch.container for launch in self._launches)
        found = {"service": self._hook.keys["service"], "container": names, "image": self._launches[0].image}
        return {key: value for key, value in found.items() if value}

    def run(self, timeout: float, grace: float, start: Start, show: Callable[[bytes, int], None]) -> Steps[ProcessEnd]:
        """Run it in each container; the first failure ends that. The `timeout` is for all. Yields what it waits for."""
        end = time.monotonic() + timeout
        seconds = 0.0
        try:
            for launch in self._launches:
                if len(self._launches) > 1:
                    show(f"{launch.container}:\n".encode(), 2)
                left = max(end - time.monotonic(), 0.1) if timeout else 0.0
                ended = yield from self._one(launch, left, grace, start)
                seconds += ended.seconds
                if ended.result != "ok":
                    break
        finally:
            if self._engine:
                self._engine.close()
        return replaced(ended, seconds=seconds)

    def _one(self, launch: Launch, timeout: float, grace: float, start: Start) -> Steps[ProcessEnd]:
        guard = launch.guard
        guard.begin(grace, self._lock.descriptor if self._lock else -1)
        try:
            ended = yield from start(launch.argv, launch.environ, timeout, guard)
            if ended.result == "ok" and launch.check and launch.check.still_runs():
                ended = replaced(ended, exit_code=EXIT_FAILED)
                self.problem = Problem(what="docker exec was stopped before the hook ended", where=self._hook.place)
                guard.stop(signal.SIGTERM, grace)
                while not guard.stopped():
                    yield self._wakeup, 0.02
        finally:
            guard.end()
            if launch.file:
                os.unlink(launch.file)
        if guard.may_live:
            self._tell_what_may_live(launch)
        if ended.result == "failed":
            self.problem = self.problem or (yield from self._problem_of(ended, launch))
        return ended

    def printed(self, data: bytes) -> None:
        """Take what the hook printed: docker itself may say on stdout, too, that it could not start something."""
        self._said = (self._said + data)[-TAIL:]

    def _found(self, file: str) -> list[Launch]:
        """What starts it. Raises NotInContainerError."""
        try:
            if mode(self._hook) == RUN:
                from hookman.run.container_run import launch

                return [launch(self._context, file)]
            from hookman.run.container_exec import launches

            found, self._engine = launches(self._context)
            return found
        except NotInContainerError as error:
            problem = None if error.known else self._no_such_service()
            raise NotInContainerError(problem or error.problem) from error

    def _problem_of(self, ended: ProcessEnd, launch: Launch) -> Steps[Problem | None]:
        """What is known of its failure, beside its exit code and what it printed."""
        if check := launch.check:
            changed = check.problem(self._hook.place)
            looks = LOOKS if ended.exit_code == KILLED else 0
            while not changed and looks:  # the engine knows of the process before it knows of the container
                yield self._wakeup, 0.1
                changed, looks = check.problem(self._hook.place), looks - 1
            return changed or why_not_executed(self._hook, ended.exit_code, self._said)
        no_service = any(sign in self._said for sign in NO_SERVICE)
        return (no_service and self._no_such_service()) or why_not_executed(self._hook, ended.exit_code, self._said)

    def _no_such_service(self) -> Problem | None:
        """The problem of a hook whose service the project does not have; None if it has it, or nobody can tell."""
        from hookman.hooks.wrong_conditions import place_of
        from hookman.run.conditions import services_of

        service, op = self._hook.keys["service"], self._context.op
        known = services_of(op, self._context.clients())
        if not known or service in known:
            return None
        from hookman.compose.services import fix_of_wrong_service

        place = place_of(self._hook, op.scope.settings.tables, "service") or self._hook.place
        fix = fix_of_wrong_service(service, known)
        return Problem(what=f"{place}: there is no service {service}", where=place, fix=fix)

    def _tell_what_may_live(self, launch: Launch) -> None:
        place = launch.container or f"a new container of {self._hook.keys['service']}"
        what = f"what {self._hook.name} started in {place} may still run: it could not be ended"
        fix = f"docker restart {shell_quoted(place)}" if launch.container else "docker ps"
        self.problem = Problem(what=what, where=self._hook.place, fix=fix)
        say(self.problem.line)
