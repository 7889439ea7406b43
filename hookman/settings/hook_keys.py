"""The keys of a hook's table: what each means, its default, what is allowed. Checks, schema and docs come from here.

A later key is one more entry of HOOK_KEYS; `PlannedHook.keys` has its value.
"""

from __future__ import annotations

from hookman.base.durations import LONGEST, WANTED, seconds
from hookman.base.records import record
from hookman.compose.commandline import LOCKING, OPERATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PHASES = ("pre", "post", "failed", "always")
EVERY_OPERATION = (*OPERATIONS, *(command for command in LOCKING if command not in OPERATIONS))
WHEN = ("services", "profiles", "flags", "env", "ci", "exists")  # what a condition can ask for
ONCE = ("project", "engine", "containers")
LARGEST_CODE = 255
OURS = ("HOOKMAN_", "__HOOKMAN_")  # names of variables that only hookman sets


class WrongValueError(Exception):
    """A value that a key can't have: what is wrong in words ("" for its type), and how to fix it."""

    def __init__(self, what: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@record
class Key:
    """One key of a hook's table."""

    meaning: str
    default: str  # in words, or as TOML
    wanted: str  # what is allowed, in words
    read: Callable[[Any], Any]  # the value as hooks have it; raises WrongValueError
    schema: dict[str, Any]  # what is allowed, as JSON Schema


def event_named(text: Any) -> str:
    """The event that `text` names in a table: up.post or project.up.post. Raises WrongValueError."""
    if not isinstance(text, str):
        raise WrongValueError
    command, _, phase = text.removeprefix("project.").partition(".")
    if command in EVERY_OPERATION and phase in PHASES:
        return f"project.{command}.{phase}"
    from hookman.base.suggestion import did_you_mean

    every = [f"{operation}.{phase}" for operation in EVERY_OPERATION for phase in PHASES]
    fix = did_you_mean(
        text.removeprefix("project."), every, f"events look like up.post; the phases are {', '.join(PHASES)}"
    )
    raise WrongValueError(f"there is no event {text!r}", fix)


def words(value: Any) -> list[str]:
    """A text or a list of texts, as a list. Raises WrongValueError."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item for item in found):
        raise WrongValueError
    if any("\0" in item for item in found):
        raise WrongValueError("no text may have a NUL in it")
    return found


def _events(value: Any) -> list[str]:
    return list(dict.fromkeys(map(event_named, words(value))))


def _run(value: Any) -> str | list[str]:
    if isinstance(value, str):
        return "".join(words(value)) if value.strip() else words("")
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise WrongValueError
    words(value[0])
    if any("\0" in item for item in value):
        raise WrongValueError("no text may have a NUL in it")
    return value


def _duration(value: Any) -> float:
    found = seconds(value)
    if found is None:
        raise WrongValueError
    return found if isinstance(value, str) else min(float(LONGEST), value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongValueError
    return value


def _count(value: Any) -> int:
    if _integer(value) < 0:
        raise WrongValueError
    return int(value)


def _codes(value: Any) -> list[int]:
    """Exit codes of a failure."""
    if not isinstance(value, list) or not value:
        raise WrongValueError
    for code in value:
        if not 1 <= _integer(code) <= LARGEST_CODE:
            raise WrongValueError(f"{code} is no exit code of a failure", f"exit codes are 1 to {LARGEST_CODE}")
    return value


def _retry_on(value: Any) -> list[int | str]:
    if not isinstance(value, list) or not value:
        raise WrongValueError
    if codes := [one for one in value if one != "timeout"]:
        _codes(codes)
    return value


def _allow_failure(value: Any) -> bool | list[int]:
    return value if isinstance(value, bool) else _codes(value)


def _variables(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise WrongValueError
    found = {}
    for name, one in value.items():
        if not name or "=" in name or "\0" in name:
            raise WrongValueError(f"{name!r} is no name of a variable")
        if name.startswith(OURS):
            raise WrongValueError(f"{name} is set by hookman itself", "use another name")
        if isinstance(one, bool):
            one = "true" if one else "false"  # noqa: PLW2901
        if not isinstance(one, (str, int, float)) or "\0" in str(one):
            raise WrongValueError(f"{name} must be a text or a number")
        found[name] = str(one)
    return found


def _when(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongValueError
    found = {}
    for key, one in value.items():
        if key not in WHEN:
            from hookman.base.suggestion import did_you_mean

            raise WrongValueError(f"unknown key {key!r}", did_you_mean(key, WHEN, f"known keys: {', '.join(WHEN)}"))
        try:
            found[key] = _boolean(one) if key == "ci" else words(one)
        except WrongValueError as error:
            wanted = "true or false" if key == "ci" else "a text or a list of texts"
            raise WrongValueError(error.what or f"{key} must be {wanted}") from error
    return found


def _once(value: Any) -> str:
    if not isinstance(value, str) or not (
        value in ONCE or (value.startswith("volume:") and len(value) > len("volume:"))
    ):
        raise WrongValueError
    return value


def _sources(value: Any) -> list[str]:
    found = words(value)
    if all(item.startswith("!") for item in found):
        raise WrongValueError("every item excludes something, so there are no sources")
    return found


_TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
_TEXT_OR_TEXTS = {"anyOf": [{"type": "string", "minLength": 1}, _TEXTS]}
_CODE = {"type": "integer", "minimum": 1, "maximum": 255}
_DURATION = {"$ref": "#/$defs/duration"}

HOOK_KEYS: dict[str, Key] = {
    "on": Key(
        meaning="The event or the events of a declared hook: up.post, or a list. "
        f"The phases are {', '.join(PHASES[:-1])} and {PHASES[-1]}.",
        default="needed with run",
        wanted='an event or a list of events, such as "up.post"',
        read=_events,
        schema=_TEXT_OR_TEXTS,
    ),
    "run": Key(
        meaning="Declares a hook, and what it runs: a text for sh -c, or a list of words that are started as they are. "
        "Without it, the table is about the script or function of that name.",
        default="none",
        wanted="a text for sh, or a list of words",
        read=_run,
        schema={
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "minItems": 1, "items": {"type": "string"}},
            ]
        },
    ),
    "priority": Key(
        meaning="The order within an event: a lower number is first. "
        "At the same number scripts are first, then the function, then declared hooks by name.",
        default="0",
        wanted="a whole number",
        read=_integer,
        schema={"type": "integer"},
    ),
    "timeout": Key(
        meaning="The time limit of this hook. 0 is no limit.",
        default="timeout; of a function function_timeout",
        wanted=WANTED,
        read=_duration,
        schema=_DURATION,
    ),
    "total_timeout": Key(
        meaning="The time limit of all attempts of this hook and the pauses between them. 0 is no limit.",
        default="none",
        wanted=WANTED,
        read=_duration,
        schema=_DURATION,
    ),
    "grace": Key(
        meaning="The time between SIGTERM and SIGKILL when this hook is stopped. 0 kills it at once.",
        default="grace",
        wanted=WANTED,
        read=_duration,
        schema=_DURATION,
    ),
    "retries": Key(
        meaning="How often the hook is tried again after it failed. Not after a signal.",
        default="0",
        wanted="a whole number of 0 or more",
        read=_count,
        schema={"type": "integer", "minimum": 0},
    ),
    "delay": Key(
        meaning="The pause before it is tried again. It doubles each time, up to 30 s, and is up to a quarter shorter "
        "by chance.",
        default="1 s",
        wanted=WANTED,
        read=_duration,
        schema=_DURATION,
    ),
    "retry_on": Key(
        meaning='What it is tried again for: exit codes, and "timeout".',
        default="any failure",
        wanted='a list of exit codes and "timeout"',
        read=_retry_on,
        schema={"type": "array", "minItems": 1, "items": {"anyOf": [_CODE, {"const": "timeout"}]}},
    ),
    "allow_failure": Key(
        meaning="The hook may fail: true, or a list of exit codes (124 is a timeout). Then that is a warning, and the "
        "event goes on.",
        default="false",
        wanted="true, false or a list of exit codes",
        read=_allow_failure,
        schema={"anyOf": [{"type": "boolean"}, {"type": "array", "minItems": 1, "items": _CODE}]},
    ),
    "env": Key(
        meaning="Variables for this hook. They override all other sources.",
        default="{}",
        wanted='a table of texts: env = { TAG = "1" }',
        read=_variables,
        schema={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    ),
    "when": Key(
        meaning="Conditions. All keys must hold: services and profiles that the command touches, flags that it has, "
        "env (NAME or NAME=value), ci (true or false), exists (paths). One item of a list must hold; ! negates it.",
        default="always",
        wanted='a table such as { services = ["web"], flags = ["!--no-deps"] }',
        read=_when,
        schema={
            "type": "object",
            "additionalProperties": False,
            "properties": {key: {"type": "boolean"} if key == "ci" else _TEXT_OR_TEXTS for key in WHEN},
        },
    ),
    "sources": Key(
        meaning="Files, as globs: the hook runs only if one has changed since it last succeeded, or its own text or "
        "its arguments. ** is any number of directories; ! excludes.",
        default="none",
        wanted="a glob or a list of globs",
        read=_sources,
        schema=_TEXT_OR_TEXTS,
    ),
    "once": Key(
        meaning="The hook runs once for what this names, and again when that is another one: "
        "project, engine, containers or volume:NAME.",
        default="none",
        wanted='"project", "engine", "containers" or "volume:NAME"',
        read=_once,
        schema={"type": "string", "pattern": f"^({'|'.join(ONCE)}|volume:.+)$"},
    ),
    "pty": Key(
        meaning="Give the hook a terminal for its output, also where there is none. stdout and stderr are then one.",
        default="false",
        wanted="true or false",
        read=_boolean,
        schema={"type": "boolean"},
    ),
    "skip": Key(
        meaning="Do not run this hook.",
        default="false",
        wanted="true or false",
        read=_boolean,
        schema={"type": "boolean"},
    ),
}
