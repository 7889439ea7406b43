"""Merging the files with settings, key by key: a later file wins."""

from __future__ import annotations

import os

from hookman.base.errors import ConfigError
from hookman.base.files import read_regular
from hookman.base.records import replaced
from hookman.consent.trust import beside
from hookman.settings.hookman_toml import IN_CONTAINER, Tables, Unread
from hookman.settings.layers import Kept, Layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

_IN_CONTAINER = frozenset({"service", *IN_CONTAINER})


def merged(
    files: Iterable[str], user_file: str, compose: Collection[str], doubtful: Collection[str], private: str
) -> tuple[dict[str, Any], Tables]:
    """The settings of all `files`, and the tables of hooks; a later file wins. `compose` are compose files.

    Raises ConfigError.
    Others may change what is `doubtful`. Of such a file only the hooks that it declares are read, so that they can be
    refused. What was read is kept in the `private` directory.
    """
    kept = Kept(private)
    values: dict[str, Any] = {}
    layers: list[Layer] = []
    unread: list[Unread] = []
    for path in files:
        trusted = not doubtful or _deciding(path).isdisjoint(doubtful)
        if path in compose:
            layers += _of_compose(kept, path, unread, trusted=trusted)
        elif trusted:
            layers.append(kept.layer(path, users_own=path == user_file))
            values |= {key: _frozen(value, key, values) for key, value in layers[-1].values.items()}
        else:
            layers += _declaring(kept, path, users_own=path == user_file)
    kept.save()
    return values, replaced(_tables(layers), unread=tuple(unread))


def _of_compose(kept: Kept, path: str, unread: list[Unread], *, trusted: bool) -> list[Layer]:
    """The tables of a compose file; one that is no YAML is added to `unread`. Raises ConfigError."""
    from hookman.settings.x_hookman import NotYamlError

    try:
        layer = kept.layer(path, is_compose=True)
    except NotYamlError as error:
        unread.append(Unread(problem=error.error.problem, text=_text(path)))
        return []
    except ConfigError:
        if trusted:
            raise
        return []
    return [layer if trusted else _declared_of(layer)]


def _text(path: str) -> str:
    try:
        return read_regular(path).decode("utf-8", "replace")
    except OSError:
        return ""


def _tables(layers: list[Layer]) -> Tables:
    """The tables of all `layers`. Raises ConfigError."""
    hooks: dict[str, dict[str, Any]] = {}
    files: dict[str, tuple[str, ...]] = {}
    declared: dict[str, tuple[str, int]] = {}
    for layer in layers:
        for written, table in layer.hooks.items():
            name = _full(written)
            hooks[name] = _over(table, hooks.get(name, {}))
            files[name] = (*files.get(name, ()), *([] if layer.users_own else [layer.path]))
            if "run" in table:
                declared[name] = (layer.path, layer.lines[written][""])
    for name, table in hooks.items():
        if ("run" in table) != ("on" in table):
            raise _half_declared(name, table, layers)
        if not _IN_CONTAINER.isdisjoint(table):
            from functools import partial

            from hookman.settings.of_containers import check

            check(name, table, partial(_place_of, layers, name))
    read = {layer.path: layer for layer in layers if layer.hooks and not layer.users_own}
    return Tables(hooks=hooks, declared=declared, files=files, layers=read)


def _full(name: str) -> str:
    """The name of a table with its event's full name, if it has one: up.pre/a.sh → project.up.pre/a.sh."""
    return f"project.{name}" if "/" in name and not name.startswith("project.") else name


def _over(table: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A table merged into one of the same name: key by key, and `env` variable by variable."""
    both = {**before, **table}
    if "env" in before and "env" in table:
        both["env"] = {**before["env"], **table["env"]}
    return both


def _half_declared(name: str, table: dict[str, Any], layers: list[Layer]) -> ConfigError:
    """The error for a table with `run` and without `on`, or the other way round."""
    key, other = ("run", "on") if "run" in table else ("on", "run")
    place = _place_of(layers, name, key)
    fix = 'say when it runs, such as: on = "up.post"' if other == "on" else "say what it runs, or remove the key"
    return ConfigError(f"{place}: {name} has {key}, but no {other}", fix, place)


def _place_of(layers: list[Layer], name: str, key: str) -> str:
    """The file and the line in which `key` of the table `name` is set; `name` may be written without its project."""
    return next(
        f"{layer.path}:{layer.lines[written][key]}"
        for layer in reversed(layers)
        for written in (name, name.removeprefix("project."))
        if key in layer.hooks.get(written, {})
    )


def _declaring(kept: Kept, path: str, *, users_own: bool) -> list[Layer]:
    """A file that others may change, with the hooks that it declares alone; its mistakes are not shown."""
    try:
        found = kept.layer(path, users_own=users_own)
    except ConfigError:
        return []
    return [_declared_of(found)]


def _declared_of(layer: Layer) -> Layer:
    """The layer with the hooks that it declares alone."""
    hooks = {name: table for name, table in layer.hooks.items() if "run" in table and "on" in table}
    return replaced(layer, hooks=hooks, values={})


def _frozen(value: Any, key: str, before: dict[str, Any]) -> Any:
    """The value of a key as Settings have it, merged with the value of the files before."""
    if key == "export":
        from hookman.settings.export_keys import over

        return over(value, before.get(key, {}))
    if key == "notify":  # those of all files count; an empty list switches off what earlier files say
        return (*before.get(key, ()), *value) if value else ()
    return tuple(value) if isinstance(value, list) else value


def _deciding(path: str) -> set[str]:
    """The file at `path` and every directory on the way to it."""
    found = set(beside(path))
    for below in list(found):
        while (above := os.path.dirname(below)) not in found:
            found.add(above)
            below = above  # noqa: PLW2901
    return found
