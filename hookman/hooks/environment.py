"""What hooks and Compose find in their environment (DESIGN 1.3, 5; CONTRACT C26 to C33, C106).

Later wins: the root's .env, the project's .env, the process environment, `-e KEY=VALUE`.
Functions get all of it, scripts the process environment (dotenv = "all" gives them all).
Of the .env files that Compose reads only those count that are the enabled project's own, or
that the user named (Project.own_env_files). What they say reaches no interpreter that hookman
starts: the driver exports it once bash runs (`at_start`).
"""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.messages import redactor, say
from hookman.base.records import record
from hookman.base.resources import template_path
from hookman.compose.declared import used_up
from hookman.compose.launch import PLUGIN_COMMAND, PLUGIN_SOCKET
from hookman.consent.dotenv_names import reserved
from hookman.hooks import given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project

PLUGIN_VARIABLES = (PLUGIN_COMMAND, PLUGIN_SOCKET)
TELEMETRY = "OTEL_RESOURCE_ATTRIBUTES"
# Ours, for calls of docker compose inside hooks (given.py has more):
RUNNING = "HOOKMAN_RUNNING"  # whose hooks run further up, a line each (run/nesting.py)
# The beginning of the variables with what the driver exports right before it sources hooks.sh. Few and long
# ones, because bash is slow with many; the kernel takes none of more than 128 KiB.
LATER = "__HOOKMAN_LATER_"
LONG = "__HOOKMAN_LONG_"  # before the name of a value that is longer than that by itself
CHUNK = 16 * 1024  # characters, of up to four bytes
# Bash sets these itself and lets nobody export them; it takes them only when it starts.
READ_ONLY = ("UID", "EUID", "PPID")
# The last directory on a hook's PATH: a small `dde` for hooks that call it where it is not installed.
BRIDGES = os.path.dirname(template_path("bin/dde"))
# What a shell changes by itself: no export of a hook.
SHELLS_OWN = ("_", "PWD", "OLDPWD", "SHLVL", "BASHOPTS", "SHELLOPTS", "BASH_EXECUTION_STRING")


@record
class Surroundings:
    """What the environments of all hooks of a run are made from."""

    project: Project
    root: str | None
    process: Mapping[str, str]  # ours, with `-e` over it
    root_dotenv: Mapping[str, str]
    dotenv: Mapping[str, str]  # of the project's own .env files
    target: Mapping[str, str]  # what aims docker and docker compose at this project
    name_is_found: bool = False  # Compose finds the project's name in its directory, without being told
    run: str  # its id
    data: str  # where our own files are


