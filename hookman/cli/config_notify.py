"""[[notify]] in `hookman config`: the tables as they are written, without the secrets in them."""

from __future__ import annotations

from hookman.cli.config_export import MASK, without_secret
from hookman.settings.notify_keys import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a file, if it has some, with values that may be shown."""
    value = document.get(TABLE)
    if not isinstance(value, list):
        return {TABLE: MASK} if TABLE in document else {}
    return {TABLE: [_table(one) for one in value]}


def in_force(tables: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Any, str | None]]:
    """The tables of all files, with the files that have them."""
    shown_tables = [_table(one["table"]) for one in tables]
    files = dict.fromkeys(str(one["place"]).rpartition(":")[0] or str(one["place"]) for one in tables)
    return {TABLE: (shown_tables, ", ".join(files))} if shown_tables else {}


def _table(value: Any) -> Any:
    if not isinstance(value, dict):
        return MASK
    known = {"headers": _headers, "url": _url}
    return {key: known[key](one) if key in known else one for key, one in value.items()}


def _headers(value: Any) -> Any:
    return {name: without_secret(str(one)) for name, one in value.items()} if isinstance(value, dict) else MASK


def _url(value: Any) -> str:
    """A URL with its variables as they are written, its server, and the rest masked."""
    head, *rest = str(value).split("${")
    scheme, separator, place = head.partition("://")
    server, slash, path = place.rpartition("@")[2].partition("/")
    out = [f"{scheme}{separator}{server}{slash}{MASK if path else ''}" if separator else MASK if head else ""]
    for part in rest:
        name, closed, after = part.partition("}")
        out.append(f"${{{name}{closed}{after if after in ('', '/') else MASK}")
    return "".join(out)
