"""The variables that the messages of a run need. No file has their values: a sender with others leaves them alone.

Two shells of one user may have different values, such as the jobs of a CI runner: a sender of one must not send the
messages of the other to its own channel.
"""

from __future__ import annotations

from hookman.base.lean import keyed_digest
from hookman.export.notices import Notice, notices
from hookman.export.templates import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hookman.settings.hookman_toml import Settings


def needed(settings: Settings, environ: Mapping[str, str], run: str) -> dict[str, str] | None:
    """The variables that messages about `run` need, each with a digest of its value; None if nobody is to be told."""
    found: dict[str, str] = {}
    usable = [
        one for one, told in zip(settings.notify, notices(settings, environ), strict=True) if isinstance(told, Notice)
    ]
    for one in usable:
        found |= {name: _digest(environ[name], run) for name in _names(one["table"])}
    return found if usable else None


def are_met(needs: Mapping[str, str], environ: Mapping[str, str], run: str) -> bool:
    """Does the environment have these variables with the values that they had for `run`?"""
    return all(_digest(environ.get(name, ""), run) == digest for name, digest in needs.items())


def _names(table: Mapping[str, Any]) -> Iterator[str]:
    for value in (table.get("url", ""), *table.get("headers", {}).values()):
        yield from names_in(value)


def _digest(value: str, run: str) -> str:
    return keyed_digest(value.encode("utf-8", "surrogateescape"), run.encode("utf-8", "surrogateescape")[:64])
