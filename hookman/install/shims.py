"""Putting the shim in front of `docker compose`, and taking it away again (DESIGN 1.4).

For one user, the plugin's shim is in the data directory, and Docker's config.json names it
first. For all users there is no such file: there the shim is linked into the first directory
that Docker searches by itself, and what was in its place is kept and is the real Compose.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager

from filelock import FileLock

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.files import remove_incomplete
from hookman.base.records import record
from hookman.compose import locate
from hookman.front import entry
from hookman.front.main import PLUGIN, STANDALONE
from hookman.install import bytecode, links, script
from hookman.install.docker_config import DockerConfig
from hookman.install.plugin_dirs import DockersPlugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where `install --system` puts its links. Docker searches the first of its directories first.
SYSTEM_PLUGIN_LINK = os.path.join(locate.SYSTEM_DIRS[0], locate.COMPOSE)
SYSTEM_STANDALONE_LINK = os.path.join("/usr/local/bin", locate.COMPOSE)


@record
class Installed:
    """One shim that `install` put, or found, in its place."""

    shim: str
    place: str  # what leads to it: Docker's config.json, or a link
    compose: str  # the real one, behind it
    changed: bool


def install(environ: Mapping[str, str], *, standalone: bool = False, system: bool = False) -> list[Installed]:
    """Put the shim in front of `docker compose`, and with `standalone` one before `docker-compose`.

    `system`: for all users. A second time changes nothing. Raises HookmanError, and then nothing is
    half-done: a shim counts only once config.json or a link leads to it.
    """
    if system:
        _must_be_readable_by_all()
    with _alone(environ, system=system) as home:
        _remove_incomplete(home)
        done = [_install_for_all(home) if system else _install_plugin(environ, home)]
        if standalone:
            done.append(_install_standalone(environ, home, system=system))
    bytecode.write_bytecode()
    return done


def uninstall(environ: Mapping[str, str], *, system: bool = False) -> bool:
    """Take this user's shims away, or those for all; False if there were none.

    What was enabled stays enabled. Raises HookmanError.
    """
    if system and not os.path.isdir(paths.SYSTEM_DIR):
        return False
    with _alone(environ, system=system) as home:
        plugin = os.path.join(paths.plugin_dir(home), locate.COMPOSE)
        standalone = os.path.join(paths.standalone_dir(home), locate.COMPOSE)
        _remove_incomplete(home)
        try:
            if system:
                found = links.take_link(
                    SYSTEM_PLUGIN_LINK, plugin, os.path.join(locate.KEPT_PLUGIN_DIR, locate.COMPOSE)
                )
            else:
                found = docker_config(environ).take_out(paths.plugin_dir(home))
            for link, kept in _standalone_links(environ, system=system):
                found = links.take_link(link, standalone, kept) or found
            for shim in (plugin, standalone):
                if locate.is_shim(shim):
                    os.unlink(shim)
                    os.rmdir(os.path.dirname(shim))
                    found = True
            if system:
                _remove_empty(home)
        except OSError as error:
            raise script.cant_write(error.filename or home, error) from error
    bytecode.remove_archive()
    return found


def _remove_incomplete(home: str) -> None:
    """Remove what an install that was killed left beside our shims. Raises HookmanError."""
    for folder in (paths.plugin_dir(home), paths.standalone_dir(home)):
        try:
            remove_incomplete(folder)
        except OSError as error:
            raise script.cant_write(error.filename or folder, error) from error


def docker_config(environ: Mapping[str, str]) -> DockerConfig:
    """The Docker CLI's config.json, with where its bytes from before our change are kept."""
    from hashlib import sha256

    config_dir = locate.docker_config_dir(environ)
    name = f"docker-config-{sha256(os.fsencode(config_dir)).hexdigest()[:12]}.json"
    return DockerConfig(config_dir, os.path.join(paths.data_dir(environ), name))


