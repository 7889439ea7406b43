"""What a system that has run out of something says: no fault of hookman's, nor of a hook."""

from __future__ import annotations

import errno

from hookman.base.errors import BrokenRunError, HookmanError, Problem

_FIXES = {
    errno.EMFILE: "allow more open files (ulimit -n), or close some",
    errno.ENFILE: "end programs on this machine that have many files open",
    errno.EAGAIN: "allow more processes (ulimit -u), or end some",
    errno.ENOMEM: "free memory, or allow more (ulimit -v)",
}


def shortage(error: OSError) -> Problem | None:
    """The problem, if the system refused something because there is no more of it."""
    fix = _FIXES.get(error.errno or 0)
    return Problem(what=f"the system refused it: {error.strerror}", fix=fix) if fix else None


def stopped_by(error: Exception) -> Exception:
    """What is raised for an unexpected error in a run: it is ours, unless the system has run out of something."""
    problem = shortage(error) if isinstance(error, OSError) else None
    return HookmanError.of(problem) if problem else BrokenRunError()
