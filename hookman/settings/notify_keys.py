"""The tables [[notify]]: who is told of a run that failed, recovered or went well.

A mistake in one stops no command, so no error is raised here: export/notices.py says what is wrong with it, where
somebody looks (`hookman doctor`, `list`, `test notify`).
"""

from __future__ import annotations

from hookman.base.records import record
from hookman.settings.lines import tables_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TABLE = "notify"
EVENTS = ("failed", "recovered", "ok", "interrupted")
DEFAULT_EVENTS = ("failed", "recovered")
FORMATS = ("json", "slack", "ntfy")
DEFAULT_TIMEOUT = 30.0  # seconds for a program
LONGEST_TIMEOUT = 300.0


@record
class NotifyKey:
    """One key of the table."""

    meaning: str
    default: str
    schema: dict[str, Any]


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
NOTIFY_KEYS: dict[str, NotifyKey] = {
    "on": NotifyKey(
        meaning="What is told: failed, recovered (the first that goes well after a failure), ok (each that goes well), "
        "interrupted.",
        default='["failed", "recovered"]',
        schema={"type": "array", "items": {"enum": list(EVENTS)}, "minItems": 1},
    ),
    "commands": NotifyKey(meaning="Only of these commands: up, down.", default="all", schema={**_TEXTS, "minItems": 1}),
    "url": NotifyKey(
        meaning="Where a message is sent (POST). ${NAME} is a variable of your environment: keep secrets there.",
        default="none",
        schema=_TEXT,
    ),
    "format": NotifyKey(
        meaning='How it is written there: "json" (all facts), "slack" (also for Mattermost and others), "ntfy".',
        default='"json"',
        schema={"enum": list(FORMATS)},
    ),
    "headers": NotifyKey(
        meaning="Headers of the request. ${NAME} in a value is a variable of your environment.",
        default="{}",
        schema={"type": "object", "additionalProperties": _TEXT},
    ),
    "run": NotifyKey(
        meaning="In place of url: a program and its arguments. It gets the message as JSON on its stdin.",
        default="none",
        schema={**_TEXTS, "minItems": 1},
    ),
    "timeout": NotifyKey(
        meaning="How long that program may take, up to 5 minutes.",
        default='"30s"',
        schema={"$ref": "#/$defs/duration"},
    ),
}


def placed(value: Any, path: str, text: str, *, users_own: bool) -> list[dict[str, Any]]:
    """The tables as settings have them: as they are written, with file and line of each, and of its keys.

    `text` is that of the file at `path`. What is no list of tables is kept as one that is wrong.
    """
    tables = value if isinstance(value, list) else [None]
    lines = list(tables_in(text, TABLE))
    found = []
    for number, table in enumerate(tables):
        first, keys = lines[number] if number < len(lines) else (0, {})
        place = f"{path}:{first}" if first else path
        found.append(
            {
                "table": table if isinstance(table, dict) else None,
                "place": place,
                "places": {key: f"{path}:{line}" for key, line in keys.items()},
                "users_own": users_own,
            }
        )
    return found


def literal(tables: list[dict[str, Any]]) -> Iterator[str]:
    """The values in the tables that are secrets written into the file: URLs and headers without a ${NAME}."""
    for one in tables:
        table = one["table"] or {}
        headers = table.get("headers")
        for value in (table.get("url"), *(headers.values() if isinstance(headers, dict) else ())):
            if isinstance(value, str) and "${" not in value:
                yield value
