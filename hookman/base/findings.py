"""What `hookman test` and `hookman doctor` find out about each part that they look at."""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.base.records import record

OK = "ok"
NOTE = "note"
BAD = "bad"


@record
class Finding:
    """The state of one part (a hook, a file, the shim): OK, NOTE or BAD.

    NOTE is worth knowing and may be meant so. With BAD something does not work.
    """

    state: str
    part: str  # "" if the problem names it itself
    found: str = ""  # what it is, if it is OK
    problem: Problem | None = None  # what is wrong, if it is not


def ok(part: str, found: str) -> Finding:
    """The finding for a part that works."""
    return Finding(state=OK, part=part, found=found)


def note(part: str, what: str, fix: str = "") -> Finding:
    """The finding for something that the user should know, and may want."""
    return Finding(state=NOTE, part=part, problem=Problem(what=what, fix=fix))


def bad(part: str, what: str, fix: str = "") -> Finding:
    """The finding for something that is wrong."""
    return Finding(state=BAD, part=part, problem=Problem(what=what, fix=fix))
