"""hookman config: read and change hookman.toml."""

from __future__ import annotations

import json
import os

import click
import tomli_w

from hookman.base import files, paths
from hookman.base.errors import ConfigError
from hookman.base.messages import say
from hookman.cli import as_json, complete, config_export, config_hooks, config_keys, config_notify
from hookman.cli.config_values import toml, typed
from hookman.cli.context import here, resolve
from hookman.cli.usage import Group, TakesNumbers
from hookman.run.side_by_side import cores
from hookman.settings import hookman_toml, reading
from hookman.settings.export_keys import TABLE as EXPORT
from hookman.settings.notify_keys import TABLE as NOTIFY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

user_option = click.option("--user", "is_users", is_flag=True, help="Your own config.toml, for all projects.")
key_argument = click.argument("key", metavar="KEY", shell_complete=complete.settings)


@click.group(cls=Group, name="config", short_help="Read and change hookman.toml.")
def group() -> None:
    """Read and change the settings: hookman.toml of this project, or your own (--user).

    \b
    hookman config list                          the settings in force here
    hookman config set timeout 900
    hookman config set skip 02-seed.sh,hook_pre_up
    hookman config set hooks.01-load.sh.timeout 900
    hookman config unset timeout

    KEY is a key of hookman.toml, or hooks.NAME.KEY for a key of a hook's table, such as
    hooks.01-load.sh.timeout; NAME is a hook or EVENT/HOOK. In a root there is also
    stacks.NAME.context; NAME is a stack. `hookman help settings` says
    what each key means.
    """


@group.command(name="list", short_help="Show the settings in force, and where each is set.")
@user_option
@as_json.option
@click.pass_obj
def list_(environ: dict[str, str], *, is_users: bool, is_json: bool) -> None:
    """Show every setting in force here, and the file that sets it. With --user, show those in your own file."""
    found = _users_own(environ) if is_users else _all_in_force(environ)
    if is_json:
        as_json.show({"settings": {key: {"value": value, "file": path} for key, (value, path) in found.items()}})
        return
    for key, (value, path) in found.items():
        click.echo(f"{key} = {toml(value)}" + (f"    # {path}" if path and not is_users else ""))


def _users_own(environ: Mapping[str, str]) -> dict[str, tuple[Any, str | None]]:
    """The settings in the user's own file, each with that file."""
    path = paths.config_file(environ)
    return {key: (value, path) for key, value in _flat(_read(path)).items()}


def _all_in_force(environ: Mapping[str, str]) -> dict[str, tuple[Any, str | None]]:
    """The settings in force here, each with the file that sets it; None for a default."""
    now = here(environ)
    files = hookman_toml.files(paths.config_file(environ), now.root, now.project.directory)
    set_in = {key: path for path in files for key in _flat(_read(path))}
    found = {key: (_of(now.settings, key), set_in.get(key)) for key in hookman_toml.KEYS if key != "review"}
    found |= config_export.in_force(now.settings.export) | config_notify.in_force(now.settings.notify)
    left = {key: path for key, path in set_in.items() if key not in found and not config_export.parts(key)}
    written = {key: _flat(_read(path))[key] for key, path in left.items()}
    return {**found, **{key: (value, set_in[key]) for key, value in written.items()}}


@group.command(short_help="Show one setting in force.")
@key_argument
@user_option
@click.pass_obj
def get(environ: dict[str, str], key: str, *, is_users: bool) -> int:
    """Show the setting KEY in force here. With --user, show the one in your own file.

    The exit code is 1 if it is not set.
    """
    parts = config_keys.parts(key)
    value = _flat(_read(paths.config_file(environ))).get(_joined(parts)) if is_users else _in_force(parts, environ)
    if value is None:
        say(f"{_joined(parts)} is not set")
        return 1
    click.echo(value if isinstance(value, str) else toml(value))
    return 0


@group.command(cls=TakesNumbers, name="set", short_help="Set a setting.")
@key_argument
@click.argument("value")
@user_option
@click.pass_obj
def set_(environ: dict[str, str], key: str, value: str, *, is_users: bool) -> None:
    """Set KEY to VALUE in hookman.toml. Put commas between the words of a list."""
    parts = config_keys.parts(key)
    path = _file(environ, is_users=is_users)
    if parts == [NOTIFY]:
        raise config_keys.not_written(path)
    document = _read(path, is_users=is_users)
    table = document
    for part in parts[:-1]:
        table = table.setdefault(part, {})
    table[parts[-1]] = typed(parts, value)
    _write(path, document, is_users=is_users)
    click.echo(f"{_joined(parts)} = {toml(_flat(document)[_joined(parts)])}    # {path}")


