"""The table [export] in `hookman config`: its keys as users type them, and its values without secrets."""

from __future__ import annotations

from hookman.base.messages import redactor
from hookman.settings.export_keys import EXPORT_KEYS, TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

HEADERS = "headers"
MASK = "***"
SCHEMES = ("", "Basic", "Bearer", "Token")  # what may stand beside a variable in a header, and is no secret


def keys() -> list[str]:
    """The keys as users type them; NAME is that of a header."""
    return [f"{TABLE}.{key}{'.NAME' if key == HEADERS else ''}" for key in EXPORT_KEYS]


def parts(key: str) -> list[str] | None:
    """The key as the tables on its way: export.headers.X → export, headers, X. None if the key is not in [export]."""
    table, _, rest = key.partition(".")
    if table != TABLE:
        return None
    first, _, name = rest.partition(".")
    if first == HEADERS and name:
        return [TABLE, HEADERS, name]
    return [TABLE, rest] if rest in EXPORT_KEYS and rest != HEADERS else None


def value(key: str, text: str) -> Any:
    """What was typed for a key, as the type that the key has."""
    return {"true": True, "false": False}.get(text, text) if key == "logs" else text


def flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the table as users type them, with values that may be shown."""
    found: dict[str, Any] = {}
    for key, one in table.items():
        if key == HEADERS and isinstance(one, dict):
            found |= {f"{TABLE}.{HEADERS}.{name}": without_secret(str(text)) for name, text in one.items()}
        elif key == "otlp":
            redactor.learn({"otlp": str(one)})
            found[f"{TABLE}.{key}"] = redactor.shown(str(one))
        elif key != "places":
            found[f"{TABLE}.{key}"] = one
    return found


def in_force(table: Mapping[str, Any]) -> dict[str, tuple[Any, str | None]]:
    """The keys that are set, each with where that is: a file, or a variable of the environment."""
    places = {key: place.rpartition(":")[0] or place for key, place in table.get("places", {}).items()}
    return {key: (one, places.get(key.split(".")[1])) for key, one in flat(table).items()}


def without_secret(text: str) -> str:
    """The value of a header: its variables as they are written, and what stands beside them masked."""
    out = []
    for number, part in enumerate(text.split("${")):
        name, closed, rest = part.partition("}") if number else ("", "", part)
        out.append(f"${{{name}{closed}" if number else "")
        out.append(rest if rest.strip() in SCHEMES else MASK)
    return "".join(out)
