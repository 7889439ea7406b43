"""The keys of a hook's table: what each means, its default, what is allowed. Checks, schema and docs come from here.

A later key is one more entry of HOOK_KEYS; `PlannedHook.keys` has its value. hook_values.py reads the values.
"""

from __future__ import annotations

from hookman.base.durations import WANTED
from hookman.base.records import record
from hookman.settings import hook_values
from hookman.settings.hook_values import MODES, ONCE, PHASES, REPLICAS, WAITS, WHEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@record
class Key:
    """One key of a hook's table."""

    meaning: str
    default: str  # in words, or as TOML
    wanted: str  # what is allowed, in words
    read: Callable[[Any], Any]  # the value as hooks have it; raises WrongValueError
    schema: dict[str, Any]  # what is allowed, as JSON Schema


def _boolean(meaning: str, default: str) -> Key:
    wanted, schema = "true or false", {"type": "boolean"}
    return Key(meaning=meaning, default=default, wanted=wanted, read=hook_values.boolean, schema=schema)


def _duration(meaning: str, default: str) -> Key:
    schema = {"$ref": "#/$defs/duration"}
    return Key(meaning=meaning, default=default, wanted=WANTED, read=hook_values.duration, schema=schema)


_TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
_TEXT_OR_TEXTS = {"anyOf": [{"type": "string", "minLength": 1}, _TEXTS]}
_CODE = {"type": "integer", "minimum": 1, "maximum": 255}

