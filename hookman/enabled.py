"""Consent: which projects on this machine may run their hooks.

The directories that are enabled are mirrored below <data>/enabled: a mark at
<data>/enabled/home/me/shop says that /home/me/shop is. So the question costs one look at
one file however many projects there are, the shim can ask it without starting a program,
and consent is by whole path components with links resolved: `shop-evil` is not `shop`. A mark also says
which directory it means (device and inode), so that another one moved to its path is not enabled.
"""

from __future__ import annotations

import os
import time

from hookman.errors import HookmanError
from hookman.paths import enabled_mark, make_private_dir
from hookman.trust import distrust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = "project"
ROOT = "root"
# What makes a directory a root for those who come from Kompose, besides having been enabled as one.
ROOT_SCRIPT = "kompose.sh"
# The root that `hookman run` was told, for what it starts.
ROOT_VARIABLE = "HOOKMAN_ROOT"


def enable(data: str, directory: str, kind: str) -> bool:
    """Let the hooks of `directory` (a real path) run; False if they already may.

    `kind` is PROJECT or ROOT; a root enables the stacks directly below it. Raises HookmanError.
    """
    if is_marked(data, directory, kind):
        return False
    mark = enabled_mark(data, directory)
    try:
        identity = _identity(directory)
        make_private_dir(os.path.dirname(mark))
        fresh = f"{mark}.{os.getpid()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(fresh, "w", encoding="utf-8", opener=lambda path, _: os.open(path, flags, 0o600)) as file:
            file.write(f"kind={kind}\n{identity}since={int(time.time())}\n")
        os.replace(fresh, mark)
    except OSError as error:
        raise HookmanError(
            f"can't write {mark}: {error.strerror}", "Make the directory writable, or set HOOKMAN_DATA_DIR."
        ) from error
    return True


def disable(data: str, directory: str) -> bool:
    """Take the consent for `directory` (a real path) back; False if there was none. Raises HookmanError."""
    mark = enabled_mark(data, directory)
    try:
        os.unlink(mark)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise HookmanError(f"can't remove {mark}: {error.strerror}", "Remove it by hand.") from error
    base = os.path.join(data, "enabled")
    folder = os.path.dirname(mark)
    while folder != base:
        try:
            os.rmdir(folder)
        except OSError:
            break
        folder = os.path.dirname(folder)
    return True


def is_enabled(data: str, directory: str) -> bool:
    """May the hooks of the project in `directory` (a real path) run: by itself or as a stack of a root?"""
    return any(is_marked(data, directory, kind) for kind in (PROJECT, ROOT)) or is_marked(
        data, os.path.dirname(directory), ROOT
    )


def was_replaced(data: str, directory: str) -> bool:
    """Was another directory enabled that lay at this path, or at its root's, before?"""
    return any(_mark(data, path) and not is_enabled(data, path) for path in (directory, os.path.dirname(directory)))


def root_of(data: str, directory: str, environ: Mapping[str, str]) -> str | None:
    """The root that the stack in `directory` belongs to, or None: the directory above it, if that is one.

    One that others may change is none: its .env and settings would count.
    """
    parent = os.path.dirname(directory)
    if is_marked(data, parent, ROOT) or (parent and environ.get(ROOT_VARIABLE) == parent):
        return parent
    script = os.path.join(parent, ROOT_SCRIPT)
    return parent if os.path.exists(script) and not any(distrust((parent, script), environ)) else None


def is_marked(data: str, directory: str, kind: str) -> bool:
    """Is the directory that lies at the path now enabled itself, as a `kind`?"""
    mark = _mark(data, directory)
    if not mark.startswith(f"kind={kind}\n"):
        return False
    try:
        return _identity(directory) in mark
    except OSError:
        return False


def _mark(data: str, directory: str) -> str:
    """The text of the mark of `directory`; "" where there is none of this user's own."""
    try:
        file = os.open(enabled_mark(data, directory), os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return ""
    try:
        return os.read(file, 500).decode() if os.fstat(file).st_uid == os.geteuid() else ""
    finally:
        os.close(file)


def _identity(directory: str) -> str:
    """The lines of a mark that say which directory it means. Raises OSError.

    A device without a major number (btrfs, NFS, overlay) gets another one at the next mount:
    there the inode alone must do.
    """
    status = os.stat(directory)
    device = status.st_dev if os.major(status.st_dev) else 0
    return f"device={device}\ninode={status.st_ino}\n"
