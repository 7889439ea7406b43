"""Invocation → Project: which project a command line is about, as Compose resolves it.

From the command line, the environment and the file system alone: nothing is started, and
the compose files are only looked at for `name:`, for pre hooks may still have to make what
they need (C14). Source: compose-spec/compose-go cli/options.go, docker/compose
cmd/compose/compose.go (toProjectOptions), and docs/design/traps.md C.
"""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.base.files import read_regular
from hookman.base.records import record
from hookman.compose.declared import declared_name, is_remote, normalized_name, used_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.compose.commandline import Invocation

FILE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
_TRUE = ("1", "t", "T", "TRUE", "true", "True")


@record
class Project:
    """A project as Compose sees it."""

    directory: str  # absolute; links are not resolved, as Compose does not (TRAPS C4)
    real: str  # the same with links resolved: consent, lock and log go by it
    name: str
    sure: bool  # False: only Compose can tell the name (ask oracle.ComposeConfig)
    files: list[str]  # the compose files, absolute; "-" is stdin, a remote one as it was named; empty if there are none
    env_files: list[str]  # that Compose reads, absolute
    own_env_files: list[str]  # those of them that count for hooks: the project's own, and what the user named
    explicit_files: bool  # the files were named by -f or COMPOSE_FILE

    @property
    def may_be_read(self) -> bool:
        """Can Compose read these files once more, to be asked about them? Not where one is a pipe."""
        return not any(map(used_up, [*self.files, *self.env_files]))


def working_directory(environ: Mapping[str, str]) -> str:
    """The current directory, by the name the user knows it (Go's os.Getwd: $PWD where it is right).

    Raises HookmanError where the directory is gone.
    """
    pwd = environ.get("PWD", "")
    try:
        if pwd.startswith("/") and os.path.samestat(os.stat(pwd), os.stat(".")):
            return pwd
        return os.getcwd()
    except OSError as error:
        raise HookmanError("the current directory does not exist any more", "cd to a directory that exists") from error


def resolve(invocation: Invocation, environ: Mapping[str, str], cwd: str) -> Project:
    """The project that `invocation`, given in `cwd`, is about.

    An .env file that can't be read counts as empty here: Compose or the first hook that
    needs it says what is wrong with it.
    """
    flags = invocation.global_flags
    if invocation.docker_flags.get("debug", ["false"])[-1] in _TRUE:
        environ = {**environ, "DEBUG": "1"}  # so docker does it
    stated = _last(flags, "project-directory") or _last(flags, "workdir")
    files = [name if name == "-" or is_remote(name) else _absolute(name, cwd) for name in flags.get("file", [])]
    explicit = bool(files)

    # Compose looks for the first .env before it takes the old --workdir for --project-directory.
    env_files = _env_files(flags, environ, _directory(_last(flags, "project-directory"), files, cwd), cwd)
    passes = [env_files]
    values = _compose_values(passes, environ, needed=False)
    if not files:
        files = _files_from_environment(values, cwd)
        explicit = bool(files)
    if not files:
        files = find_files(_directory(stated, [], cwd))
    directory = _directory(stated, files, cwd)
    second = _env_files(flags, environ, directory, cwd)
    if second != env_files:  # both are read, and the first one's values win (TRAPS C3)
        passes = [env_files, second]
        env_files = [*second, *env_files]
        values = _compose_values(passes, environ, needed=False)
    name, sure = _name(flags, values, directory, files, lambda: _compose_values(passes, environ, needed=True))
    return Project(
        directory=directory,
        real=os.path.realpath(directory),
        name=name,
        sure=sure,
        files=files,
        env_files=env_files,
        own_env_files=_own_env_files(flags, environ, env_files, directory, cwd),
        explicit_files=explicit,
    )


def find_files(directory: str) -> list[str]:
    """The compose file in `directory` or the nearest one above it, with its override; [] if none."""
    while True:
        found = _first_existing(directory, FILE_NAMES)
        if found:
            override = _first_existing(directory, OVERRIDE_NAMES)
            return [found, override] if override else [found]
        parent = os.path.dirname(directory)
        if parent == directory:
            return []
        directory = parent


