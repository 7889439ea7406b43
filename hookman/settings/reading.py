"""Reading and checking one file with settings. Unknown keys and wrong values are errors that name file and line."""

from __future__ import annotations

from hookman.base.durations import seconds
from hookman.base.errors import ConfigError
from hookman.base.messages import one_line
from hookman.base.redact import without_values
from hookman.settings.hookman_toml import CHOICES, EVENTS, KEYS, LARGEST, SECONDS, STACKS, USERS_OWN, least
from hookman.settings.lines import line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.settings.hook_keys import Key


def read(path: str, *, users_own: bool = True) -> dict[str, Any]:
    """What the file at `path` says, checked, as it is in force. Raises ConfigError."""
    return in_force(as_written(path, users_own=users_own))


def as_written(path: str, *, users_own: bool = True) -> dict[str, Any]:
    """What `read` returns, but each value is still the one in the file. Raises ConfigError."""
    from hookman.base.files import read_regular

    try:
        data = read_regular(path)
    except OSError as error:
        raise cant_read(path, error) from error
    return checked(path, decoded(path, data), users_own=users_own)


def not_for_users(path: str, text: str, document: dict[str, Any]) -> None:
    """Raises ConfigError for what a user's own file can't say: which engines the stacks of a root are on."""
    if STACKS in document:
        fix = "put it into the hookman.toml of the directory that holds the stacks"
        raise _error(path, text, (STACKS,), "is for the hookman.toml of a root", fix)


def cant_read(path: str, error: OSError) -> ConfigError:
    """The error for a file that can't be read."""
    return ConfigError(f"can't read {path}: {error.strerror}", "make it readable, or move it away", path)


def decoded(path: str, data: bytes) -> str:
    """The text of the file at `path`. Raises ConfigError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})", "save the file as UTF-8", path) from error


def checked(path: str, text: str, *, users_own: bool) -> dict[str, Any]:
    """The settings in `text` as they are written, checked; `path` is named in errors. Raises ConfigError."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{path}: values are nested too deeply", "write them with fewer brackets", path) from None
    except ValueError as error:  # TOMLDecodeError is one, and a number of thousands of digits
        raise _no_toml(path, text, str(error)) from error
    for key, value in document.items():
        if key == "hooks":
            _check_hooks(path, text, value)
        elif key == STACKS:
            _check_stacks(path, text, value)
        elif key == "export":
            _check_export(path, text, value)
        elif key != "notify":  # in which nothing stops a command: export/notices.py
            _check(path, text, key, value)
            if key in USERS_OWN and not users_own:
                raise _error(path, text, (key,), "is for your own config.toml, not for a project's file")
    return document


def _no_toml(path: str, text: str, message: str) -> ConfigError:
    """The error for a text that TOML's reader refuses: its message says the line at its end, if it knows one."""
    what, _, position = message.partition(" (at line ")
    what, ends, _ = what.partition(" (at end of document)")
    if ends:
        what, position = f"{what}{ends}", str(len(text.rstrip().split("\n")))
    place = f"{path}:{position.partition(',')[0]}" if position else path
    if what.endswith(" twice"):
        names = ".".join(what.split("'")[1::2])
        return ConfigError(
            f"{place}: the table {names} is there twice", "make them one, or give one another name", place
        )
    if what == "Cannot overwrite a value":
        return ConfigError(f"{place}: a key is there twice", "remove one of the two", place)
    return ConfigError(f"{place}: {what}", "the file must be TOML: https://toml.io", place)


def in_force(document: dict[str, Any]) -> dict[str, Any]:
    """A checked document with its values as they are in force: durations are seconds, large numbers are cut."""
    found = {key: _value(key, value) for key, value in document.items() if key not in ("hooks", STACKS)}
    if "hooks" in document:
        from hookman.settings.hook_keys import HOOK_KEYS

        found["hooks"] = {
            name: {key: HOOK_KEYS[key].read(value) for key, value in table.items()}
            for name, table in document["hooks"].items()
        }
    return found


