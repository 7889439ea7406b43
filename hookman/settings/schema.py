"""The JSON Schema of hookman.toml, for editors: what each key means, its default, and what is allowed."""

from __future__ import annotations

from hookman.base.durations import UNITS
from hookman.settings import stacks
from hookman.settings.export_keys import EXPORT_KEYS
from hookman.settings.hook_keys import HOOK_KEYS
from hookman.settings.hook_values import EVERY_OPERATION, PHASES
from hookman.settings.hookman_toml import CHOICES, EVENTS, FILE_NAME, KEYS, SECONDS, STACKS, Settings, least
from hookman.settings.notify_keys import NOTIFY_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.settings.export_keys import ExportKey
    from hookman.settings.hook_keys import Key
    from hookman.settings.notify_keys import NotifyKey

NUMBER = r"([0-9]+\.?[0-9]*|\.[0-9]+)"
IN_UNITS = "".join(rf"({NUMBER}{unit}\s*)?" for unit in UNITS)
DURATION = rf"^\s*({NUMBER}([eE][+-]?[0-9]+)?\s*|(?=[0-9.]){IN_UNITS})$"
_DURATION = {"type": ["number", "string"], "minimum": 0, "pattern": DURATION}
MEANINGS = {
    "timeout": "The time limit of a script. 0 is no limit.",
    "function_timeout": "The time limit of a function in hooks.sh. 0 is no limit.",
    "grace": "The time between SIGTERM and SIGKILL when a hook is stopped. 0 kills it at once.",
    "lock": 'Where the lock is: on this machine ("local"); also on the engine, for all who use the engine ("engine"); '
    'or on the engine only if that is not this machine\'s own ("auto").',
    "lock_timeout": "How long a command waits while another operation works on the project. 0 waits for ever.",
    "wait": "What the post hooks of a command that starts services wait for: its services run, and are healthy if they "
    'have a health check ("healthy"); they run ("running"); nothing ("none").',
    "wait_timeout": "How long a hook waits for that. After this time it has failed, and does not run. 0 is no limit.",
    "dotenv": 'Who gets the variables of .env: the functions in hooks.sh ("functions"), or scripts too ("all").',
    "post_failure": 'What a failing post hook means: a warning ("warn"), exit code 1 ("fail"), or by its kind ("kind": '
    "a script is a warning, a function is exit code 1).",
    "output": 'What you see: what hooks print ("output"), a line for each hook ("results"), how long they took if that '
    'was long or something failed ("total"), why each hook runs or does not ("reasons").',
    "skip": "Hooks and events that do not run: 02-seed.sh, project.up.pre, project.up.pre/02-seed.sh, hook_pre_up.",
    "jobs": "How many hooks run side by side, at most. Default: as many as there are processor cores.",
    "parallel": "Events whose hooks run side by side, except those with parallel = false: up.post.",
    "cancel": "Events in which the failure of a hook stops those that run side by side with it.",
    "hook_files": "Which files of a hook directory are hooks, by their names: * is any text, ? one character.",
    "redact": "More names of variables whose values are masked in the log.",
    "keep_runs": "How many runs the log keeps, per project.",
    "output_limit": "How many bytes of one hook's output the log keeps: its beginning and its end.",
    "review": "Hooks run only as you approved them (hookman review). Only in your own config.toml.",
}


def schema() -> dict[str, Any]:
    """The JSON Schema, from what is checked when a hookman.toml is read."""
    defaults = Settings()
    keys = {
        key: {
            "description": MEANINGS[key],
            **_allowed(key, kind),
            **_default(key, defaults),
        }
        for key, kind in KEYS.items()
    }
    hooks = {
        "description": "A hook that is declared (with run), or settings of the script or function of that name: "
        '[hooks."01-load.sh"] or [hooks."up.pre/01-load.sh"].',
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": False, "properties": _described(HOOK_KEYS)},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FILE_NAME,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **keys,
            "export": _export(),
            "notify": _notify(),
            "hooks": hooks,
            STACKS: stacks.schema(),
        },
        "$defs": {"duration": _DURATION},
    }


def _export() -> dict[str, Any]:
    return {
        "description": "Where ended runs are sent as traces and logs (OTLP over HTTP).",
        "type": "object",
        "additionalProperties": False,
        "properties": _described(EXPORT_KEYS),
    }


def _notify() -> dict[str, Any]:
    return {
        "description": "Who is told of a run that failed, recovered or went well.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": _described(NOTIFY_KEYS),
            "oneOf": [{"required": ["url"]}, {"required": ["run"]}],
        },
    }


def _described(keys: Mapping[str, Key | ExportKey | NotifyKey]) -> dict[str, Any]:
    """The keys of a table, each with its meaning and what is allowed."""
    return {
        key: {"description": f"{entry.meaning} Default: {entry.default}.", **entry.schema}
        for key, entry in keys.items()
    }


def _default(key: str, defaults: Settings) -> dict[str, Any]:
    """The default of a setting. That of `jobs` is another one on each machine."""
    if key == "jobs":
        return {}
    return {"default": False if key == "review" else _as_json(getattr(defaults, key))}


def _allowed(key: str, kind: tuple[tuple[type, ...], str]) -> dict[str, Any]:
    """What values a key may have."""
    types, _ = kind
    choices = {"enum": list(CHOICES[key])} if key in CHOICES else {}
    if kind is SECONDS:
        return dict(_DURATION)
    if kind is EVENTS:
        named = rf"^(project\.)?({'|'.join(EVERY_OPERATION)})\.({'|'.join(PHASES)})$"
        return {"type": "array", "items": {"type": "string", "pattern": named}}
    if list in types:
        return {"type": "array", "items": {"type": "string", **choices}}
    if bool in types:
        return {"type": "boolean"}
    if str in types:
        return {"type": "string", **choices}
    return {"type": "number" if float in types else "integer", "minimum": least(key)}


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
