"""Asking the real Compose how it resolves a project, where an own reading can't be sure.

It costs 50 ms, so the sure cases do without; and never with a compose file or an env file that is
a pipe or stdin, which can be read only once, by the command itself (docs/design/traps.md C9).
"""

from __future__ import annotations

import json
import os

from hookman.base.spawn import NULL, spawn
from hookman.compose.launch import PLUGIN_SOCKET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project


class ComposeConfig:
    """`config --format json` for the project of `invocation`: asked at once, answered later."""

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
        if all_profiles:  # a service that is named is started also where its profile is not active
            before = [*before, "--profile", "*"]
        # Docker before 26.1 knows one client on its plugin's socket, and that is the command itself.
        own = {name: value for name, value in environ.items() if name != PLUGIN_SOCKET}
        argv = [compose, *before, "config", "--format", "json"]
        self._pid = spawn(compose, argv, own, {0: NULL, 1: theirs, 2: NULL})
        os.close(theirs)

    def answer(self) -> dict[str, Any] | None:
        """What Compose says; None if it could not be asked, or finds something wrong."""
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