def _value(key: str, value: Any) -> Any:
    if key in ("export", "notify"):
        return value
    if isinstance(value, str) and KEYS[key] is SECONDS:
        return seconds(value)
    if KEYS[key] is EVENTS:
        from hookman.settings.hook_values import events

        return events(value) if value else []
    return min(value, LARGEST) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def check_table(place: Any, name: str, table: Any, wanted: str) -> None:
    """Check a hook's table; `place` makes the beginning of a message, and the place, from keys.

    Raises ConfigError. `wanted` is how a table looks in that file.
    """
    from hookman.settings.hook_keys import HOOK_KEYS, OTHER_NAMES
    from hookman.settings.hook_values import WrongValueError, for_a_shell

    if not isinstance(table, dict):
        raise _placed(place(), name, f"must be a table: {wanted}")
    for key, value in table.items():
        if key not in HOOK_KEYS:
            raise _placed(place(key), key, "unknown key", _known(OTHER_NAMES.get(key) or key, HOOK_KEYS))
        try:
            HOOK_KEYS[key].read(value)
        except WrongValueError as error:
            raise _placed(place(key), key, error.what or f"must be {HOOK_KEYS[key].wanted}", error.fix) from error
    try:
        for_a_shell(table)
    except WrongValueError as error:
        raise _placed(place("env"), "env", error.what, error.fix) from error
    if "run" in table and (not name.strip() or "/" in name or not name.isprintable()):
        raise _placed(place(), name, "the name of a declared hook may not be empty, nor have a / or a line break in it")


def _check_hooks(path: str, text: str, hooks: Any) -> None:
    if not isinstance(hooks, dict):
        raise _error(path, text, ("hooks",), 'must be tables: [hooks."01-load.sh"]')
    for name, table in hooks.items():

        def place(*keys: str, name: str = name) -> str:
            return _place(path, text, ("hooks", name, *keys))

        check_table(place, name, table, f'[hooks."{without_values(name)}"]')


def _check_stacks(path: str, text: str, stacks: Any) -> None:
    from hookman.settings.stacks import check

    check(stacks, lambda keys, what, fix: _error(path, text, keys, what, fix))


def _check_export(path: str, text: str, table: Any) -> None:
    from hookman.settings.export_keys import EXPORT_KEYS

    if not isinstance(table, dict):
        raise _error(path, text, ("export",), 'must be a table: [export], and below it otlp = "http://localhost:4318"')
    for key, value in table.items():
        if key not in EXPORT_KEYS:
            raise _error(path, text, ("export", key), "unknown key", _known(key, [*EXPORT_KEYS]))
        if not EXPORT_KEYS[key].is_legal(value):
            raise _error(path, text, ("export", key), f"must be {EXPORT_KEYS[key].wanted}")


def _check(path: str, text: str, key: str, value: Any) -> None:
    if key not in KEYS:
        raise _error(path, text, (key,), "unknown key", _known(key, [*KEYS, "hooks", STACKS, "export", "notify"]))
    types, wanted = KEYS[key]
    if KEYS[key] is EVENTS and isinstance(value, list):
        _check_events(path, text, key, value)
    if KEYS[key] is SECONDS and isinstance(value, str):
        legal = seconds(value) is not None
    else:
        legal = isinstance(value, types) and _is_legal(key, value, types)
    if not legal:
        raise _error(path, text, (key,), f"must be {wanted}")


def _check_events(path: str, text: str, key: str, value: list[Any]) -> None:
    from hookman.settings.hook_values import WrongValueError, event_named

    for event in value:
        try:
            event_named(event)
        except WrongValueError as error:
            raise _error(path, text, (key,), error.what or f"must be {KEYS[key][1]}", error.fix) from error


def _known(key: str, keys: dict[str, Key] | list[str]) -> str:
    from hookman.base.suggestion import did_you_mean

    return did_you_mean(key, keys, f"known keys: {', '.join(sorted(keys))}")


def _is_legal(key: str, value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, list) and key == "hook_files":
        return all(isinstance(item, str) and item and "/" not in item for item in value)
    if isinstance(value, list):
        return all(isinstance(item, str) and item in CHOICES.get(key, value) for item in value)
    if isinstance(value, str):
        return value in CHOICES[key]
    return bool(least(key) <= value < float("inf"))


def _error(path: str, text: str, keys: tuple[str, ...], what: str, fix: str = "") -> ConfigError:
    return _placed(_place(path, text, keys), keys[-1], what, fix)


def _place(path: str, text: str, keys: tuple[str, ...]) -> str:
    line = line_of(text, *keys)
    return f"{path}:{line}" if line else path


def _placed(place: str, key: str, what: str, fix: str = "") -> ConfigError:
    return ConfigError(
        f"{place}: {one_line(without_values(key))}: {what}", fix or "correct the line, or remove it", place
    )
