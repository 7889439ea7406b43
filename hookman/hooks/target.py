"""The variables that make `docker compose ps` in a hook mean the same project on the same engine as the outer line."""

from __future__ import annotations

import os

from hookman.compose.declared import is_remote, used_up
from hookman.hooks import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

# For the shim, where Compose has no variable that says it:
FILES = "HOOKMAN_COMPOSE_FILES"  # the compose files that the command line or COMPOSE_FILE names, a line each
DIRECTORY = "HOOKMAN_COMPOSE_DIRECTORY"  # the project's, where the compose files do not tell it


def target(invocation: Invocation, project: Project, environ: Mapping[str, str], cwd: str) -> dict[str, str]:
    """The variables for hooks of `invocation`, which was given in `cwd`; `environ` is what Compose gets.

    A hook runs in the project directory. So it is told again what the command line said, and what is relative to `cwd`.
    """
    values = _engine(invocation, environ, cwd)
    if project.sure:
        values["COMPOSE_PROJECT_NAME"] = project.name
    flags = invocation.global_flags
    files = [file for file in project.files if not used_up(file)]
    if project.explicit_files and files:
        separator = _separator(files)
        values |= {"COMPOSE_FILE": separator.join(files), "COMPOSE_PATH_SEPARATOR": separator}
        values[FILES] = "\n".join(map(given.quoted, files))
    if {"project-directory", "workdir"} & {*flags} or any(map(is_remote, files[:1])):
        values[DIRECTORY] = project.directory
    if "profile" in flags:
        values["COMPOSE_PROFILES"] = ",".join(flags["profile"])
    if "env-file" in flags or environ.get("COMPOSE_ENV_FILES"):
        values["COMPOSE_ENV_FILES"] = ",".join(file for file in project.env_files if not used_up(file))
    return values


def name_is_found(invocation: Invocation, project: Project, environ: Mapping[str, str]) -> bool:
    """Does Compose, called in the project's directory, find its name there: in its files, its .env, its path?"""
    told = invocation.global_flags
    said = {"project-name", "project-directory", "workdir"} & {*told} or "COMPOSE_PROJECT_NAME" in environ
    return not said and project.env_files == project.own_env_files


def _engine(invocation: Invocation, environ: Mapping[str, str], cwd: str) -> dict[str, str]:
    flags = invocation.docker_flags
    names = {"context": "DOCKER_CONTEXT", "host": "DOCKER_HOST"}
    values = {variable: flags[flag][-1] for flag, variable in names.items() if flag in flags}
    config = flags["config"][-1] if "config" in flags else environ.get("DOCKER_CONFIG")
    if config:
        values["DOCKER_CONFIG"] = os.path.join(cwd, config)
    return values


def _separator(files: list[str]) -> str:
    """What stands between `files` in COMPOSE_FILE: usually a colon, but never what is in one of them."""
    separators = (os.pathsep, ";", "|", "\n")
    return next((mark for mark in separators if not any(mark in file for file in files)), "//:")
