"""What tells one directory of locks from another, without its path, and the volumes of one project from another's."""

from __future__ import annotations

import os

from hookman.base.lean import keyed_digest

PREFIX = "hookman-lock."
LONGEST_NAME = 180  # bytes of a project's name in a volume's: a file system takes 255 in all


def lock_identity(directory: str) -> str:
    """A digest of the directory of a project's lock on this machine."""
    return keyed_digest(os.fsencode(os.path.realpath(directory)), os.uname().nodename.encode()[:64])


def volume_prefix(project: str) -> str:
    """What the names of a project's volumes begin with."""
    if len(project) > LONGEST_NAME:
        import hashlib

        project = f"{project[: LONGEST_NAME - 33]}_{hashlib.sha256(project.encode()).hexdigest()[:32]}"
    return f"{PREFIX}{project}."
