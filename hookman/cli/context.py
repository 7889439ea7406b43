"""The project that one of our commands works on: the one Compose would take from here."""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.base.errors import UsageError
from hookman.base.messages import redactor
from hookman.compose import commandline, project
from hookman.consent import marks
from hookman.hooks.scope import Scope
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def here(environ: Mapping[str, str], directory: str | None = None) -> Scope:
    """The project in `directory`, or around the current one. Raises HookmanError."""
    return around(resolve(environ, directory), environ)


def around(where: project.Project, environ: Mapping[str, str]) -> Scope:
    """The scope of the project `where`: its root, settings and environment. Raises ConfigError."""
    data = paths.data_dir(environ)
    root = marks.root_of(data, where.real, environ)
    settings = hookman_toml.load(
        paths.config_file(environ), root, where.directory, environ, data, where.own_env_files, where.files
    )
    redactor.learn_names(settings.redact)
    return Scope(
        project=where,
        root=root,
        settings=settings,
        data=data,
        environ=environ,
        enabled=marks.is_enabled(data, where.real),
    )


def resolve(environ: Mapping[str, str], directory: str | None = None) -> project.Project:
    """The project in `directory`, or the one around the current directory. Raises HookmanError."""
    cwd = project.working_directory(environ)
    argv = ["compose", "ps"]
    if directory is not None:
        path = os.path.normpath(os.path.join(cwd, directory))
        if not os.path.isdir(path):
            raise UsageError(f"{path} is not a directory", "name a directory, or leave it out for this one")
        argv = ["compose", "--project-directory", path, "ps"]
    return project.resolve(commandline.parse(argv), environ, cwd)


def setting(text: str) -> tuple[str, str]:
    """The name and the value of an option -e KEY=VALUE. Raises UsageError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError("the argument of -e must be KEY=VALUE", "write it like this: -e TAG=1.2")
    return name, value
