"""The values of OTLP in JSON: attributes, times, texts. The field names are those of opentelemetry-proto."""

from __future__ import annotations

from hookman import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LONGEST = 4096  # characters of a text
MOST = 100  # texts of a list
SERVICE = "hookman"
MILLISECOND = 1_000_000  # in nanoseconds


def attributes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes; those that are None, "" or empty are left out."""
    return [{"key": key, "value": value(one)} for key, one in facts.items() if one is not None and one not in ("", [])]


def value(one: Any) -> dict[str, Any]:
    """A value. Integers are texts, as protobuf has them in JSON."""
    if isinstance(one, bool):
        return {"boolValue": one}
    if isinstance(one, int):
        return {"intValue": str(one)}
    if isinstance(one, float):
        return {"doubleValue": one}
    if isinstance(one, list):
        return {"arrayValue": {"values": [value(item) for item in one[:MOST]]}}
    return {"stringValue": text(str(one))}


def text(one: str) -> str:
    """A text that is valid Unicode: the log has names that are not UTF-8 as lone surrogates."""
    return one.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:LONGEST]


def nanoseconds(seconds: float) -> int:
    """A time of the log, which knows milliseconds."""
    return max(0, round(seconds * 1000)) * MILLISECOND


def resource(run: Mapping[str, Any]) -> dict[str, Any]:
    """What the spans and logs of a run come from."""
    facts = {"service.name": SERVICE, "service.version": __version__, "host.name": run.get("host")}
    return {"attributes": attributes(facts)}


def scope() -> dict[str, str]:
    """What made them."""
    return {"name": SERVICE, "version": __version__}