def read_dotenv(env_files: list[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of `env_files`, later over earlier; `environ` feeds their interpolation.

    Names that are `reserved` are left out. So are files that do not exist: Compose says so
    itself. What is not a regular file is left to Compose. Raises ConfigError.
    """
    paths = [path for path in env_files if os.path.exists(path) and not used_up(path)]
    if not paths:
        return {}
    from hookman.base.errors import ConfigError
    from hookman.compose.envfile import read_env_files

    try:
        values = read_env_files(paths, environ)
    except OSError as error:
        raise ConfigError(f"can't read {error.filename}: {error.strerror}", "make it readable") from error
    redactor.learn(values)  # also those that hooks do not get: a hook may print the file
    # Compose takes `=x` and a NUL too, but no environment holds them.
    kept = (name for name in values if name and "\0" not in values[name] and not reserved(name))
    return {name: values[name] for name in kept}


def read_all_dotenv(
    root: str | None, project: Project, environ: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of the root's .env, and of the project's own env files, which may refer to them.

    Raises ConfigError.
    """
    shared = read_dotenv([os.path.join(root, ".env")], environ) if root else {}
    own = read_dotenv(project.own_env_files, {**shared, **environ})
    left_out = {*too_large({**shared, **own}, environ, ".env")} if shared or own else set()
    return tuple({name: value for name, value in values.items() if name not in left_out} for values in (shared, own))  # type: ignore[return-value]


def too_large(values: Mapping[str, str], environ: Mapping[str, str], source: str) -> list[str]:
    """The names whose values are too large to be given to a program. The user is told so, with their `source`."""
    from hookman.base.argsize import too_large

    names = too_large(values, environ)
    if names:
        sizes = ", ".join(f"{name} ({len(os.fsencode(values[name]))} bytes)" for name in names)
        what = f"hooks do not get {sizes} from {source}: that is too much for the environment of a program"
        say(Problem(what=what, where=source, fix="put it into a file").line)
    return names


def kept_from_hooks(surroundings: Surroundings) -> list[str]:
    """What Compose takes from env files and hooks do not: a line for each file, or for the names in one."""
    from hookman.compose.envfile import read_env_files

    lines = []
    for path in [
        *surroundings.project.env_files,
        *([os.path.join(surroundings.root, ".env")] if surroundings.root else []),
    ]:
        if path in surroundings.project.env_files and path not in surroundings.project.own_env_files:
            lines.append(f"hooks do not see the values of {path}, because it is not the project's own")
        elif os.path.isfile(path):
            names = [name for name in read_env_files([path], surroundings.process) if reserved(name)]
            if names:
                lines.append(f"hooks do not get {', '.join(names)} from {path}: it changes how programs start")
    return lines


def for_hook(
    surroundings: Surroundings,
    event: str,
    *,
    with_dotenv: bool,
    exports: Mapping[str, str | None],
    exit_code: int | None,
    running: str,
    told: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of one hook of `event`; `exit_code` is Compose's, in a post phase.

    In the phases `failed` and `always` it is the operation's. `told` are more variables of ours.
    `exports` is what functions exported (None: unset) earlier in this run, `running` the event's line of RUNNING.
    """
    dotenv = {**surroundings.root_dotenv, **surroundings.dotenv} if with_dotenv else {}
    values = exported({**dotenv, **surroundings.process}, exports)
    for name in PLUGIN_VARIABLES:
        values.pop(name, None)
    _drop_dockers_telemetry(values)
    _, command, phase = event.split(".")
    above = values.get(RUNNING, "")
    own = {
        "SCRIPT_DIR": surroundings.root or os.path.dirname(surroundings.project.directory),
        "stack": os.path.basename(surroundings.project.directory),
        "PATH": f"{values.get('PATH', os.defpath)}:{BRIDGES}",
        "HOOKMAN_EVENT": event,
        "HOOKMAN_PHASE": phase,
        "HOOKMAN_COMMAND": command,
        "HOOKMAN_PROJECT_DIR": surroundings.project.directory,
        "HOOKMAN_RUN_ID": surroundings.run,
    }
    if exit_code is not None:
        own["HOOKMAN_EXIT_CODE"] = str(exit_code)
    own |= told or {}
    values.update(surroundings.target)
    if surroundings.target.get("DOCKER_CONTEXT", "default") != "default":
        values.pop("DOCKER_HOST", None)  # docker would take it before the context
    values.update(own)
    why = {
        name: given.DOTENV if name in surroundings.dotenv else given.SHARED for name in dotenv if name not in exports
    }
    # Which engine is meant stays, also for other projects.
    why |= {name: given.TARGET for name in surroundings.target if not name.startswith("DOCKER_")}
    if surroundings.name_is_found:
        why["COMPOSE_PROJECT_NAME"] = given.NAME
    why |= dict.fromkeys(own, given.OWN)
    values |= given.note(values, why, exported(surroundings.process, exports), surroundings.data)
    return values | {
        "PWD": surroundings.project.directory,
        "HOOKMAN_DATA_DIR": surroundings.data,
        RUNNING: f"{above}\n{running}".lstrip("\n"),
    }


def at_start(
    surroundings: Surroundings, environ: Mapping[str, str], exports: Mapping[str, str | None]
) -> dict[str, str]:
    """What the bash that runs a function starts with, where the function is to see `environ` (`for_hook`).

    Bash, its loader and its locale begin in the caller's environment. What a .env or an earlier function set
    comes as text in variables that begin with LATER, and the driver exports it once bash runs.
    """
    start: dict[str, str] = {}
    later: list[str] = []
    size = CHUNK
    for name, value in environ.items():
        set_by_hooks = name in exports or name in surroundings.dotenv or name in surroundings.root_dotenv
        if not set_by_hooks or surroundings.process.get(name) == value or not _exportable(name):
            start[name] = value
            continue
        text = " {}='{}'".format(name, value.replace("'", "'\\''"))
        if len(text) > CHUNK:  # quoted it may be longer than the kernel takes
            start[LONG + name] = value
            later.append(f'builtin export {name}="${LONG}{name}"; builtin unset -v {LONG}{name}')
            size = CHUNK
        else:
            if size + len(text) > CHUNK:
                later.append("builtin export")
                size = 0
            later[-1] += text
            size += len(text)
        if name in surroundings.process:
            start[name] = surroundings.process[name]
    return start | {f"{LATER}{number}": text for number, text in enumerate(later)}


def _exportable(name: str) -> bool:
    """Can bash export this name? If not, bash passes the variable on if it had it at its start, and does not use it."""
    return name.isascii() and name.isidentifier() and name not in READ_ONLY


def for_compose(surroundings: Surroundings, exports: Mapping[str, str | None]) -> dict[str, str]:
    """Compose's environment: ours as it came, with what functions exported over it.

    Below it the root's .env, but for what the env files say that Compose reads itself.
    """
    if not surroundings.root_dotenv:
        return exported(surroundings.process, exports)
    said = read_by_compose(surroundings.project, {**surroundings.root_dotenv, **surroundings.process})
    shared = {name: value for name, value in surroundings.root_dotenv.items() if name not in said}
    return exported({**shared, **surroundings.process}, exports)


def read_by_compose(project: Project, environ: Mapping[str, str]) -> Mapping[str, str]:
    """What the env files say that Compose reads, with names that no hook gets; empty if they are broken.

    Then Compose says so itself.
    """
    from hookman.base.errors import ConfigError

    try:
        return read_dotenv(project.env_files, environ)
    except ConfigError:
        return {}


def exported(environ: Mapping[str, str], exports: Mapping[str, str | None]) -> dict[str, str]:
    """`environ` after the exports of functions."""
    values = dict(environ)
    for name, value in exports.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return values


def changes(before: Mapping[str, str], report: bytes) -> dict[str, str | None]:
    """What a function exported or unset (None), from the driver's report and the environment it was to see.

    A report that is cut off, by a trap of the function's own that exits, does not tell what was unset.
    """
    after: dict[str, str] = {}
    for part in report.split(b"\0")[1:-1]:
        name, equals, value = os.fsdecode(part).partition("=")
        if equals:
            after[name] = value
    ours = ("HOOKMAN_", "__HOOKMAN_", "__hookman_")
    found: dict[str, str | None] = {
        name: value for name, value in after.items() if before.get(name) != value and not name.startswith(ours)
    }
    if report.endswith(b"\0\0"):
        # Bash exports no name that is not a valid one, so such a name's absence says nothing.
        found.update({name: None for name in before if _exportable(name) and name not in after})
    return {name: value for name, value in found.items() if name not in SHELLS_OWN and not name.startswith(ours)}


def _drop_dockers_telemetry(values: dict[str, str]) -> None:
    """Docker adds itself to OTEL_RESOURCE_ATTRIBUTES for its plugin; what was the user's stays."""
    stated = values.pop(TELEMETRY, "")
    kept = ",".join(part for part in stated.split(",") if part and not part.startswith("docker.cli."))
    if kept:
        values[TELEMETRY] = kept
