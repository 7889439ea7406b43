"""Who runs a command, and on which machine."""

from __future__ import annotations

import os
import pwd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CALLERS = ("SUDO_USER", "DOAS_USER")  # where programs that change the user name who called them


def user() -> str:
    """The login name of the user whom this process belongs to; the number, where that has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def caller(environ: Mapping[str, str]) -> str:
    """Who called sudo or doas to become this user; "" if nobody did."""
    return next((name for key in CALLERS if (name := environ.get(key, ""))), "")


def host() -> str:
    """The name of this machine."""
    return os.uname().nodename
