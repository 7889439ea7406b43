"""Ends what a hook runs in a container: at its limit, at a signal, and if hookman itself is killed.

A small sh (container_guard.sh) waits on a pipe that only hookman holds, as the guardian does for processes on the host.
"""

from __future__ import annotations

import os
import time

from hookman.base.lean import signal
from hookman.base.spawn import NULL, spawn
from hookman.run.guardian import LONGEST, PROC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = os.path.join(os.path.dirname(__file__), "container_guard.sh")
PATIENCE = 22.0  # seconds beyond the grace time; container_guard.sh gives up a moment earlier


class ContainerGuard:
    """Watches over one process of a hook in `container`; `docker` is the command that reaches the engine.

    Without a `container` the hook has one of its own. The client ends that, and what is left of it is removed.
    """

    def __init__(
        self,
        docker: list[str],
        environ: Mapping[str, str],
        *,
        token: str,
        container: str,
        user: str,
        helpers: list[str],
    ) -> None:
        self._docker = docker
        self._environ = {**environ, "HELPERS": " ".join(helpers)}
        self.only_removes = not container
        self._told = [token, container, user]
        self._pipe = -1
        self._pid = 0
        self._deadline = 0.0
        self._code: int | None = None

    def begin(self, grace: float, lock: int) -> None:
        """Watch from now on; `lock` is the descriptor of the project's lock, or -1. Raises OSError."""
        theirs, self._pipe = os.pipe()
        descriptors = {0: theirs, 1: NULL, 2: NULL, **({3: lock} if lock != -1 else {})}
        argv = ["sh", SCRIPT, *self._told, str(_tenths(grace)), PROC, *self._docker]
        try:
            self._pid = spawn("/bin/sh", argv, self._environ, descriptors, session=True)
        finally:
            os.close(theirs)

    def stop(self, number: int, grace: float) -> None:
        """End what runs in the container: signal `number`, and after `grace` seconds SIGKILL. Goes on at once."""
        if not self._deadline:
            self._deadline = time.monotonic() + grace + PATIENCE
            self._tell(f"stop {int(number)} {_tenths(grace)}")

    def stopped(self) -> bool:
        """Is it over, since it was told to stop? An engine that does not answer is not waited for without end."""
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > self._deadline:
                os.killpg(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                self._code = 1
        return self._code is not None

    @property
    def may_live(self) -> bool:
        """Was it told to stop, and is it not sure that nothing is left?"""
        return bool(self._deadline) and self._code != 0

    def end(self) -> None:
        """The hook has ended."""
        if self._pipe == -1:
            return
        if self._code is None and not self._deadline:
            self._tell("done")
        os.close(self._pipe)
        self._pipe = -1
        if self._code is None:
            os.kill(self._pid, signal.SIGCONT)  # somebody may have stopped it
            os.waitpid(self._pid, 0)

    def _tell(self, line: str) -> None:
        try:
            os.write(self._pipe, f"{line}\n".encode())
        except OSError:
            pass  # somebody killed it


def _tenths(seconds: float) -> int:
    return min(round(seconds * 10), LONGEST)
