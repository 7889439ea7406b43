"""What tells one data directory from another, without its path."""

from __future__ import annotations

import os

from hookman.base.lean import keyed_digest


def data_identity(data: str) -> str:
    """A digest of the data directory `data` on this machine."""
    return keyed_digest(os.fsencode(os.path.realpath(data)), os.uname().nodename.encode()[:64])