def real_compose(environ: Mapping[str, str]) -> str:
    """The Compose that this user's Docker starts without us. Raises HookmanError if there is none."""
    extra, config_dir = docker_config(environ).extra_dirs(), locate.docker_config_dir(environ)
    found = locate.find_plugin(extra, config_dir) or locate.find_plugin(
        extra, config_dir, _system_dirs(environ, extra, DockersPlugins(environ))
    )
    if found is None:
        raise HookmanError(
            "there is no Docker Compose here", "install it first: https://docs.docker.com/compose/install/linux/"
        )
    return found


def expected_plugin_shim(environ: Mapping[str, str], extra_dirs: list[str], plugins: DockersPlugins) -> str:
    """The text of this user's shim as `install` would write it now."""
    own_dir = paths.plugin_dir(paths.data_dir(environ))
    others, config_dir = _others(extra_dirs, own_dir), locate.docker_config_dir(environ)
    search = script.plugin_search(others, config_dir, _system_dirs(environ, extra_dirs, plugins))
    return script.shim_text(PLUGIN, os.path.join(own_dir, locate.COMPOSE), search, **script.user_words(environ))


def _system_dirs(environ: Mapping[str, str], extra_dirs: list[str], plugins: DockersPlugins) -> list[str]:
    """Where this docker finds a Compose, beside the directories that every docker has and those that users name."""
    user_dir = os.path.join(os.path.abspath(locate.docker_config_dir(environ)), "cli-plugins")
    return plugins.system_dirs([*extra_dirs, user_dir, os.path.dirname(SYSTEM_PLUGIN_LINK)])


@contextmanager
def _alone(environ: Mapping[str, str], *, system: bool) -> Iterator[str]:
    """The directory for our files, with no other install at work on it."""
    home = paths.SYSTEM_DIR if system else paths.data_dir(environ)
    try:
        (script.make_public_dir if system else paths.make_private_dir)(home)
        lock = FileLock(os.path.join(home, "install.lock"), mode=0o600)
        lock.acquire()
    except OSError as error:
        raise script.cant_write(home, error) from error
    try:
        yield home
    finally:
        lock.release()


def _install_plugin(environ: Mapping[str, str], data: str) -> Installed:
    config = docker_config(environ)
    own_dir = paths.plugin_dir(data)
    extra = config.extra_dirs()
    plugins = DockersPlugins(environ)
    compose = locate.find_plugin(
        _others(extra, own_dir), locate.docker_config_dir(environ), _system_dirs(environ, extra, plugins)
    )
    if compose is None:
        raise _nothing_to_stand_in_front_of()
    shim = os.path.join(own_dir, locate.COMPOSE)
    aside = os.path.join(data, f"{locate.COMPOSE}.kept")
    wrote = script.write_shim(shim, expected_plugin_shim(environ, extra, plugins), aside, paths.make_private_dir)
    changed = config.put_first(own_dir)
    return Installed(shim=shim, place=config.path, compose=compose, changed=wrote or changed)


def _install_for_all(home: str) -> Installed:
    shim = os.path.join(paths.plugin_dir(home), locate.COMPOSE)
    kept = os.path.join(locate.KEPT_PLUGIN_DIR, locate.COMPOSE)
    overwritten = os.path.exists(shim) and not locate.is_shim(shim)  # an upgrade of Compose, written through our link
    compose = shim if overwritten else locate.find_plugin([], None)
    if compose is None:
        raise _nothing_to_stand_in_front_of()
    text = script.shim_text(PLUGIN, shim, script.plugin_search([], None), **script.system_words())
    try:
        wrote = script.write_shim(shim, text, kept, script.make_public_dir)
        linked = links.put_link(SYSTEM_PLUGIN_LINK, shim, kept)
    except OSError as error:
        raise script.cant_write(SYSTEM_PLUGIN_LINK, error) from error
    return Installed(
        shim=shim, place=SYSTEM_PLUGIN_LINK, compose=locate.find_plugin([], None) or compose, changed=wrote or linked
    )


