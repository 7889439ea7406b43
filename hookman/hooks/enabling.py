"""Which project `hookman enable` means, and the words for a project that is not enabled: the same everywhere."""

from __future__ import annotations

import os

from hookman.base.errors import ConfigError, Problem, UsageError
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.compose import commandline
from hookman.compose.project import FILE_NAMES, resolve, working_directory
from hookman.consent import marks
from hookman.hooks import functions, scripts
from hookman.hooks.planned import PHASES, event_name
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project

# hookman sets these for what it starts in another directory than the user's.
_STARTED_BY_US = (marks.ROOT_VARIABLE, "HOOKMAN_PROJECT_DIR")


def meant(environ: Mapping[str, str], data: str, directory: str | None = None) -> Project:
    """The project in `directory`, or the project that the current directory belongs to. Raises HookmanError.

    As for Compose, it may be in a directory above. But a current directory that has hooks, is enabled or is a root
    is a project even without a compose file of the usual name: it may be used with -f or COMPOSE_FILE.
    """
    cwd = working_directory(environ)
    if directory is not None:
        path = os.path.normpath(os.path.join(cwd, directory))
        if not os.path.isdir(path):
            raise UsageError(f"{path} is not a directory", "name a directory, or leave it out for this one")
    elif not has_compose_file(cwd) and (
        has_hooks(cwd)
        or os.path.exists(os.path.join(cwd, marks.ROOT_SCRIPT))
        or marks.read_mark(data, os.path.realpath(cwd))
    ):
        path = cwd
    else:
        path = ""
    argv = ["compose", *(["--project-directory", path] if path else []), "ps"]
    return resolve(commandline.parse(argv), environ, cwd)


def has_compose_file(directory: str) -> bool:
    """Is there a compose file that Compose finds by itself?"""
    return any(os.path.exists(os.path.join(directory, name)) for name in FILE_NAMES)


def has_hooks(directory: str) -> bool:
    """Is there a hooks.sh, a directory of scripts, or a table that declares a hook?"""
    if functions.hooks_file(directory) is not None or os.path.isdir(os.path.join(directory, scripts.HOOKS_DIR)):
        return True
    return any(_declares(os.path.join(directory, name)) for name in (hookman_toml.FILE_NAME, hookman_toml.LOCAL_NAME))


def may_have_hooks(project: Project, command: str) -> bool:
    """Is there anything in the project that could be a hook of `command`? Only compose files are read."""
    directory = project.directory
    events = (scripts.hook_directory(directory, event_name(command, phase)) for phase in PHASES)
    names = (functions.FILE_NAME, hookman_toml.FILE_NAME, hookman_toml.LOCAL_NAME)
    if any(map(os.path.lexists, (*events, *(os.path.join(directory, name) for name in names)))):
        return True
    return bool(hookman_toml.with_hooks(project.files, directory))


def _declares(path: str) -> bool:
    """Does the file at `path` declare a hook? If it has mistakes, it may."""
    if not os.path.lexists(path):
        return False
    from hookman.settings import reading

    try:
        tables = reading.as_written(path, users_own=False).get("hooks", {})
    except ConfigError:
        return True
    return any("run" in table for table in tables.values())


def not_enabled(project: Project, environ: Mapping[str, str], data: str, *, in_hook: bool = False) -> Problem:
    """What is wrong with a project that is not enabled, and the command that enables it. Raises HookmanError.

    `in_hook`: a hook of ours made the call.
    """
    why = marks.distrusted_mark(data, project.real)
    command = enable_command(project, environ, data, in_hook=in_hook)
    if why:
        what, fix = f"{shown(project.directory)} {why}, so its hooks do not run", f"if you trust it: {command}"
    else:
        what = f"the hooks of {shown(project.directory)} are not enabled on this machine"
        fix = command
    return Problem(what=what, where=project.directory, fix=fix)


def enable_command(project: Project, environ: Mapping[str, str], data: str, *, in_hook: bool = False) -> str:
    """The command that enables the project, as the user can type it in the current directory. Raises HookmanError.

    `in_hook`: a hook made the call, and its current directory may not be the user's.
    """
    plain = {name: value for name, value in environ.items() if not name.startswith("COMPOSE_")}
    if not (in_hook or any(environ.get(name) for name in _STARTED_BY_US)) and all(
        meant(values, data).real == project.real for values in (environ, plain)
    ):
        return "hookman enable"
    return f"hookman enable {shell_quoted(project.directory)}"
