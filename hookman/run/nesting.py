"""Whose hooks are running further up: what a call inside a hook is told, and how that is checked (C75, C77).

And which project such a call is about: the hook's own, or another one, which must not get what is this one's.
"""

from __future__ import annotations

import os

from hookman.base import paths, process_identity
from hookman.base.flocks import Mark, is_locked
from hookman.compose import project
from hookman.compose.commandline import parse
from hookman.compose.declared import declared_name
from hookman.hooks import given
from hookman.hooks.environment import RUNNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

FOLDER = "events"  # in a project's data directory: a mark for each event whose hooks are running


class Event:
    """The hooks of one event of the project `real` (its real path), from `begin` to `end`.

    What a hook leaves running (an editor, a tmux) keeps its environment: after `end` that says
    nothing any more, so that commands there have hooks again while Compose still runs.
    """

    def __init__(self, data: str, real: str) -> None:
        self._folder = os.path.join(paths.project_data_dir(data, real), FOLDER)
        self._real = real
        self._mark: Mark | None = None

    def begin(self) -> None:
        """The hooks are about to run."""
        try:
            self._mark = Mark(self._folder)
        except OSError:
            return
        if not is_locked(self._mark.path):  # a file system that only pretends to lock
            self.end()

    def end(self) -> None:
        """They have ended."""
        if self._mark:
            self._mark.remove()
            self._mark = None

    @property
    def line(self) -> str:
        """What the hooks are told in RUNNING. Where there can be no mark, this process stands for the event."""
        return f"{self._mark.name if self._mark else process_identity.own()} {_quoted(self._real)}"


def running_projects(environ: Mapping[str, str], data: str) -> list[str]:
    """The projects (real paths) whose hooks are running further up; our own files lie below `data`.

    A line that is nobody's, or not ours at all, counts for nothing.
    """
    found = []
    for line in environ.get(RUNNING, "").split("\n"):
        mark, _, project = line.partition(" ")
        project = _unquoted(project)
        folder = os.path.join(paths.project_data_dir(data, project), FOLDER)
        is_name = mark.isascii() and mark.replace("-", "").isalnum()
        if is_locked(os.path.join(folder, mark)) if is_name else process_identity.is_alive(mark):
            found.append(project)
    return found


def running_data_directories(environ: Mapping[str, str], data: str) -> list[str]:
    """The data directories of those projects."""
    return [paths.project_data_dir(data, project) for project in running_projects(environ, data)]


def aimed(invocation: Invocation, environ: Mapping[str, str], cwd: str, data: str) -> dict[str, str]:
    """The environment for `invocation`, given in `cwd`: inside a hook of ours as Compose is to have it.

    What aims calls at the hook's project counts only for calls about that project: `cd ../other && docker compose up`
    means the other one, which gets nothing but the caller's environment and what the hook itself set. So does
    `docker compose -f infra.yaml up` where that file has a `name:`, for what the outer line said. A call about
    the hook's own project has the .env read anew, for the hook may have changed it. Our own files lie below `data`.
    """
    own = environ.get("HOOKMAN_PROJECT_DIR")
    if not own or not given.told(environ):
        return dict(environ)
    bare = given.without(environ, data)
    found = project.resolve(invocation, bare, cwd)
    inside = f"{cwd}/".startswith(f"{own}/")
    if found.directory != own and not (inside and f"{own}/".startswith(f"{found.directory}/")):
        return bare
    mine = given.without(environ, data, given.DOTENV + given.NAME)
    if invocation.global_flags.get("file") and _names_itself(found, mine, own, bare):
        return given.without(mine, data, given.TARGET)
    return mine


def _names_itself(found: Project, mine: Mapping[str, str], own: str, bare: Mapping[str, str]) -> bool:
    """Is a call with other files, in the directory of the hook's project, about a project with a name of its own?

    `found` is what it means, `mine` is the environment for calls about the project in the directory `own`.
    """
    ours = project.resolve(parse(["compose", "ps"]), mine, own).files
    if not set(found.files).isdisjoint(ours):
        return False
    name, sure = declared_name(found.files, lambda: bare)
    return bool(name) or not sure


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("\n", "%0A")


def _unquoted(text: str) -> str:
    return text.replace("%0A", "\n").replace("%25", "%")
