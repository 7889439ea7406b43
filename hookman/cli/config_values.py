"""Values of settings as they are typed at `hookman config`, and as TOML has them."""

from __future__ import annotations

import tomllib

import tomli_w

from hookman.cli import config_export
from hookman.settings import hookman_toml
from hookman.settings.export_keys import TABLE as EXPORT
from hookman.settings.hook_keys import HOOK_KEYS
from hookman.settings.hook_values import WrongValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def typed(parts: list[str], text: str) -> Any:
    """What was typed for a key, in the type of the key. If it has a wrong type, the check of the file finds it."""
    if parts[0] == "hooks":
        return _hook_value(parts[-1], text)
    if parts[0] == EXPORT:
        return config_export.value(parts[1], text)
    names = [part.strip() for part in text.split(",") if part.strip()]
    if parts[0] == hookman_toml.STACKS:
        return names if len(names) > 1 else text
    kinds = hookman_toml.KEYS[parts[-1]][0]
    if list in kinds:
        return names
    return text if str in kinds else _toml_value(text)


def toml(value: Any) -> str:
    """A value as TOML has it."""
    value = list(value) if isinstance(value, tuple) else value
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {toml(item)}' for key, item in value.items())} }}"
    return tomli_w.dumps({"x": value}).partition("=")[2].strip()


def _hook_value(key: str, text: str) -> Any:
    """What was typed for a key of a hook's table: TOML, if the key can have such a value, else the text itself.

    What is a table or a list is meant as one, also if the key can't have it.
    """
    value = _toml_value(text)
    if _can_be(key, value) and not (isinstance(value, str) and _takes_list(key) and "," in text):
        return value
    if _takes_list(key) and not isinstance(value, (dict, list)):
        several = [_toml_value(one.strip()) for one in text.split(",") if one.strip()]
        if _can_be(key, several):
            return several
    return value if isinstance(value, (dict, list)) else text


def _toml_value(text: str) -> Any:
    """The typed text, read as TOML; the text itself if it is not TOML."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _can_be(key: str, value: Any) -> bool:
    try:
        HOOK_KEYS[key].read(value)
    except WrongValueError:
        return False
    return True


def _takes_list(key: str) -> bool:
    """Can the key have a list? A text for run is one command, whatever is in it."""
    schema = HOOK_KEYS[key].schema
    return key != "run" and any(one.get("type") == "array" for one in (schema, *schema.get("anyOf", ())))


def _key(name: str) -> str:
    """A key as TOML has it."""
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else toml(name)
