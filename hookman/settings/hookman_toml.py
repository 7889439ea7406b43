"""hookman.toml: the project's over the root's over the user's own (DESIGN 1.8).

Unknown keys and wrong types are errors that name file, line and key, never ignored.
"""

from __future__ import annotations

import os

from hookman.base.durations import WANTED, seconds
from hookman.base.errors import ConfigError
from hookman.base.paths import config_file, project_data_dir
from hookman.base.records import record, replaced
from hookman.consent import marks
from hookman.consent.trust import Trust, beside, complaints, yourself

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hookman.compose.project import Project
    from hookman.consent.trust import Complaint

FILE_NAME = "hookman.toml"
LARGEST = 10**12  # seconds, bytes, runs
DEFAULT_TIMEOUT = 300.0  # seconds (C60)
DEFAULT_GRACE = 5.0  # seconds between SIGTERM and SIGKILL
DEFAULT_LOCK_TIMEOUT = 600.0  # seconds
DEFAULT_KEEP_RUNS = 200
DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024  # bytes of one hook's output that the log keeps

# key → (what is allowed, how to say it)
SECONDS = ((int, float), WANTED)
NAMES = ((list,), "a list of strings")
SHOWN = ("output", "results", "total", "reasons")  # see run/display.py
DEFAULT_SHOWN = SHOWN[:3]
KEYS: dict[str, tuple[tuple[type, ...], str]] = {
    "timeout": SECONDS,
    "function_timeout": SECONDS,
    "grace": SECONDS,
    "lock_timeout": SECONDS,
    "dotenv": ((str,), '"functions" or "all"'),
    "post_failure": ((str,), '"kind", "warn" or "fail"'),
    "output": ((list,), f"a list of some of: {', '.join(SHOWN)}"),
    "skip": NAMES,
    "redact": NAMES,
    "keep_runs": ((int,), "a whole number of 1 or more"),
    "output_limit": ((int,), "a whole number of bytes"),
    "review": ((bool,), "true or false"),
}
USERS_OWN = ("review",)  # what a project can't decide for its users
HOOK_KEYS: dict[str, tuple[tuple[type, ...], str]] = {"timeout": SECONDS, "skip": ((bool,), "true or false")}
CHOICES = {"dotenv": ("functions", "all"), "post_failure": ("kind", "warn", "fail"), "output": SHOWN}


@record
class Settings:
    """The settings in force for one project. Times are in seconds; 0 is no limit."""

    timeout: float = DEFAULT_TIMEOUT
    function_timeout: float = 0.0
    grace: float = DEFAULT_GRACE
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    dotenv: str = "functions"
    post_failure: str = "kind"
    output: tuple[str, ...] = DEFAULT_SHOWN
    skip: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    keep_runs: int = DEFAULT_KEEP_RUNS
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    approved: str = ""  # where the copies of approved hooks are; "" unless `review`
    hooks: dict[str, dict[str, Any]] = {}  # noqa: RUF012 (frozen, and never changed)
    trust: Trust = yourself()  # whose files may run in the project
    distrusted: tuple[Complaint, ...] = ()  # what others may change above the project and of its settings and .env


def load(
    user_file: str,
    root: str | None,
    directory: str,
    environ: Mapping[str, str],
    data: str,
    env_files: Iterable[str] = (),
) -> Settings:
    """The settings for the project in `directory`, from what files there are, HOOKMAN_TIMEOUT, _QUIET and _VERBOSE.

    `data` is where our own files are, `env_files` are those that hooks see. A file that others may change is
    not read, and noted in `distrusted`. Raises ConfigError, which names file, line and key.
    """
    there = files(user_file, root, directory)
    trust = marks.trust_in(data, os.path.realpath(directory))
    distrusted = _distrusted(there, user_file, root, directory, env_files, trust)
    doubtful = {complaint.path for complaint in distrusted}
    layers = [
        read(path, users_own=path == user_file)
        for path in there
        if not doubtful or doubtful.isdisjoint(_deciding(path))
    ]
    values, hooks = _merged(layers)
    if environ.get("HOOKMAN_TIMEOUT"):
        values["timeout"] = _seconds_from_environment(environ["HOOKMAN_TIMEOUT"])
        for settings in hooks.values():
            settings.pop("timeout", None)
    for name, shown in (("HOOKMAN_QUIET", ()), ("HOOKMAN_VERBOSE", SHOWN)):
        if environ.get(name, "0") not in ("", "0"):
            values["output"] = shown
    if values.pop("review", False):
        values["approved"] = os.path.join(project_data_dir(data, os.path.realpath(directory)), "approved")
    return Settings(**values, hooks=hooks, trust=trust, distrusted=distrusted)


