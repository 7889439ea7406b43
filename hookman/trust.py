"""Who may write to what we run: a hook that others can change is not run, as ssh and git do it.

Group-writable files are common (umask 002) and count as the user's own; `hookman doctor`
mentions them.
"""

from __future__ import annotations

import os
import stat

from hookman.hooks.scripts import shell_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def distrust(paths: Iterable[str], environ: Mapping[str, str]) -> tuple[str, str]:
    """The first of `paths` that somebody else may change: what is wrong, and the mend; "" twice if none.

    Trusted are this user, root, and under sudo the user who called it. What does not exist
    or can't be looked at is nobody's worry here.
    """
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        if status.st_uid not in _trusted(environ):
            return (
                f"{path} belongs to another user (number {status.st_uid})",
                f"sudo chown {os.geteuid()} {shell_quoted(path)}",
            )
        if status.st_mode & stat.S_IWOTH:
            return f"any user of this machine may write to {path}", f"chmod o-w {shell_quoted(path)}"
    return "", ""


def open_to_group(path: str) -> bool:
    """May other members of its group write to `path`?"""
    try:
        return bool(os.stat(path).st_mode & stat.S_IWGRP)
    except OSError:
        return False


def _trusted(environ: Mapping[str, str]) -> tuple[int, ...]:
    caller = environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isdecimal():
        return (0, int(caller))
    return (os.geteuid(), 0)
