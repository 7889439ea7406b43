"""The next step that is really next for a user: after init, enable and install."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.base.quoting import shell_quoted
from hookman.cli.context import around
from hookman.compose.project import working_directory
from hookman.hooks import catalogue
from hookman.hooks.enabling import has_compose_file
from hookman.hooks.skips import Skips
from hookman.hooks.stacks import stacks_in
from hookman.install.diagnosis import INSTALL, shim_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project

NARROW = 80  # columns of a terminal on which a line still is one line


def next_step(project: Project, environ: Mapping[str, str], *, is_root: bool = False) -> str:
    """A line with the command to type next, and why."""
    step, why = _root_step(project, environ) if is_root else _project_step(project, environ)
    line = f"Next: {step}    ({why})"
    return line if len(line) <= NARROW else f"Next: {step}\n      ({why})"


def _root_step(project: Project, environ: Mapping[str, str]) -> tuple[str, str]:
    names = stacks_in(project.real)
    if not names:
        return "create a stack", f"a directory with a compose file, in {project.directory}"
    return f"{_there(project, environ)}hookman run '*' ps", "a command on all stacks"


def _project_step(project: Project, environ: Mapping[str, str]) -> tuple[str, str]:
    there = _there(project, environ)
    if not (has_compose_file(project.directory) or project.explicit_files):
        return f"write {os.path.join(project.directory, 'compose.yaml')}", "hooks run around docker compose"
    problem = shim_problem(environ)
    if problem and problem.fix == INSTALL:
        return INSTALL, "puts hookman in front of docker compose"
    if problem:
        return "hookman doctor", "hookman is not in front of docker compose"
    try:
        hooks = catalogue.hooks(around(project, environ), Skips())
    except HookmanError:
        return f"{there}hookman list", "the settings have an error"
    if not hooks:
        return f"{there}hookman add up.post hello", "a hook that runs after docker compose up"
    return f"{there}docker compose up -d", "to see what would run: hookman list"


def _there(project: Project, environ: Mapping[str, str]) -> str:
    """The words that lead to the project, if the user is elsewhere."""
    here = os.path.realpath(working_directory(environ))
    inside = f"{here}/".startswith(f"{project.real.rstrip('/')}/")
    return "" if inside else f"cd {shell_quoted(project.directory)} && "
