"""The project that a command of ours is about: the one Compose would take from here."""

from __future__ import annotations

import os

from hookman import config, enabled, paths
from hookman.compose import commandline, project
from hookman.config import Config
from hookman.errors import UsageError
from hookman.messages import redactor
from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.hooks.plan import Skips
    from hookman.runner.operation import Operation


@record
class Here:
    """A project and what goes with it."""

    project: project.Project
    root: str | None
    config: Config
    data: str
    environ: Mapping[str, str]
    enabled: bool


def here(environ: Mapping[str, str], directory: str | None = None) -> Here:
    """The project in `directory`, or around the current one. Raises HookmanError."""
    return around(resolve(environ, directory), environ)


def around(where: project.Project, environ: Mapping[str, str]) -> Here:
    """What goes with the project `where`. Raises ConfigError."""
    data = paths.data_dir(environ)
    root = enabled.root_of(data, where.real, environ)
    settings = config.load(paths.config_file(environ), root, where.directory, environ, data, where.own_env_files)
    redactor.learn_names(settings.redact)
    return Here(
        project=where,
        root=root,
        config=settings,
        data=data,
        environ=environ,
        enabled=enabled.is_enabled(data, where.real),
    )


def resolve(environ: Mapping[str, str], directory: str | None = None) -> project.Project:
    """The project in `directory`, or the one around the current directory. Raises HookmanError."""
    cwd = project.working_directory(environ)
    argv = ["compose", "ps"]
    if directory is not None:
        path = os.path.normpath(os.path.join(cwd, directory))
        if not os.path.isdir(path):
            raise UsageError(f"{path} is not a directory", "Name a directory, or leave it out for this one.")
        argv = ["compose", "--project-directory", path, "ps"]
    return project.resolve(commandline.parse(argv), environ, cwd)


def setting(text: str) -> tuple[str, str]:
    """The name and the value of an option -e KEY=VALUE. Raises UsageError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError("the argument of -e must be KEY=VALUE", "Such as: -e TAG=1.2")
    return name, value


def operation_on(
    now: Here, command: str, args: list[str], *, run: str, skip: Skips, post_args: list[str] | None = None
) -> Operation:
    """An operation of ours on a project; `run` is its id. Raises ConfigError."""
    from hookman.runner.operation import Operation
    from hookman.runner.scene import Scene

    scene = Scene(
        invocation=commandline.parse(["compose", "ps"]),
        process=now.environ,
        cwd=now.project.directory,
        root=now.root,
        data=now.data,
        run=run,
        real="",
    )
    return Operation(
        command=command,
        args=args,
        post_args=post_args,
        where=scene.look(now.project, {}, dotenv_needed=True),
        again=lambda before, exports: scene.look_again(before, exports, dotenv_needed=True),
        config=now.config,
        skip=skip,
    )