@group.command(short_help="Remove a setting.")
@key_argument
@user_option
@click.pass_obj
def unset(environ: dict[str, str], key: str, *, is_users: bool) -> int:
    """Remove KEY from hookman.toml. Then the value of another file, or the default, is in force.

    The exit code is 1 if it was not set.
    """
    parts = config_keys.parts(key)
    path = _file(environ, is_users=is_users)
    document = _read(path, is_users=is_users)
    tables = [document]
    for part in parts[:-1]:
        tables.append(tables[-1].get(part, {}))
    if parts[-1] not in tables[-1]:
        say(f"{_joined(parts)} is not set in {path}")
        return 1
    del tables[-1][parts[-1]]
    for above, part in zip(reversed(tables[:-1]), reversed(parts[:-1]), strict=True):
        if not above[part]:
            del above[part]
    _write(path, document, is_users=is_users)
    click.echo(f"removed {_joined(parts)} from {path}")
    value = _in_force(parts, environ)
    nothing = "that of all hooks" if parts[0] == "hooks" else "none"
    click.echo(f"now in force: {_joined(parts)} = {nothing if value is None else toml(value)}")
    return 0


@group.command(name="schema", short_help="Print the JSON Schema of hookman.toml, for editors.")
def schema_() -> None:
    """Print the JSON Schema of hookman.toml. Editors with a TOML language server use it to complete and check."""
    from hookman.settings.schema import schema

    click.echo(json.dumps(schema(), indent=2))


def _in_force(parts: list[str], environ: Mapping[str, str]) -> Any:
    """The value in force here; None for a hook that has none of its own. Raises HookmanError."""
    now = here(environ)
    settings = now.settings
    if parts[0] == hookman_toml.STACKS:
        files = hookman_toml.files(paths.config_file(environ), now.root, now.project.directory)
        return {key: value for path in files for key, value in _flat(_read(path)).items()}.get(_joined(parts))
    if parts[0] == EXPORT:
        return config_export.flat(settings.export).get(_joined(parts))
    if parts == [NOTIFY]:
        return config_notify.in_force(settings.notify).get(NOTIFY, (None, None))[0]
    if len(parts) == 1:
        return bool(settings.approved) if parts == ["review"] else _of(settings, parts[0])
    return config_hooks.shown(settings.hooks.get(parts[1], {})).get(parts[2])


def _of(settings: hookman_toml.Settings, key: str) -> Any:
    """A setting in force. That of `jobs` is the number of processor cores, if no file sets it."""
    return getattr(settings, key) or (cores() if key == "jobs" else getattr(settings, key))


def _joined(parts: list[str]) -> str:
    return ".".join(parts)


def _file(environ: Mapping[str, str], *, is_users: bool) -> str:
    if is_users:
        return paths.config_file(environ)
    return os.path.join(resolve(environ).directory, hookman_toml.FILE_NAME)


def _read(path: str, *, is_users: bool = True) -> dict[str, Any]:
    return reading.as_written(path, users_own=is_users) if os.path.lexists(path) else {}


def _write(path: str, document: dict[str, Any], *, is_users: bool) -> None:
    """Write the file again, if its new content is right. Raises ConfigError.

    tomli-w keeps no comments, so a file that has some is kept beside it.
    """
    if os.path.islink(path) and not is_users:
        raise ConfigError(f"{path} is a link, so nothing was written", "change the file that it leads to")
    text = tomli_w.dumps(document)
    try:
        reading.checked(path, text, users_own=is_users)
        if is_users:
            reading.not_for_users(path, text, document)
    except ConfigError as error:
        raise ConfigError(error.message, "give another value; nothing was changed", error.problem.where) from error
    target = os.path.realpath(path)  # your own may be a link
    try:
        there = os.stat(path) if os.path.lexists(path) else None
        before = files.read_regular(path).decode() if there else ""
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if any(line.lstrip().startswith("#") or " #" in line for line in before.splitlines()):
            files.replace_file(f"{path}.bak", before.encode(), like=there)
            click.echo(f"the comments of {path} are kept in {path}.bak", err=True)
        files.replace_file(target, text.encode(), 0o666 & ~files.umask(), like=there)
    except OSError as error:
        raise ConfigError(f"can't write {path}: {error.strerror}", "make it writable") from error


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """The settings of a file, by the keys that users type."""
    tables = {kind: document.get(kind, {}) for kind in ("hooks", hookman_toml.STACKS)}
    inner = {
        f"{kind}.{name}.{key}": value
        for kind, every in tables.items()
        for name, own in every.items()
        for key, value in (config_hooks.shown(own) if kind == "hooks" else own).items()
    }
    inner |= config_export.flat(document.get(EXPORT, {}))
    others = {key: value for key, value in document.items() if key not in (*tables, EXPORT)}
    return {**others, **inner, **config_notify.shown(document)}
