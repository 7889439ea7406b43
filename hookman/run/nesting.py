"""Calls of docker compose inside hooks: whose hooks are running in the outer calls, and how that is checked (C75, C77).

And which project a call is about: the hook's own, or another one, which must not get the values of this one.
"""

from __future__ import annotations

import os

from hookman.base import paths, process_identity
from hookman.base.flocks import Mark, is_locked
from hookman.base.records import replaced
from hookman.compose import project
from hookman.compose.commandline import parse
from hookman.compose.declared import declared_name, is_remote
from hookman.hooks import given
from hookman.hooks.environment import RUNNING
from hookman.hooks.target import DIRECTORY, FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

FOLDER = "events"  # in a project's data directory: a mark for each event whose hooks are running


class Event:
    """The hooks of one event of the project `real` (its real path), from `begin` to `end`.

    What a hook leaves running (an editor, a tmux) keeps its environment. After `end` that no longer
    counts, so commands there have hooks again while Compose still runs.
    """

    def __init__(self, data: str, real: str) -> None:
        self._folder = os.path.join(paths.project_data_dir(data, real), FOLDER)
        self._real = given.quoted(real)
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
        """The line of RUNNING for these hooks. If there can be no mark, it names this process."""
        return f"{self._mark.name if self._mark else process_identity.own()} {self._real}"


def running_projects(environ: Mapping[str, str], data: str) -> list[str]:
    """The projects (real paths) whose hooks are running in outer calls; our own files are below `data`.

    A line without a living process, or one that hookman did not write, does not count.
    """
    found = []
    for line in environ.get(RUNNING, "").split("\n"):
        mark, _, project = line.partition(" ")
        project = given.unquoted(project)
        folder = os.path.join(paths.project_data_dir(data, project), FOLDER)
        is_name = mark.isascii() and mark.replace("-", "").isalnum()
        if is_locked(os.path.join(folder, mark)) if is_name else process_identity.is_alive(mark):
            found.append(project)
    return found


def running_data_directories(environ: Mapping[str, str], data: str) -> list[str]:
    """The data directories of those projects."""
    return [paths.project_data_dir(data, project) for project in running_projects(environ, data)]


def aimed(invocation: Invocation, environ: Mapping[str, str], cwd: str, data: str) -> tuple[Invocation, dict[str, str]]:
    """`invocation`, given in `cwd`, and its environment, as Compose is to get them inside a hook of ours.

    The variables that aim calls at the hook's project count only for calls about that project. `cd ../other && docker
    compose up` means the other one, which gets only the caller's environment and what the hook itself set. If
    infra.yaml has a `name:`, `docker compose -f infra.yaml up` gets nothing of the outer command line. For a call
    about the hook's own project, the .env is read again, because the hook may have changed it. Our own
    files are below `data`.
    """
    own = environ.get("HOOKMAN_PROJECT_DIR")
    if not own or not given.told(environ):
        return invocation, dict(environ)
    bare = given.without(environ, data)
    found = project.resolve(invocation, bare, cwd)
    inside = f"{cwd}/".startswith(f"{own}/")
    if found.directory != own and not (inside and f"{own}/".startswith(f"{found.directory}/")):
        return invocation, bare
    mine = given.without(environ, data, given.DOTENV + given.NAME)
    callers = given.without(mine, data, given.TARGET)
    files = [given.unquoted(line) for line in mine.get(FILES, "").split("\n") if line]
    sets_files = "COMPOSE_FILE" in mine and mine["COMPOSE_FILE"] == callers.get("COMPOSE_FILE")
    if "file" in invocation.global_flags or sets_files:
        return invocation, callers if _names_itself(found, files or _own_files(mine, own), bare) else mine
    return _with_files(invocation, files if "COMPOSE_FILE" in mine else [], mine.get(DIRECTORY)), mine


def _own_files(mine: Mapping[str, str], own: str) -> list[str]:
    """The compose files that the project in the directory `own` has if no files are named."""
    environ = {name: value for name, value in mine.items() if name != "COMPOSE_FILE"}
    return project.resolve(parse(["compose", "ps"]), environ, own).files


def _names_itself(found: Project, ours: list[str], bare: Mapping[str, str]) -> bool:
    """Do the files of a call, other than `ours`, in the directory of the hook's project, name a project of their own?

    `found` is the project of the call in the environment `bare`.
    """
    if not set(found.files).isdisjoint(ours):
        return False
    name, sure = declared_name(found.files, lambda: bare)
    return bool(name) or not sure


def _with_files(invocation: Invocation, files: list[str], directory: str | None) -> Invocation:
    """`invocation`, which names no files, with flags for `files` and `directory` where variables can't name them.

    Compose takes every name in COMPOSE_FILE for a local file, and has no variable for the project's directory.
    """
    told = invocation.global_flags
    flags = {"file": files} if directory or any(map(is_remote, files)) else {}
    if directory and not {"project-directory", "workdir"} & {*told}:
        flags["project-directory"] = [directory]
    if not invocation.args:
        return invocation
    words = [word for name, values in flags.items() for value in values for word in (f"--{name}", value)]
    before = invocation.argv[: len(invocation.argv) - len(invocation.args)]
    return replaced(invocation, argv=[*before, *words, *invocation.args], global_flags={**told, **flags})
