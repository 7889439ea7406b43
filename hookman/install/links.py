"""A shim's link in a directory that others fill too. What was there before is not lost."""

from __future__ import annotations

import os
import shutil

from hookman.base.files import replace_link
from hookman.install.script import make_public_dir, set_aside


def put_link(link: str, target: str, kept: str | None) -> bool:
    """Make `link` point to `target` in one step; False if it does already.

    What was at `link` is kept at `kept`; if that is None, `link` must not exist. Raises OSError.
    """
    if is_link_to(link, target):
        return False
    make_public_dir(os.path.dirname(link))
    if os.path.lexists(link):
        if kept is None:
            raise FileExistsError(17, "File exists", link)
        make_public_dir(os.path.dirname(kept))
        set_aside(kept)
        _keep(link, kept)
    replace_link(link, target)
    return True


def take_link(link: str, target: str, kept: str | None) -> bool:
    """Undo `put_link`: what was kept is at `link` again. False if the link is not ours. Raises OSError."""
    if not is_link_to(link, target):
        return False
    if kept is None or not os.path.lexists(kept):
        os.unlink(link)
    elif os.path.islink(kept):
        replace_link(link, _moved_target(kept, link))
        os.unlink(kept)
    else:
        os.replace(kept, link)
    return True


def is_link_to(link: str, target: str) -> bool:
    """Is `link` a link that says `target`?"""
    return os.path.islink(link) and os.readlink(link) == target


def _keep(path: str, kept: str) -> None:
    """Put what is at `path` at `kept` as well, so that it is never missing."""
    if os.path.islink(path):
        os.symlink(_moved_target(path, kept), kept)
        return
    try:
        os.link(path, kept)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(path, kept)


def _moved_target(link: str, place: str) -> str:
    """What the link `link` must say when it is at `place`."""
    target = os.readlink(link)
    if os.path.isabs(target):
        return target
    complete = os.path.normpath(os.path.join(os.path.dirname(link), target))
    return os.path.relpath(complete, os.path.dirname(place))
