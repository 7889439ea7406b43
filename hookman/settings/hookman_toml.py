"""The settings in force: hookman.local.toml over the project's hookman.toml over the root's over the user's own.

(DESIGN 1.8, 1.10.) How one file is read: reading.py.
"""

from __future__ import annotations

import os

from hookman.base.durations import WANTED, seconds
from hookman.base.errors import ConfigError
from hookman.base.files import read_regular
from hookman.base.paths import config_file, project_data_dir
from hookman.base.records import record, replaced
from hookman.compose.declared import is_remote, used_up
from hookman.consent import marks
from hookman.consent.trust import Trust, beside, complaints, yourself

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.compose.project import Project
    from hookman.consent.trust import Complaint
    from hookman.settings.layers import Layer

FILE_NAME = "hookman.toml"
LOCAL_NAME = "hookman.local.toml"  # beside it, for this user alone: git ignores it
MENTION = b"x-hookman"  # in a compose file
STACKS = "stacks"  # the tables that `hookman run` reads in a root's file
ENDPOINT = "HOOKMAN_OTLP_ENDPOINT"
TOLD = "HOOKMAN_NOTIFY"  # what a program of [[notify]] is told. Commands with it send no messages, or there were no end
LARGEST = 10**12  # seconds, bytes, runs
DEFAULT_TIMEOUT = 300.0  # seconds (C60)
DEFAULT_GRACE = 5.0  # seconds between SIGTERM and SIGKILL
DEFAULT_LOCK_TIMEOUT = 600.0  # seconds
DEFAULT_WAIT_TIMEOUT = 60.0  # seconds
DEFAULT_KEEP_RUNS = 200
DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024  # bytes of one hook's output that the log keeps

# key → (what is allowed, how to say it)
SECONDS = ((int, float), WANTED)
NAMES = ((list,), "a list of strings")
EVENTS = ((list,), 'a list of events, such as ["up.post"]')
DEFAULT_HOOK_FILES = ("*.sh",)  # dde's rule (C49)
SHOWN = ("output", "results", "total", "reasons")  # see run/display.py
DEFAULT_SHOWN = SHOWN[:3]
KEYS: dict[str, tuple[tuple[type, ...], str]] = {
    "timeout": SECONDS,
    "function_timeout": SECONDS,
    "grace": SECONDS,
    "lock": ((str,), '"auto", "engine" or "local"'),
    "lock_timeout": SECONDS,
    "wait": ((str,), '"healthy", "running" or "none"'),
    "wait_timeout": SECONDS,
    "dotenv": ((str,), '"functions" or "all"'),
    "post_failure": ((str,), '"kind", "warn" or "fail"'),
    "output": ((list,), f"a list of some of: {', '.join(SHOWN)}"),
    "skip": NAMES,
    "jobs": ((int,), "a whole number of 1 or more"),
    "parallel": EVENTS,
    "cancel": EVENTS,
    "hook_files": ((list,), 'a list of patterns for file names, such as "*.py"'),
    "redact": NAMES,
    "keep_runs": ((int,), "a whole number of 1 or more"),
    "output_limit": ((int,), "a whole number of bytes"),
    "review": ((bool,), "true or false"),
}
USERS_OWN = ("review",)  # what a project can't decide for its users
IN_CONTAINER = ("mode", "user", "workdir", "replicas")  # keys of a hook that mean nothing without its `service`
CHOICES = {
    "lock": ("auto", "engine", "local"),
    "dotenv": ("functions", "all"),
    "post_failure": ("kind", "warn", "fail"),
    "output": SHOWN,
    "wait": ("healthy", "running", "none"),
}


@record
class Tables:
    """The tables of hooks of all files."""

    hooks: dict[str, dict[str, Any]] = {}  # noqa: RUF012 (frozen)
    declared: dict[str, tuple[str, int]] = {}  # noqa: RUF012 (frozen): of a table with `run`, its file and line
    files: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 (frozen): the files that have a table of that name
    layers: dict[str, Layer] = {}  # noqa: RUF012 (frozen): those files as they were read, but for the user's own
    unread: tuple[Unread, ...] = ()  # compose files that mention hooks and are no YAML


@record
class Unread:
    """A compose file that mentions hooks and is not valid YAML."""

    problem: Problem
    text: str


@record
class Settings:
    """The settings in force for one project. Times are in seconds; 0 is no limit."""

    timeout: float = DEFAULT_TIMEOUT
    function_timeout: float = 0.0
    grace: float = DEFAULT_GRACE
    lock: str = "auto"
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    wait: str = "healthy"
    wait_timeout: float = DEFAULT_WAIT_TIMEOUT
    dotenv: str = "functions"
    post_failure: str = "kind"
    output: tuple[str, ...] = DEFAULT_SHOWN
    skip: tuple[str, ...] = ()
    jobs: int = 0  # how many hooks run side by side; 0: as many as there are cores
    parallel: tuple[str, ...] = ()  # events whose hooks run side by side
    cancel: tuple[str, ...] = ()  # events in which the failure of one of these stops the others
    hook_files: tuple[str, ...] = DEFAULT_HOOK_FILES
    redact: tuple[str, ...] = ()
    keep_runs: int = DEFAULT_KEEP_RUNS
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    export: dict[str, Any] = {}  # noqa: RUF012 (frozen, and never changed): [export], with `places`: where keys are set
    notify: tuple[dict[str, Any], ...] = ()  # each [[notify]] as it is written, and where: see notify_keys.placed
    approved: str = ""  # where the copies of approved hooks are; "" unless `review`
    hooks: dict[str, dict[str, Any]] = {}  # noqa: RUF012 (frozen, and never changed): those of `tables`
    tables: Tables = Tables()
    stamps: list[tuple[str, int, int, int]] = []  # noqa: RUF012 (frozen): of the files, before they were read
    trust: Trust = yourself()  # whose files may run in the project
    distrusted: tuple[Complaint, ...] = ()  # what others may change above the project and of its settings and .env

    @property
    def sends(self) -> bool:
        """Are ended runs sent anywhere?"""
        return bool(self.export.get("otlp") or self.notify)


