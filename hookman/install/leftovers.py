"""What `hookman uninstall` leaves: what you enabled, the log, settings, completions. --purge removes it."""

from __future__ import annotations

import glob
import os
import shutil

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.records import record
from hookman.compose import engine_id
from hookman.export import spool
from hookman.install import completions
from hookman.lock.local import ProjectLock
from hookman.lock.places import lock_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Files of ours in the data directory that say nothing to a user. HOOKMAN_DATA_DIR may be shared with others' files.
SMALL = ("key", "starts", "starts.*", "install.lock", "docker-config-*.json", "docker-compose.kept*", engine_id.FOLDER)


@record
class Leftover:
    """Something that stays."""

    what: str
    path: str
    size: int  # in bytes


def leftovers(environ: Mapping[str, str]) -> list[Leftover]:
    """What this user has, besides the shim."""
    data = paths.data_dir(environ)
    consent, log, reports = (os.path.join(data, name) for name in ("enabled", "projects", "reports"))
    marks = sum(paths.ENABLED_MARK in names for _, _, names in os.walk(consent))
    found = [
        *_one(f"consent: {_count(marks, 'directory', 'directories')} that you enabled", consent),
        *_one(f"log of {_count(len(_names(log)), 'project', 'projects')}", log),
        *_one("notes of what ran for volumes (once)", paths.volume_notes_dir(data)),
        *_one("runs that wait to be sent, and what servers said", os.path.join(data, spool.FOLDER)),
        *_one("reports of internal errors", reports),
        *_one("your own settings", paths.config_file(environ)),
    ]
    for shell, path in completions.installed(environ).items():
        found += _one(f"completion for {shell}", path)
    return found


def purge(environ: Mapping[str, str]) -> None:
    """Remove all of it, and what we keep beside it. Raises HookmanError."""
    data = paths.data_dir(environ)
    must_be_idle(data)
    small = [path for name in SMALL for path in glob.glob(os.path.join(glob.escape(data), name))]
    try:
        for path in [*(leftover.path for leftover in leftovers(environ)), *small]:
            _remove(path)
        for directory in (os.path.dirname(paths.config_file(environ)), data):
            if os.path.isdir(directory) and not os.path.islink(directory) and not os.listdir(directory):
                os.rmdir(directory)
    except OSError as error:
        raise HookmanError(f"can't remove {error.filename}: {error.strerror}", "remove it by hand") from error


def must_be_idle(data: str) -> None:
    """Raise HookmanError if an operation is under way: its lock and its log are among what would be removed."""
    folder = os.path.join(data, "projects")
    for name in _names(folder):
        locks = map(ProjectLock, lock_directories(os.path.join(folder, name)))
        if holder := next(filter(None, (lock.holder_now() for lock in locks)), None):
            raise HookmanError(f"{holder.shown()} is running, so nothing was removed", "try again when it has ended")


def _one(what: str, path: str) -> Iterator[Leftover]:
    if os.path.lexists(path):
        yield Leftover(what=what, path=path, size=_size(path))


def _size(path: str) -> int:
    if os.path.islink(path) or not os.path.isdir(path):
        return os.lstat(path).st_size
    files = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(os.lstat(file).st_size for file in files if os.path.lexists(file))


def _remove(path: str) -> None:
    """Remove a file, a link (not what it leads to), or a directory with all that is in it."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
