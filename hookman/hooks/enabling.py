"""Which project `hookman enable` means, and the words for one that is not enabled: the same wherever they are said."""

from __future__ import annotations

import os

from hookman.base.errors import Problem, UsageError
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.compose import commandline, project
from hookman.consent import marks
from hookman.hooks import functions, scripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project

# Said by hookman to what it starts elsewhere than where the user stands.
_STARTED_BY_US = (marks.ROOT_VARIABLE, "HOOKMAN_PROJECT_DIR")


def meant(environ: Mapping[str, str], data: str, directory: str | None = None) -> Project:
    """The project in `directory`; without one that which the current directory belongs to. Raises HookmanError.

    As for Compose that may be one further up, but not where the current directory has hooks, is enabled,
    or is a root, and only lacks a compose file of the usual name: it may be used with -f or COMPOSE_FILE.
    """
    cwd = project.working_directory(environ)
    if directory is not None:
        path = os.path.normpath(os.path.join(cwd, directory))
        if not os.path.isdir(path):
            raise UsageError(f"{path} is not a directory", "Name a directory, or leave it out for this one.")
    elif not has_compose_file(cwd) and (
        has_hooks(cwd)
        or os.path.exists(os.path.join(cwd, marks.ROOT_SCRIPT))
        or marks.read_mark(data, os.path.realpath(cwd))
    ):
        path = cwd
    else:
        path = ""
    argv = ["compose", *(["--project-directory", path] if path else []), "ps"]
    return project.resolve(commandline.parse(argv), environ, cwd)


def has_compose_file(directory: str) -> bool:
    """Is there a compose file that Compose finds by itself?"""
    return any(os.path.exists(os.path.join(directory, name)) for name in project.FILE_NAMES)


def has_hooks(directory: str) -> bool:
    """Is there a hooks.sh, or a directory of scripts?"""
    return functions.hooks_file(directory) is not None or os.path.isdir(os.path.join(directory, scripts.HOOKS_DIR))


def not_enabled(where: Project, environ: Mapping[str, str], data: str, *, in_hook: bool = False) -> Problem:
    """The problem of a project that is not enabled, and the command that enables it, also from `in_hook`.

    Raises HookmanError.
    """
    why = marks.distrusted_mark(data, where.real)
    command = enable_command(where, environ, data, in_hook=in_hook)
    if why:
        what, fix = f"{shown(where.directory)} {why}, so its hooks do not run", f"If you trust it: {command}"
    else:
        what = f"the hooks of {shown(where.directory)} are not enabled on this machine"
        fix = f"To let them run: {command}"
    return Problem(what=what, where=where.directory, fix=fix)


def enable_command(where: Project, environ: Mapping[str, str], data: str, *, in_hook: bool = False) -> str:
    """The command that enables the project, as it can be typed where the user stands. Raises HookmanError.

    A hook may be `in_hook` somewhere else.
    """
    plain = {name: value for name, value in environ.items() if not name.startswith("COMPOSE_")}
    if not (in_hook or any(environ.get(name) for name in _STARTED_BY_US)) and all(
        meant(values, data).real == where.real for values in (environ, plain)
    ):
        return "hookman enable"
    return f"hookman enable {shell_quoted(where.directory)}"