def load(
    user_file: str,
    root: str | None,
    directory: str,
    environ: Mapping[str, str],
    data: str,
    env_files: Iterable[str] = (),
    compose_files: Iterable[str] = (),
) -> Settings:
    """The settings for the project in `directory`, from the files that exist and HOOKMAN_TIMEOUT, _QUIET and so on.

    `data` is where our own files are, `env_files` are those that hooks see; of the `compose_files` those with
    x-hookman in them count. A file that others may change is
    not read, and noted in `distrusted`. Raises ConfigError, which names file, line and key.
    """
    compose = with_hooks(compose_files, directory)
    there = files(user_file, root, directory, compose)
    trust = marks.trust_in(data, os.path.realpath(directory))
    distrusted = _distrusted(there, user_file, root, directory, env_files, trust)
    private = project_data_dir(data, os.path.realpath(directory))
    values: dict[str, Any] = {"stamps": stamps(there)} if there else {}
    tables = Tables()
    if there:
        from hookman.settings import merging

        more, tables = merging.merged(there, user_file, compose, {complaint.path for complaint in distrusted}, private)
        values |= more
    if environ.get("HOOKMAN_TIMEOUT"):
        values["timeout"] = _seconds_from_environment(environ["HOOKMAN_TIMEOUT"])
        for settings in tables.hooks.values():
            settings.pop("timeout", None)
    for name, shown in (("HOOKMAN_QUIET", ()), ("HOOKMAN_VERBOSE", SHOWN)):
        if environ.get(name, "0") not in ("", "0"):
            values["output"] = shown
    if url := environ.get(ENDPOINT):
        table = values.get("export", {})
        values["export"] = {**table, "otlp": url, "places": {**table.get("places", {}), "otlp": ENDPOINT}}
    if environ.get(TOLD):
        values.pop("notify", None)
    if values.pop("review", False):
        values["approved"] = os.path.join(private, "approved")
    return Settings(**values, tables=tables, hooks=tables.hooks, trust=trust, distrusted=distrusted)


def looked_at_again(
    settings: Settings, environ: Mapping[str, str], root: str | None, project: Project, data: str
) -> Settings:
    """`settings`, with what others may change now and with the tables as they are now: a hook may have changed both.

    Raises ConfigError.
    """
    there = _there(environ, root, project)
    if settings.stamps != stamps(there):
        return load(
            *(config_file(environ), root, project.directory, environ, data), project.own_env_files, project.files
        )
    return trusted_again(settings, environ, root, project)


def trusted_again(settings: Settings, environ: Mapping[str, str], root: str | None, project: Project) -> Settings:
    """`settings`, with what others may change now."""
    user_file, there = config_file(environ), _there(environ, root, project)
    distrusted = _distrusted(there, user_file, root, project.directory, project.own_env_files, settings.trust)
    return replaced(settings, distrusted=distrusted)


def _there(environ: Mapping[str, str], root: str | None, project: Project) -> list[str]:
    compose = with_hooks(project.files, project.directory)
    return files(config_file(environ), root, project.directory, compose)


def stamps(there: list[str]) -> list[tuple[str, int, int, int]]:
    """What tells one state of the files from another."""
    found = []
    for path in there:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.append((path, status.st_mtime_ns, status.st_size, status.st_ino))
    return found


def with_hooks(compose_files: Iterable[str], directory: str) -> list[str]:
    """Those compose files of the project in `directory` that have x-hookman in them.

    A file elsewhere may have been named by anybody (COMPOSE_FILE in the .env of a fresh clone): its hooks never run.
    """
    inside = f"{os.path.realpath(directory)}/"
    return [
        path
        for path in compose_files
        if not used_up(path) and not is_remote(path) and os.path.realpath(path).startswith(inside) and _mentions(path)
    ]


def _mentions(path: str) -> bool:
    try:
        return MENTION in read_regular(path)
    except OSError:
        return False


def _distrusted(
    there: list[str], user_file: str, root: str | None, directory: str, env_files: Iterable[str], trust: Trust
) -> tuple[Complaint, ...]:
    """What others may change of the files that say what hooks do, and of the directories above the project."""
    paths = [os.path.realpath(directory), *([os.path.realpath(root)] if root else [])]
    env = [*env_files, *([os.path.join(root, ".env")] if root else [])]
    for path in (*there, *env):
        if path != user_file and os.path.lexists(path):
            paths += beside(path)
    # What a project shares with others, its user's own settings do not.
    own = complaints(beside(user_file), Trust(owners=trust.owners)) if user_file in there else []
    return (*complaints(paths, trust), *own)


def files(user_file: str, root: str | None, directory: str, compose: Iterable[str] = ()) -> list[str]:
    """The existing files with settings for the project in `directory`; a later one wins.

    The `compose` files with hooks come right before the project's own.
    """
    names = (FILE_NAME, LOCAL_NAME)
    above = [os.path.join(root, name) for name in names] if root else []
    candidates = [user_file, *above, *compose, *(os.path.join(directory, name) for name in names)]
    return [path for path in candidates if os.path.lexists(path)]


def least(key: str) -> int:
    """The smallest legal number of a setting."""
    return 1 if key in ("keep_runs", "jobs") else 0


def _seconds_from_environment(text: str) -> float:
    found = seconds(text)
    if found is None:
        raise ConfigError(f"HOOKMAN_TIMEOUT={text}: must be {WANTED}", "correct it, or unset it")
    return found
