"""Checks whether a line of the log is a valid record of a run. If it is, readers can rely on its types and file names.

A run's id and the name of an output file are parts of paths: what could lead elsewhere is no record.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Check = Callable[[Any], bool]

LATEST = 1e11  # seconds since 1970, some thousand years: what `time` can still show


def is_record(run: Any) -> bool:
    """Does `run` have an id, and is all of it that we know of the type that docs/json.md says?"""
    return isinstance(run, dict) and "run" in run and _fits(run, _RUN)


def head_of(run: dict[str, Any]) -> dict[str, Any]:
    """Of a record in a newer format what is of a type that we know, without its hooks."""
    return {key: value for key, value in run.items() if key != "hooks" and key in _RUN and _RUN[key](value)}


def _fits(value: Any, checks: dict[str, Check]) -> bool:
    return isinstance(value, dict) and all(check(value[key]) for key, check in checks.items() if key in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and -LATEST < value < LATEST


def _code(value: Any) -> bool:
    return value is None or (isinstance(value, int) and _number(value))


def _name(value: Any) -> bool:
    """The name of a file of ours, which is never a path."""
    return _text(value) and value.isascii() and value[:1].isalnum() and value.translate(_MARKS).isalnum()


def _project(value: Any) -> bool:
    return _text(value) and value.startswith("/") and os.path.normpath(value) == value


def _problem(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


def _step(value: Any) -> bool:
    return _fits(value, {"seconds": _number, "started": _number, "exit_code": _code})


def _waits(value: Any) -> bool:
    return isinstance(value, list) and all(_fits(wait, _WAIT) for wait in value)


def _hooks(value: Any) -> bool:
    return isinstance(value, list) and all(_fits(hook, _HOOK) for hook in value)


_MARKS = str.maketrans(dict.fromkeys("-_.", "0"))
_HOOK: dict[str, Check] = {
    **dict.fromkeys(("event", "name", "kind", "result", "reason", "service", "container", "image"), _text),
    **dict.fromkeys(("seconds", "started"), _number),
    "exit_code": _code,
    "output": lambda value: value == "" or _name(value),
    "problem": _problem,
    "allowed": lambda value: isinstance(value, bool),
    "group": lambda value: isinstance(value, int),
}
_HOOK["attempts"] = lambda value: isinstance(value, list) and all(_fits(attempt, _HOOK) for attempt in value)
_WAIT: dict[str, Check] = {
    **dict.fromkeys(("event", "hook", "wants", "result"), _text),
    **dict.fromkeys(("services", "waited_for"), _texts),
    **dict.fromkeys(("seconds", "started"), _number),
}
_RUN: dict[str, Check] = {
    "run": _name,
    "project": _project,
    **dict.fromkeys(("v", "uid"), lambda value: isinstance(value, int)),
    **dict.fromkeys(("name", "command", "cwd", "skipped", "result"), _text),
    **dict.fromkeys(("user", "caller", "host", "context", "engine", "traceparent"), _text),
    **dict.fromkeys(("started", "ended"), _number),
    **dict.fromkeys(("lock", "compose"), _step),
    "argv": _texts,
    "exit_code": _code,
    "refused": lambda value: isinstance(value, bool),
    "problem": _problem,
    "hooks": _hooks,
    "waits": _waits,
    "not_reached": lambda value: _fits(value, {"hooks": _hooks}),
}