def _install_standalone(environ: Mapping[str, str], home: str, *, system: bool) -> Installed:
    search_path = environ.get("PATH", os.defpath)
    compose = locate.find_standalone(search_path)
    if compose is None:
        raise HookmanError(
            "there is no docker-compose command on your PATH",
            "hookman install (`docker compose` does not need --standalone)",
        )
    shim = os.path.join(paths.standalone_dir(home), locate.COMPOSE)
    link, kept = _standalone_place(environ, compose, shim, system=system)
    user = script.system_words() if system else script.user_words(environ)
    text = script.shim_text(STANDALONE, shim, script.standalone_search(), **user)
    aside = kept or os.path.join(home, f"{locate.COMPOSE}.kept")
    try:
        make_dir = script.make_public_dir if system else paths.make_private_dir
        wrote = script.write_shim(shim, text, aside, make_dir)
        linked = links.put_link(link, shim, kept)
    except OSError as error:
        raise script.cant_write(link, error) from error
    compose = locate.find_standalone(search_path) or compose
    return Installed(shim=shim, place=link, compose=compose, changed=wrote or linked)


def _standalone_place(environ: Mapping[str, str], compose: str, shim: str, *, system: bool) -> tuple[str, str | None]:
    """The link that shells find before `compose`, and where what is there now is kept. Raises HookmanError."""
    dirs = environ.get("PATH", os.defpath).split(os.pathsep)
    behind = dirs.index(os.path.dirname(compose)) if os.path.dirname(compose) in dirs else len(dirs)
    for link, kept in _standalone_links(environ, system=system):
        if os.path.dirname(link) in dirs[: behind + (kept is not None)] and (
            kept or not os.path.lexists(link) or links.is_link_to(link, shim)
        ):
            return link, kept
    places = " or ".join(os.path.dirname(link) for link, _ in _standalone_links(environ, system=system))
    raise HookmanError(
        f"your PATH has no directory for a docker-compose of hookman's before {compose}",
        f"put {places} before it on your PATH"
        + ("." if system else ", or: sudo hookman install --system --standalone"),
    )


def _standalone_links(environ: Mapping[str, str], *, system: bool) -> list[tuple[str, str | None]]:
    """Where the link to the standalone shim may be, best first, and where what was there is kept."""
    if system:
        return [(SYSTEM_STANDALONE_LINK, os.path.join(locate.KEPT_STANDALONE_DIR, locate.COMPOSE))]
    home = environ.get("HOME") or os.path.expanduser("~")
    dirs = [os.path.join(home, ".local/bin"), os.path.join(home, "bin")]
    if os.geteuid() == 0:
        dirs.append("/usr/local/sbin")
    return [(os.path.join(directory, locate.COMPOSE), None) for directory in dirs]


def _others(extra_dirs: list[str], own_dir: str) -> list[str]:
    """`extra_dirs` without ours, of this installation or another."""
    return [path for path in extra_dirs if path != own_dir and not locate.is_shim(os.path.join(path, locate.COMPOSE))]


def _must_be_readable_by_all() -> None:
    """Raises HookmanError if other users could not run this hookman."""
    for path in (sys.executable, os.path.realpath(sys.executable), os.path.abspath(entry.__file__)):
        place = path
        while place != "/":
            if not os.stat(place).st_mode & (stat.S_IXOTH if os.path.isdir(place) else stat.S_IROTH):
                raise HookmanError(
                    f"other users can't run this hookman: {place} is closed to them",
                    "install it where all can read it, such as: "
                    "sudo PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin pipx install hookman-compose",
                )
            place = os.path.dirname(place)


def _remove_empty(home: str) -> None:
    """Remove our own directories below `home`. What was kept and is still needed stays."""
    lock = os.path.join(home, "install.lock")
    if os.path.exists(lock):
        os.unlink(lock)
    for directory, _, _ in os.walk(home, topdown=False):
        if not os.listdir(directory):
            os.rmdir(directory)


def _nothing_to_stand_in_front_of() -> HookmanError:
    return HookmanError(
        "there is no Docker Compose here",
        "install it first: https://docs.docker.com/compose/install/linux/",
    )
