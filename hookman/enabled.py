"""Consent: which projects on this machine may run their hooks.

The directories that are enabled are mirrored below <data>/enabled: a mark at
<data>/enabled/home/me/shop says that /home/me/shop is. So the question costs one look at
one file however many projects there are, the shim can ask it without starting a program,
and consent is by whole path components with links resolved: `shop-evil` is not `shop`.
"""

from __future__ import annotations

import os
import time

from hookman.errors import HookmanError
from hookman.paths import enabled_mark, make_private_dir

PROJECT = "project"
ROOT = "root"
# What makes a directory a root for those who come from Kompose, besides having been enabled as one.
ROOT_SCRIPT = "kompose.sh"


def enable(data: str, directory: str, kind: str) -> bool:
    """Let the hooks of `directory` (a real path) run; False if they already may.

    `kind` is PROJECT or ROOT; a root enables the stacks directly below it. Raises HookmanError.
    """
    if is_marked(data, directory, kind):
        return False
    mark = enabled_mark(data, directory)
    try:
        stat = os.stat(directory)
        make_private_dir(os.path.dirname(mark))
        fresh = f"{mark}.{os.getpid()}"
        with open(fresh, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(f"kind={kind}\ndevice={stat.st_dev}\ninode={stat.st_ino}\nsince={int(time.time())}\n")
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
    return os.path.exists(enabled_mark(data, directory)) or is_marked(data, os.path.dirname(directory), ROOT)


def is_marked(data: str, directory: str, kind: str) -> bool:
    """Is `directory` itself enabled as a `kind`?"""
    try:
        with open(enabled_mark(data, directory), encoding="utf-8") as file:
            return file.readline() == f"kind={kind}\n"
    except OSError:
        return False


def root_of(data: str, directory: str) -> str | None:
    """The root that the stack in `directory` belongs to, or None: the directory above it, if that is one."""
    parent = os.path.dirname(directory)
    if os.path.exists(os.path.join(parent, ROOT_SCRIPT)) or is_marked(data, parent, ROOT):
        return parent
    return None
