"""A project's own directory for the lock and the log."""

from __future__ import annotations

from hookman.base import paths
from hookman.base.errors import Problem
from hookman.base.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.compose.project import Project


def data_directory(data: str, project: Project) -> str:
    """Where the lock and the log of a project are; "" if that can't be created, and the user is told why."""
    directory = paths.project_data_dir(data, project.real)
    try:
        paths.make_private_dir(directory)
    except OSError as error:
        what = (
            f"{directory} can't be created ({error.strerror}), so there is no log, and no lock that keeps other "
            "operations waiting"
        )
        say(Problem(what=what, where=directory, fix="make it writable, or set HOOKMAN_DATA_DIR").line)
        return ""
    return directory
