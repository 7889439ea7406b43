"""[stacks.NAME] in the hookman.toml of a root: on which engines `hookman run` runs a stack.

Nobody else reads these tables: what plain `docker compose` does in a stack is not changed.
"""

from __future__ import annotations

from hookman.settings.hookman_toml import STACKS
from hookman.settings.lines import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hookman.base.errors import ConfigError

    Wrong = Callable[[tuple[str, ...], str, str], ConfigError]

CONTEXT = "context"
MEANING = "The docker contexts on whose engines `hookman run` runs the stack: a name, a glob, or a list of them."
WANTED = 'the name of a docker context, or a list of names: "edge-1", ["edge-1", "edge-2"]'


def check(stacks: Any, wrong: Wrong) -> None:
    """Check the tables; `wrong` makes the error for what is at some keys, from what it is and the fix.

    Raises ConfigError.
    """
    form = "[stacks.web], and below it context = ..."
    if not isinstance(stacks, dict):
        raise wrong((STACKS,), "must be tables", f"write it like this: {form}")
    for name, table in stacks.items():
        if not isinstance(table, dict):
            raise wrong((STACKS, name), "must be a table", f"write it like this: {form}")
        for key, value in table.items():
            if key != CONTEXT:
                raise wrong((STACKS, name, key), "unknown key", f"the key of such a table is {CONTEXT}")
            if not (_texts(value) and all(map(_is_name, _texts(value)))):
                raise wrong((STACKS, name, key), f"must be {WANTED}", "")


def contexts(path: str, text: str, stacks: dict[str, dict[str, Any]]) -> dict[str, tuple[list[str], str]]:
    """For each stack the contexts as they are written in the `text` of the file at `path`, and the place there."""
    return {
        name: (_texts(table[CONTEXT]), f"{path}:{line_of(text, STACKS, name, CONTEXT)}")
        for name, table in stacks.items()
        if CONTEXT in table
    }


def schema() -> dict[str, Any]:
    """The tables in the JSON Schema."""
    name = {"type": "string", "pattern": r"[^,\s]"}
    context = {"description": MEANING, "anyOf": [name, {"type": "array", "items": name, "minItems": 1}]}
    return {
        "description": "In the hookman.toml of a root: [stacks.web] says on which engines hookman run runs web.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "properties": {CONTEXT: context},
        },
    }


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and any(part.strip() for part in value.split(","))