def _first_existing(directory: str, names: tuple[str, ...]) -> str | None:
    return next((path for name in names if os.path.exists(path := os.path.join(directory, name))), None)


def _last(flags: dict[str, list[str]], name: str) -> str:
    values = flags.get(name)
    return values[-1] if values else ""


def _absolute(path: str, cwd: str) -> str:
    return os.path.normpath(os.path.join(cwd, path))


def _directory(stated: str, files: list[str], cwd: str) -> str:
    """The project directory: the stated one, else that of the first file if it is a local one, else the current one."""
    if stated:
        return _absolute(stated, cwd)
    first = next((file for file in files if file != "-"), None)
    return os.path.dirname(first) if first and not is_remote(first) else cwd


def _env_files(flags: dict[str, list[str]], environ: Mapping[str, str], directory: str, cwd: str) -> list[str]:
    """The env files in force: the stated ones, else `directory`'s .env."""
    stated = flags.get("env-file") or [path for path in environ.get("COMPOSE_ENV_FILES", "").split(",") if path]
    if stated:
        return [_absolute(path, cwd) for path in stated]
    default = os.path.join(directory, ".env")
    if environ.get("COMPOSE_DISABLE_ENV_FILE") in _TRUE or not os.path.exists(default) or os.path.isdir(default):
        return []
    return [default]


def _own_env_files(
    flags: dict[str, list[str]], environ: Mapping[str, str], env_files: list[str], directory: str, cwd: str
) -> list[str]:
    """Those of `env_files` that may speak to the hooks of the project in `directory`.

    Compose also reads the .env of the current directory, which may be anybody's (a fresh clone,
    whose COMPOSE_FILE leads here): no hook sees it. What `--env-file` names, the user named
    for this command. COMPOSE_ENV_FILES is set once for every directory, so a relative name
    in it counts only where one stands in the project's directory.
    """
    if flags.get("env-file"):
        return env_files
    stated = [path for path in environ.get("COMPOSE_ENV_FILES", "").split(",") if path]
    named = [_absolute(path, cwd) for path in stated if path.startswith("/") or cwd == directory]
    return [file for file in env_files if file in named or file == os.path.join(directory, ".env")]


def _compose_values(passes: list[list[str]], environ: Mapping[str, str], *, needed: bool) -> Mapping[str, str]:
    """The environment with what the env files add to it; unless `needed`, only if they speak to Compose.

    Compose reads the files of one pass after the other: what an earlier pass says feeds the next one, and wins.
    """
    passes = [[file for file in files if not used_up(file)] for files in passes]
    if not needed and not any(_speaks_to_compose(file) for files in passes for file in files):
        return environ
    from hookman.base.errors import ConfigError
    from hookman.compose.envfile import read_env_files

    values = environ
    try:
        for files in passes:
            values = {**read_env_files(files, values), **values}
    except (ConfigError, OSError):
        return environ
    return values


def _speaks_to_compose(path: str) -> bool:
    try:
        return b"COMPOSE_" in read_regular(path)
    except OSError:
        return False


def _files_from_environment(values: Mapping[str, str], cwd: str) -> list[str]:
    stated = values.get("COMPOSE_FILE", "")
    separator = values.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    return [path if path == "-" else _absolute(path, cwd) for path in stated.split(separator) if path]


def _name(
    flags: dict[str, list[str]],
    values: Mapping[str, str],
    directory: str,
    files: list[str],
    all_values: Callable[[], Mapping[str, str]],
) -> tuple[str, bool]:
    """The project's name, and whether this reading of it is sure."""
    stated = _last(flags, "project-name") or values.get("COMPOSE_PROJECT_NAME")
    if stated:
        return stated, True
    name, sure = declared_name(files, all_values)
    return name or normalized_name(os.path.basename(directory)), sure
