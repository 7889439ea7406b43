"""Asking the real Compose how it resolves a project, where hookman's own reading is not certain.

This takes 50 ms, so hookman asks only in these cases. It never asks if a compose file or an env file is a
pipe or stdin: that can be read only once, and the command itself needs it (docs/design/traps.md C9).
"""

from __future__ import annotations

import json
import os

from hookman.base.spawn import NULL, spawn
from hookman.compose.launch import PLUGIN_COMMAND, PLUGIN_SOCKET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project


class ComposeConfig:
    """`config --format json` for the project of `invocation`. It starts at once; `answer` waits for its end."""

    def __init__(
        self,
        compose: str,
        invocation: Invocation,
        environ: Mapping[str, str],
        project: Project,
        *,
        all_profiles: bool = False,
    ) -> None:
        self._pid = 0
        if not project.may_be_read:
            return
        self._out, theirs = os.pipe()
        before = invocation.argv[: len(invocation.argv) - len(invocation.args)]
        if all_profiles:  # a service that is named starts even if its profile is not active
            before = [*before, "--profile", "*"]
        own = beside(invocation, environ)
        argv = [compose, *before, "config", "--format", "json"]
        self._pid = spawn(compose, argv, own, {0: NULL, 1: theirs, 2: NULL})
        os.close(theirs)

    def answer(self) -> dict[str, Any] | None:
        """What Compose says; None if it could not be asked, or if it found something wrong."""
        if not self._pid:
            return None
        with os.fdopen(self._out, "rb") as shown:
            text = shown.read()
        os.waitpid(self._pid, 0)
        self._pid = 0
        try:
            config = json.loads(text)
        except ValueError:
            return None
        return config if isinstance(config, dict) else None


def beside(invocation: Invocation, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a second Compose, which hookman calls with the words of `invocation` before the command.

    Docker before 26.1 lets one client connect to its plugin's socket, and that must be the command itself. Without the
    other variable, Compose takes `compose` on its command line for a command.
    """
    own = {name: value for name, value in environ.items() if name != PLUGIN_SOCKET}
    if invocation.docker_flags or invocation.argv[:1] == ["compose"]:
        own.setdefault(PLUGIN_COMMAND, "docker")
    return own
