"""Errors: hookman can't find out whether a hook with `once` or `sources` has run already."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.base.errors import Problem


class NoVolumeError(Exception):
    """The project has no such volume on the engine; `problem` says which it has."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class UnknownError(OSError):
    """The engine does not say what the hook is bound to."""