HOOK_KEYS: dict[str, Key] = {
    "on": Key(
        meaning="The event or the events of a declared hook: up.post, or a list. "
        f"The phases are {', '.join(PHASES[:-1])} and {PHASES[-1]}.",
        default="needed with run",
        wanted='an event or a list of events, such as "up.post"',
        read=hook_values.events,
        schema=_TEXT_OR_TEXTS,
    ),
    "run": Key(
        meaning="Declares a hook, and what it runs: a text for sh -c, or a list of words that are started as they are. "
        "Without it, the table is about the script or function of that name.",
        default="none",
        wanted="a text for sh, or a list of words",
        read=hook_values.run,
        schema={
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "minItems": 1, "items": {"type": "string"}},
            ]
        },
    ),
    "priority": Key(
        meaning="The order within an event: a lower number runs first. "
        "With the same number, scripts run first, then the function, then declared hooks by name.",
        default="0",
        wanted="a whole number",
        read=hook_values.integer,
        schema={"type": "integer"},
    ),
    "wait": Key(
        meaning="What the hook waits for: healthy (the services that the command touches run, and are healthy if "
        "they have a health check), running (they run) or none.",
        default="the setting wait for a post hook of a command that starts services, else none",
        wanted='"healthy", "running" or "none"',
        read=hook_values.wait,
        schema={"enum": list(WAITS)},
    ),
    "wait_timeout": _duration(
        meaning="How long the hook waits for that. After this time it has failed, and does not run. 0 is no limit.",
        default="the setting wait_timeout",
    ),
    "parallel": _boolean(
        meaning="Hooks that follow one another in the order of an event and have this run side by side, at most "
        "jobs at the same time. They have no terminal.",
        default="false, or what the setting parallel says of the event",
    ),
    "cancel": _boolean(
        meaning="Hooks that run side by side are a group. If one of the group fails, the others are stopped.",
        default="false, or what the setting cancel says of the event",
    ),
    "timeout": _duration(
        meaning="The time limit of this hook. 0 is no limit.",
        default="the setting timeout; for a function function_timeout",
    ),
    "total_timeout": _duration(
        meaning="The time limit of all attempts of this hook and the pauses between them. 0 is no limit.",
        default="none",
    ),
    "grace": _duration(
        meaning="The time between SIGTERM and SIGKILL when this hook is stopped. 0 kills it at once.",
        default="the setting grace",
    ),
    "retries": Key(
        meaning="How often the hook is tried again after a failure. After a signal it is not tried again.",
        default="0",
        wanted="a whole number of 0 or more",
        read=hook_values.count,
        schema={"type": "integer", "minimum": 0},
    ),
    "delay": _duration(
        meaning="The pause before the next attempt. It doubles each time, up to 30 s, and is up to a quarter "
        "shorter by chance.",
        default="1 s",
    ),
    "retry_on": Key(
        meaning='After which failures the hook is tried again: exit codes, and "timeout".',
        default="any failure",
        wanted='a list of exit codes and "timeout"',
        read=hook_values.retry_on,
        schema={"type": "array", "minItems": 1, "items": {"anyOf": [_CODE, {"const": "timeout"}]}},
    ),
    "allow_failure": Key(
        meaning="The hook may fail: true, or a list of exit codes (124 is a timeout). Such a failure is a warning, "
        "and the event goes on.",
        default="false",
        wanted="true, false or a list of exit codes",
        read=hook_values.allow_failure,
        schema={"anyOf": [{"type": "boolean"}, {"type": "array", "minItems": 1, "items": _CODE}]},
    ),
    "env": Key(
        meaning="Variables for this hook. They override all other sources.",
        default="{}",
        wanted='a table of texts: env = { TAG = "1" }',
        read=hook_values.variables,
        schema={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    ),
    "when": Key(
        meaning="Conditions, which all must be true: services and profiles that the command touches, flags that "
        "it has, env (NAME or NAME=value), ci (true or false), exists (paths). Of a list, one item must "
        "be true; ! negates an item.",
        default="always",
        wanted='a table such as { services = ["web"], flags = ["!--no-deps"] }',
        read=hook_values.when,
        schema={
            "type": "object",
            "additionalProperties": False,
            "properties": {key: {"type": "boolean"} if key == "ci" else _TEXT_OR_TEXTS for key in WHEN},
        },
    ),
    "sources": Key(
        meaning="Globs. The hook runs only if a file that they match, its own text or its arguments have changed "
        "since its last success. ** is any number of directories; ! excludes.",
        default="none",
        wanted="a glob or a list of globs",
        read=hook_values.sources,
        schema=_TEXT_OR_TEXTS,
    ),
    "once": Key(
        meaning="The hook runs once for this project, engine, set of containers or volume, and once more for "
        "each new one: project, engine, containers or volume:NAME.",
        default="none",
        wanted='"project", "engine", "containers" or "volume:NAME"',
        read=hook_values.once,
        schema={"type": "string", "pattern": f"^({'|'.join(ONCE)}|volume:.+)$"},
    ),
    "service": Key(
        meaning="The hook runs in a container of this service, and not on the host. run is then a text for the "
        "sh of the image, or a program and its arguments as a list.",
        default="none: on the host",
        wanted="the name of a service",
        read=hook_values.service,
        schema={"type": "string", "pattern": "^[A-Za-z0-9._-]+$"},
    ),
    "mode": Key(
        meaning="In which container: exec is one that runs already, run is a new one, which is removed when the "
        "hook has ended.",
        default="run in pre, else exec",
        wanted='"exec" or "run"',
        read=hook_values.mode,
        schema={"enum": list(MODES)},
    ),
    "replicas": Key(
        meaning="If the service has several containers: first is the first one, all is each of them, one after "
        "the other.",
        default='"first"',
        wanted='"first" or "all"',
        read=hook_values.replicas,
        schema={"enum": list(REPLICAS)},
    ),
    "user": Key(
        meaning="The user in the container: a name or a number, with a group after a colon.",
        default="that of the service",
        wanted='a user: "app", 1000 or "1000:1000"',
        read=hook_values.user,
        schema={"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}]},
    ),
    "workdir": Key(
        meaning="The working directory in the container.",
        default="that of the service",
        wanted='an absolute path: "/app"',
        read=hook_values.workdir,
        schema={"type": "string", "pattern": "^/"},
    ),
    "pty": _boolean(
        meaning="Give the hook a terminal for its output, even if you have none. Then stdout and stderr are one "
        "stream.",
        default="false",
    ),
    "skip": _boolean(
        meaning="Do not run this hook.",
        default="false",
    ),
}

# What people call a key who know another tool, where that is nearer to a wrong key by its letters, or to none.
OTHER_NAMES: dict[str, str] = {
    **dict.fromkeys(("retry", "attempts", "tries", "max_retries"), "retries"),
    **dict.fromkeys(("backoff", "retry_delay", "interval"), "delay"),
    **dict.fromkeys(("command", "cmd", "script", "exec", "entry"), "run"),
    **dict.fromkeys(("event", "events", "stage", "stages", "phase"), "on"),
    **dict.fromkeys(("environment", "variables", "vars"), "env"),
    **dict.fromkeys(("if", "only", "condition", "conditions"), "when"),
    **dict.fromkeys(("files", "glob", "globs", "inputs"), "sources"),
    **dict.fromkeys(("ignore_errors", "continue_on_error", "fail", "optional"), "allow_failure"),
    **dict.fromkeys(("cwd", "dir", "directory", "working_dir"), "workdir"),
    **dict.fromkeys(("enabled", "disabled"), "skip"),
    **dict.fromkeys(("order", "weight"), "priority"),
    **dict.fromkeys(("container", "services"), "service"),
    **dict.fromkeys(("tty", "terminal"), "pty"),
}
