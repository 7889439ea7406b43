"""Where the Docker CLI looks for its plugins, and so where the real Compose is.

Source: docker/cli, cli-plugins/manager/manager.go (getPluginDirs): `cliPluginsExtraDirs` of
config.json, the configuration's own cli-plugins, then the system's; the first path that
exists wins, and a dangling link does not exist (docs/design/traps.md A1, A3).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN = "docker-compose"
SYSTEM_DIRS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
SHIM_MARK = b"# hookman-shim 6f1d4c82 "  # on the shim's second line, whatever its version


def docker_config_dir(environ: Mapping[str, str]) -> str:
    """The Docker CLI's configuration directory."""
    return environ.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker")


def is_shim(path: str) -> bool:
    """Is the file at `path` a shim of ours, of any version?"""
    try:
        with open(path, "rb") as file:
            return file.read(200).partition(b"\n")[2].startswith(SHIM_MARK)
    except OSError:
        return False


def find_real(extra_dirs: list[str], config_dir: str) -> str | None:
    """The Compose that the Docker CLI finds without us; None if there is none."""
    for directory in (*extra_dirs, os.path.join(config_dir, "cli-plugins"), *SYSTEM_DIRS):
        path = os.path.join(directory, PLUGIN)
        if os.path.exists(path) and not is_shim(path):
            return path
    return None
