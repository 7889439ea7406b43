"""Where the locks of a project are: one for each engine, because a project on two engines is two projects."""

from __future__ import annotations

import os

from hookman.base.lean import keyed_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.compose.endpoint import Endpoint

ENGINES = "engines"  # the folder in a project's data directory with a directory for each engine but this machine's own


def lock_directory(directory: str, engine: Endpoint) -> str:
    """Where the lock of the project whose data is in `directory` is, for that engine.

    Two contexts with one address are one engine. The address is not shown: it may have a password in it.
    """
    if engine.is_default:
        return directory
    return os.path.join(directory, ENGINES, keyed_digest(os.fsencode(engine.host), b"engine"))


def lock_directories(directory: str) -> list[str]:
    """Where locks of the project whose data is in `directory` may be: of this machine's own engine, and of others."""
    folder = os.path.join(directory, ENGINES)
    try:
        return [directory, *(os.path.join(folder, name) for name in sorted(os.listdir(folder)))]
    except OSError:
        return [directory]


def projects_folder(lock_directory: str) -> str:
    """Where the data of all projects is; `lock_directory` is where a lock of one of them is."""
    above = os.path.dirname(lock_directory)
    return os.path.dirname(os.path.dirname(above)) if os.path.basename(above) == ENGINES else above