def _merged(layers: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The settings of all files, and those of single hooks; a later file wins."""
    values: dict[str, Any] = {}
    hooks: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for name, settings in layer.pop("hooks", {}).items():
            hooks[name] = {**hooks.get(name, {}), **settings}
        for key, value in layer.items():
            values[key] = tuple(value) if isinstance(value, list) else value
    return values, hooks


def looked_at_again(settings: Settings, environ: Mapping[str, str], root: str | None, project: Project) -> Settings:
    """`settings`, with what others may change now: a hook may have created files that count."""
    user_file = config_file(environ)
    there = files(user_file, root, project.directory)
    distrusted = _distrusted(there, user_file, root, project.directory, project.own_env_files, settings.trust)
    return replaced(settings, distrusted=distrusted)


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


def _deciding(path: str) -> set[str]:
    """The file at `path` and every directory on the way to it."""
    found = set(beside(path))
    for below in list(found):
        while (above := os.path.dirname(below)) not in found:
            found.add(above)
            below = above  # noqa: PLW2901
    return found


def files(user_file: str, root: str | None, directory: str) -> list[str]:
    """The existing files with settings for the project in `directory`; a later one wins."""
    candidates = [user_file, *([os.path.join(root, FILE_NAME)] if root else []), os.path.join(directory, FILE_NAME)]
    return [path for path in candidates if os.path.lexists(path)]


def read(path: str, *, users_own: bool = True) -> dict[str, Any]:
    """What the file at `path` says, checked; USERS_OWN only in the `users_own`. Raises ConfigError."""
    return _in_force(as_written(path, users_own=users_own))


def as_written(path: str, *, users_own: bool = True) -> dict[str, Any]:
    """What `read` returns, but a duration is still the text in the file. Raises ConfigError."""
    from hookman.base.files import read_regular

    try:
        text = read_regular(path).decode("utf-8")
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}", "make it readable, or move it away", path) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})", "save the file as UTF-8.", path) from error
    return checked(path, text, users_own=users_own)


def checked(path: str, text: str, *, users_own: bool) -> dict[str, Any]:
    """The settings in `text` as they are written, checked; `path` is named in errors. Raises ConfigError."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{path}: values are nested too deeply", "write them with fewer brackets", path) from None
    except ValueError as error:  # TOMLDecodeError is one, and a number of thousands of digits
        raise ConfigError(f"{path}: {error}", "the file must be TOML: https://toml.io", path) from error
    for key, value in document.items():
        if key == "hooks":
            _check_hooks(path, text, value)
        else:
            _check(path, text, key, value, KEYS)
            if key in USERS_OWN and not users_own:
                raise _error(path, text, key, "is for your own config.toml, not for a project's file")
    return document


def _in_force(values: dict[str, Any]) -> dict[str, Any]:
    """The settings, with durations as seconds, and numbers cut to LARGEST: all larger ones mean the same."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, str) and _is_duration(key):
            value = seconds(value)  # noqa: PLW2901
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        found[key] = _in_force(value) if isinstance(value, dict) else min(value, LARGEST) if is_number else value
    return found


def _is_duration(key: str) -> bool:
    return {**HOOK_KEYS, **KEYS}.get(key) is SECONDS


def least(key: str) -> int:
    """The smallest legal number of a setting."""
    return 1 if key == "keep_runs" else 0


def _check_hooks(path: str, text: str, hooks: Any) -> None:
    if not isinstance(hooks, dict):
        raise _error(path, text, "hooks", 'must be tables: [hooks."01-load.sh"]')
    for name, settings in hooks.items():
        if not isinstance(settings, dict):
            raise _error(path, text, name, f'must be a table: [hooks."{name}"]')
        for key, value in settings.items():
            _check(path, text, key, value, HOOK_KEYS)


def _check(path: str, text: str, key: str, value: Any, keys: dict[str, tuple[tuple[type, ...], str]]) -> None:
    if key not in keys:
        from hookman.base.suggestion import did_you_mean

        fix = did_you_mean(key, [*keys, "hooks"], f"known keys: {', '.join(sorted(keys))}")
        raise _error(path, text, key, "unknown key", fix)
    types, wanted = keys[key]
    if keys[key] is SECONDS and isinstance(value, str):
        legal = seconds(value) is not None
    else:
        legal = isinstance(value, types) and _is_legal(key, value, types)
    if not legal:
        raise _error(path, text, key, f"must be {wanted}")


def _is_legal(key: str, value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, list):
        return all(isinstance(item, str) and item in CHOICES.get(key, value) for item in value)
    if isinstance(value, str):
        return value in CHOICES[key]
    return bool(least(key) <= value < float("inf"))


def _error(path: str, text: str, key: str, what: str, fix: str = "") -> ConfigError:
    """A ConfigError that names the first line on which `key` is set."""
    for number, line in enumerate(text.splitlines(), 1):
        head = line.partition("=")[0].strip(" \t[]\"'")
        if head == key or head.endswith((f".{key}", f'."{key}')):
            place = f"{path}:{number}"
            return ConfigError(f"{place}: {key}: {what}", fix or "correct the line, or remove it", place)
    return ConfigError(f"{path}: {key}: {what}", fix or "correct the key, or remove it", path)


def _seconds_from_environment(text: str) -> float:
    found = seconds(text)
    if found is None:
        raise ConfigError(f"HOOKMAN_TIMEOUT={text}: must be {WANTED}", "correct it, or unset it")
    return found
