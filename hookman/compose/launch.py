"""Running the real Compose: in our place, or as a child that we wait for."""

from __future__ import annotations

import os
import sys

from hookman.base.lean import set_death_signal, signal
from hookman.base.system import PORTABLE

# Docker's own, for its plugin alone (C106): with the first, `docker-compose` in a hook takes
# itself for a plugin; with the second, a nested call stops when the outer one ends.
PLUGIN_COMMAND = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"
PLUGIN_SOCKET = "DOCKER_CLI_PLUGIN_SOCKET"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from hookman.base.signals import Signals


def replace(compose: str, argv: list[str], environ: Mapping[str, str]) -> NoReturn:
    """Become the real Compose: nothing of ours is left in its way. Raises OSError."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
    os.execve(compose, [compose, *argv], environ)


class Child:
    """A Compose that runs; `pid` is its process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def ended(self, *, wait: bool = False) -> int | None:
        """Its exit code, -N if signal N killed it; None while it runs (never, if we `wait`)."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


def start(compose: str, argv: list[str], environ: Mapping[str, str]) -> Child:
    """Start the real Compose.

    It stays in our process group with our descriptors, so that the terminal, Ctrl-C and
    Docker's own socket reach it as they would without us (docs/design/traps.md D3). It is killed when we are killed.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(compose, argv, environ, parent)
    return Child(pid)


def run(compose: str, argv: list[str], environ: Mapping[str, str], signals: Signals) -> int:
    """Run the real Compose and return its exit code, -N if signal N killed it.

    A signal meanwhile is only noted and forgotten, for Compose got it as well.
    """
    child = start(compose, argv, environ)
    signals.command = child.pid
    code = child.ended(wait=True)
    signals.command = 0
    signals.clear()
    return 1 if code is None else code


def _become(compose: str, argv: list[str], environ: Mapping[str, str], parent: int) -> NoReturn:
    """In the child: turn into Compose, bound to die when `parent` is killed."""
    try:
        if sys.platform == "linux" and not PORTABLE:  # elsewhere Docker's socket ends it
            set_death_signal(signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(137)
        replace(compose, argv, environ)
    except OSError as error:
        os.write(2, f"hookman: can't start {compose}: {error.strerror}\n".encode("utf-8", "surrogateescape"))
        os._exit(126)
