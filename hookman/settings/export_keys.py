"""The keys of the table [export]: where ended runs are sent, and with what.

A value that can't be used (a URL without a host) is no error of the file: it stops no command. export/endpoint.py
says what is wrong with it.
"""

from __future__ import annotations

from hookman.base.records import record
from hookman.settings.lines import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

TABLE = "export"


@record
class ExportKey:
    """One key of the table."""

    meaning: str
    default: str  # in words, or as TOML
    wanted: str  # what is allowed, in words
    is_legal: Callable[[Any], bool]
    schema: dict[str, Any]  # what is allowed, as JSON Schema


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


EXPORT_KEYS: dict[str, ExportKey] = {
    "otlp": ExportKey(
        meaning="The URL of what takes OTLP over HTTP, without /v1/traces: http://localhost:4318. "
        'HOOKMAN_OTLP_ENDPOINT overrides it. "" switches off what a file before this one says.',
        default="none: nothing is sent",
        wanted='a URL, such as "http://localhost:4318"',
        is_legal=_is_text,
        schema={"type": "string"},
    ),
    "headers": ExportKey(
        meaning="Headers of each request. ${NAME} in a value is a variable of your environment.",
        default="{}",
        wanted='a table of texts, such as { Authorization = "Bearer ${TOKEN}" }',
        is_legal=lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
        schema={"type": "object", "additionalProperties": {"type": "string"}},
    ),
    "ca": ExportKey(
        meaning="A file with the certificates (PEM) that the one of the server must be signed with. The path is "
        "absolute, or begins with ~/.",
        default="those of the system",
        wanted="the path of a file",
        is_legal=_is_text,
        schema={"type": "string"},
    ),
    "logs": ExportKey(
        meaning="Send what hooks printed, too: masked, as the log has it.",
        default="true",
        wanted="true or false",
        is_legal=lambda value: isinstance(value, bool),
        schema={"type": "boolean"},
    ),
}


def placed(table: dict[str, Any], path: str, text: str) -> dict[str, Any]:
    """The table, with the places (file and line) where its keys are set. `text` is what the file at `path` has."""
    return {**table, "places": {key: f"{path}:{line_of(text, TABLE, key)}" for key in table}}


def over(table: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A table over one of an earlier file.

    One that says where to send stands alone: what is in the headers of the other one is not for this server.
    """
    if "otlp" in table:
        return table
    places = {**before.get("places", {}), **table.get("places", {})}
    headers = {**before.get("headers", {}), **table.get("headers", {})}
    return {**before, **table, "places": places, **({"headers": headers} if headers else {})}
