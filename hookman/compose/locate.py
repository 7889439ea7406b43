"""Finds the real Compose: where Docker and shells look for it.

Source: docker/cli, cli-plugins/manager/manager.go (getPluginDirs): `cliPluginsExtraDirs` of
config.json, the configuration's own cli-plugins, then the system's; the first path that
exists wins, and a dangling link does not exist (docs/design/traps.md A1, A3).
"""

from __future__ import annotations

import os

from hookman.base.paths import SYSTEM_DIR, plugin_dir, standalone_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMPOSE = "docker-compose"  # the name of the plugin's file and of the standalone command
SYSTEM_DIRS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
# `install --system` keeps here what was in the place of its shims. That is the real Compose from then on.
KEPT_PLUGIN_DIR = os.path.join(SYSTEM_DIR, "kept", "plugin")
KEPT_STANDALONE_DIR = os.path.join(SYSTEM_DIR, "kept", "standalone")
SYSTEM_SHIMS = tuple(os.path.join(place, COMPOSE) for place in (plugin_dir(SYSTEM_DIR), standalone_dir(SYSTEM_DIR)))
SHIM_MARK = b"# hookman-shim 6f1d4c82 "  # on the shim's second line, whatever its version


def docker_config_dir(environ: Mapping[str, str]) -> str:
    """The Docker CLI's configuration directory."""
    return environ.get("DOCKER_CONFIG") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".docker")


def is_shim(path: str) -> bool:
    """Is the file at `path` a shim of ours, of any version?"""
    try:
        with open(path, "rb") as file:
            return file.read(200).partition(b"\n")[2].startswith(SHIM_MARK)
    except OSError:
        return False


def find_plugin(extra_dirs: list[str], config_dir: str | None, system_dirs: Iterable[str] = ()) -> str | None:
    """The Compose that the Docker CLI would find without hookman; None if there is none.

    `config_dir` is the user's; with None only what all users have counts. `system_dirs` are directories in which
    this docker looks, beside SYSTEM_DIRS.
    """
    own = [os.path.join(config_dir, "cli-plugins")] if config_dir else []
    for directory in (*extra_dirs, *own, KEPT_PLUGIN_DIR, *system_dirs, *SYSTEM_DIRS):
        path = os.path.join(directory, COMPOSE)
        if os.path.exists(path) and not is_shim(path):
            return path
    return None


def find_standalone(search_path: str) -> str | None:
    """The `docker-compose` that shells would find without hookman on `search_path` (a PATH); None if there is none."""
    for directory in (KEPT_STANDALONE_DIR, *search_path.split(os.pathsep)):
        path = os.path.join(directory, COMPOSE)
        if os.path.isfile(path) and os.access(path, os.X_OK) and not is_shim(path):
            return path
    return None
