"""What this Docker CLI says of its plugins: when it was built it was decided where it finds them.

Nix, snap and packages with a prefix of their own have other directories than those of `locate.SYSTEM_DIRS`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

from hookman.compose import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PATIENCE = 10  # seconds that docker may take


class DockersPlugins:
    """What this docker says of its Compose plugin. It is asked once, when somebody wants to know."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._compose: dict[str, Any] | None = None

    def compose(self) -> dict[str, Any]:
        """What `docker info` says of its Compose plugin; nothing where it can't say it."""
        if self._compose is None:
            self._compose = _ask(self._environ)
        return self._compose

    def system_dirs(self, known: list[str]) -> list[str]:
        """Where docker finds a Compose beside the directories that are `known` and those of ours, in its order."""
        plugin = self.compose()
        paths = [plugin.get("Path"), *(plugin.get("ShadowedPaths") or [])]
        found = []
        for path in paths:
            directory = os.path.dirname(path) if isinstance(path, str) else ""
            if (
                os.path.isabs(directory)
                and directory not in (*known, *locate.SYSTEM_DIRS)
                and not locate.is_shim(str(path))
            ):
                found.append(directory)
        return found


def _ask(environ: Mapping[str, str]) -> dict[str, Any]:
    """Ask `docker info`. That needs no engine, so none is asked."""
    docker = shutil.which("docker", path=environ.get("PATH"))
    if docker is None:
        return {}
    aside = {name: value for name, value in environ.items() if name != "DOCKER_CONTEXT"}
    aside["DOCKER_HOST"] = f"unix://{os.devnull}"
    argv = [docker, "info", "--format", "{{json .ClientInfo.Plugins}}"]
    try:
        done = subprocess.run(
            argv, env=aside, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
        plugins = json.loads(done.stdout.splitlines()[-1]) or []
        return next((plugin for plugin in plugins if plugin.get("Name") == "compose"), {})
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError, AttributeError, TypeError):
        return {}
