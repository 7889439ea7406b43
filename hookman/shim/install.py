"""Putting the shim in front of `docker compose`, and taking it away again (DESIGN 1.4)."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from filelock import FileLock

from hookman import paths
from hookman.compose import commandline, project
from hookman.errors import HookmanError
from hookman.record import record
from hookman.resources import template
from hookman.shim import entry, real
from hookman.shim.dockerconfig import DockerConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@record
class Installed:
    """What `install` found and did."""

    shim: str
    real: str
    config: str  # Docker's config.json
    changed: bool


def install(environ: Mapping[str, str]) -> Installed:
    """Write the shim and put its directory first in Docker's config.json; twice changes nothing.

    Raises HookmanError, and then nothing is half-done: the shim counts only once
    config.json names it.
    """
    with _alone(environ) as data:
        return _install(environ, data)


def uninstall(environ: Mapping[str, str]) -> bool:
    """Take the shim away; False if it was not there. What was enabled stays enabled.

    Raises HookmanError.
    """
    with _alone(environ) as data:
        config = docker_config(environ)
        own_dir = paths.plugin_dir(data)
        taken_out = config.take_out(own_dir)
        shim = os.path.join(own_dir, real.PLUGIN)
        removed = real.is_shim(shim)
        if removed:
            os.unlink(shim)
            os.rmdir(own_dir)
        return taken_out or removed


@contextmanager
def _alone(environ: Mapping[str, str]) -> Iterator[str]:
    """The data directory, with no other install at work on it."""
    data = paths.data_dir(environ)
    try:
        paths.make_private_dir(data)
        lock = FileLock(os.path.join(data, "install.lock"), mode=0o600)
        lock.acquire()
    except OSError as error:
        raise HookmanError(
            f"can't write to {data}: {error.strerror}", "Make the directory writable, or set HOOKMAN_DATA_DIR."
        ) from error
    try:
        yield data
    finally:
        lock.release()


def docker_config(environ: Mapping[str, str]) -> DockerConfig:
    """The Docker CLI's config.json, with where its bytes from before our change are kept."""
    from hashlib import sha256

    config_dir = real.docker_config_dir(environ)
    name = f"docker-config-{sha256(os.fsencode(config_dir)).hexdigest()[:12]}.json"
    return DockerConfig(config_dir, os.path.join(paths.data_dir(environ), name))


def _install(environ: Mapping[str, str], data: str) -> Installed:
    config, config_dir = docker_config(environ), real.docker_config_dir(environ)
    own_dir = paths.plugin_dir(data)
    extra = [one for one in config.extra_dirs() if one != own_dir and not real.is_shim(os.path.join(one, real.PLUGIN))]
    compose = real.find_real(extra, config_dir)
    if compose is None:
        raise HookmanError(
            "there is no Docker Compose here for hookman to stand in front of",
            "Install it first: https://docs.docker.com/compose/install/linux/",
        )
    shim = os.path.join(own_dir, real.PLUGIN)
    wrote = _write_shim(shim, _shim_text(environ, shim, extra, config_dir))
    changed = config.put_first(own_dir)
    return Installed(shim=shim, real=compose, config=config.path, changed=wrote or changed)


def _shim_text(environ: Mapping[str, str], shim: str, extra: list[str], config_dir: str) -> str:
    import shlex

    def words(values: list[str]) -> str:
        return " ".join(map(shlex.quote, values))

    own_data = environ.get("HOOKMAN_DATA_DIR")
    if own_data:
        data = shlex.quote(paths.data_dir(environ))
    elif sys.platform == "linux":
        data = "${XDG_DATA_HOME:-$HOME/.local/share}/hookman"
    else:
        data = shlex.quote(paths.data_dir(environ))
    values = {
        "PYTHON": shlex.quote(sys.executable),
        "ENTRY": shlex.quote(os.path.abspath(entry.__file__)),
        "OWN": shlex.quote(shim),
        "DATA": data,
        "EXTRA": words(extra),
        "CONFIG": words([os.path.join(os.path.abspath(config_dir), "cli-plugins")]),
        "SYSTEM": words(list(real.SYSTEM_DIRS)),
        "OPERATIONS": " | ".join(commandline.OPERATIONS),
        "FILES": words(list(project.FILE_NAMES)),
        "MARK": paths.ENABLED_MARK,
    }
    text = template("shim.sh")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _write_shim(path: str, text: str) -> bool:
    """Write the shim in one step; False if it is there already. A file that is not ours is kept aside."""
    data = os.fsencode(text)
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return False
    except OSError:
        pass
    try:
        paths.make_private_dir(os.path.dirname(path))
        if os.path.lexists(path) and not real.is_shim(path):
            # Not beside it: docker takes whatever lies there for a plugin.
            os.replace(path, os.path.join(os.path.dirname(os.path.dirname(path)), "docker-compose.kept"))
        fresh = os.path.join(os.path.dirname(os.path.dirname(path)), f"shim.{os.getpid()}")
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, 0o755)) as file:
            file.write(data)
        os.chmod(fresh, 0o755)
        os.replace(fresh, path)
    except OSError as error:
        raise HookmanError(
            f"can't write the shim {path}: {error.strerror}", "Make the directory writable, or set HOOKMAN_DATA_DIR."
        ) from error
    return True
