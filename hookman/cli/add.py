"""hookman add: a new hook, as a script, a function or a table."""

from __future__ import annotations

import os

import click

from hookman.base import files
from hookman.base.errors import ConfigError, HookmanError, UsageError
from hookman.base.messages import say, shown
from hookman.base.quoting import shell_quoted
from hookman.base.resources import template_path
from hookman.cli import complete
from hookman.cli.context import around
from hookman.cli.edit import open_in_editor
from hookman.cli.test_targets import ARGUMENTS, TargetsAndArguments
from hookman.compose.commandline import OPERATIONS
from hookman.hooks import functions, scripts
from hookman.hooks.catalogue import events_named
from hookman.hooks.enabling import has_compose_file, has_hooks, meant, not_enabled
from hookman.hooks.planned import ALWAYS, FAILED, POST, PRE
from hookman.hooks.scope import Scope
from hookman.settings import hookman_toml, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_LINES = {"sh": "#!/bin/sh", "bash": "#!/usr/bin/env bash"}
WHEN = {
    PRE: "Runs before `{0}`. If it fails, `{0}` does not run.",
    POST: "Runs after `{0}`, if that succeeded.",
    FAILED: "Runs if `{0}` did not succeed. HOOKMAN_RESULT says how it went.",
    ALWAYS: "Runs at the end of `{0}`, whatever happened. HOOKMAN_RESULT says how it went.",
}


@click.command(cls=TargetsAndArguments, short_help="Write a new hook, ready to be filled in.")
@click.argument("event", metavar="EVENT", shell_complete=complete.phases)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--function", "is_function", is_flag=True, help="Append a function to hooks.sh.")
@click.option("--declare", "is_declared", is_flag=True, help="Write a table to hookman.toml that runs COMMAND.")
@click.option("--edit", is_flag=True, help="Open the new hook in your editor (VISUAL, EDITOR).")
@click.pass_context
def command(
    ctx: click.Context, event: str, name: str | None, *, is_function: bool, is_declared: bool, edit: bool
) -> int:
    """Write a hook for EVENT, such as up.post, in this project. Nothing is overwritten.

    \b
      hookman add up.pre 01-check.sh        a script that can be executed
      hookman add up.post --function        hook_post_up in hooks.sh
      hookman add up.post hi --declare -- echo hi
                                            a table in hookman.toml

    After that, hookman edit NAME opens it, and hookman test NAME runs it.
    """
    environ: dict[str, str] = ctx.obj
    words: list[str] = ctx.meta[ARGUMENTS]
    if is_function and is_declared:
        raise UsageError("add: --function and --declare are two kinds of hook", "leave one of them out")
    if bool(words) != is_declared:
        what = "add: --declare needs the command" if is_declared else "add: a command goes only with --declare"
        raise UsageError(
            what, f"hookman add {event} {name or 'NAME'} --declare -- {' '.join(map(shell_quoted, words)) or 'COMMAND'}"
        )
    now = _project(environ)
    event = _event(event)
    if is_function:
        path, called = _function(now, event, name)
    elif not name:
        raise _no_name(event, words)
    elif is_declared:
        path, called = _table(now, event, name, words), name
    else:
        path, called = _script(now, event, name)
    label = shell_quoted(called if is_function or is_declared else f"{event}/{called}".removeprefix("project."))
    click.echo(f"{'created' if not (is_function or is_declared) else 'added'}  {shown(label)}    {shown(path)}")
    if not now.enabled:
        say(not_enabled(now.project, environ, now.data).line)
    elif now.settings.approved:
        click.echo("Before it runs, you approve it: hookman review")
    if edit:
        return open_in_editor(path, environ)
    click.echo(f"Next: hookman edit {shown(label)}")
    return 0


def _no_name(event: str, words: list[str]) -> UsageError:
    rest = f"NAME --declare -- {' '.join(map(shell_quoted, words))}" if words else "01-NAME.sh"
    return UsageError("add: NAME is missing", f"hookman add {event.removeprefix('project.')} {rest}")


def _project(environ: Mapping[str, str]) -> Scope:
    """The project around here. Raises HookmanError where there is none."""
    from hookman.base.paths import data_dir

    project = meant(environ, data_dir(environ))
    if not (has_compose_file(project.directory) or has_hooks(project.directory) or project.explicit_files):
        raise HookmanError(f"there is no project in {shown(project.directory)}", "go to one (cd), or: hookman init")
    return around(project, environ)


def _event(text: str) -> str:
    """The one event that `text` names. Raises UsageError."""
    events = events_named(text)
    if len(events) > 1:
        short = [event.removeprefix("project.") for event in events]
        raise UsageError(f"add: {text!r} names {len(events)} events", f"write one of {', '.join(short)}")
    return events[0]


def _when(event: str) -> str:
    """When a hook of `event` runs, in a sentence."""
    _, command, phase = event.split(".")
    typed = f"docker compose {command}" if command in OPERATIONS else f"hookman {command.replace('_', ' ')}"
    return WHEN[phase].format(typed)


def _script(now: Scope, event: str, name: str) -> tuple[str, str]:
    """Write a script. Returns its path and its name. Raises HookmanError."""
    patterns = now.settings.hook_files
    if "." not in name and not scripts.is_hook_name(name, patterns):
        name = f"{name}.sh"
    if "/" in name or name.startswith(".") or not name.isprintable():
        raise UsageError(f"add: {shown(name)} can't be the name of a script", "leave out /, and a . at the start")
    if not scripts.is_hook_name(name, patterns):
        more = shell_quoted(",".join([*patterns, f"*.{name.rpartition('.')[2]}"]))
        are = f"only {', '.join(patterns)} files are (hook_files)"
        raise UsageError(f"add: {shown(name)} would not be a hook: {are}", f"hookman config set hook_files {more}")
    ending = name.rpartition(".")[2] if "." in name else "sh"
    program = scripts.INTERPRETERS.get(ending)
    first = f"#!/usr/bin/env {program}" if program else FIRST_LINES.get(ending, FIRST_LINES["sh"])
    comment = "//" if program == "node" else "#"
    is_shell = not program
    text = f"{first}\n{'<?php ' if program == 'php' else ''}{comment} {_when(event)}\n{'set -eu' if is_shell else ''}\n"
    place = f"{scripts.HOOKS_DIR}/{event}"
    path = os.path.join(now.project.directory, place, name)
    try:
        folder, _ = files.open_folder(now.project.directory, place)
        try:
            files.new_file(folder, name, text.encode(), 0o755)
        finally:
            os.close(folder)
    except FileExistsError as error:
        fix = f"hookman edit {shell_quoted(f'{event}/{name}'.removeprefix('project.'))}"
        raise HookmanError(f"{shown(path)} is there already", fix, path) from error
    except OSError as error:
        raise HookmanError(f"can't write {shown(error.filename or path)}: {error.strerror}", "look at it") from error
    return path, name


def _function(now: Scope, event: str, name: str | None) -> tuple[str, str]:
    """Append a function to hooks.sh. Returns that file's path and the function's name. Raises HookmanError."""
    function = functions.function_name(event)
    short = event.removeprefix("project.")
    if name and name != function:
        raise UsageError(f"add: the function of {short} is {function}", f"hookman add {short} --function")
    path = os.path.join(now.project.directory, functions.FILE_NAME)
    there = _status(path)
    text = ""
    if there:
        file = functions.read(path, now.environ.get("PATH", ""))
        if file.problem:
            raise HookmanError.of(file.problem)
        text = file.text
        if line := functions.defined_at(text, function):
            raise HookmanError(f"{shown(path)}:{line} has {function} already", f"hookman edit {function}", path)
    else:
        with open(template_path("hooks.sh"), encoding="utf-8") as template:
            text = template.read()
    _replace(path, f"{_ended(text)}\n# {_when(event)}\n{function}() {{\n    :\n}}\n", there)
    return path, function


def _table(now: Scope, event: str, name: str, words: list[str]) -> str:
    """Append a table that declares a hook to hookman.toml. Returns that file's path. Raises HookmanError."""
    import tomli_w

    path = os.path.join(now.project.directory, hookman_toml.FILE_NAME)
    tables = now.settings.tables
    if name in tables.hooks:
        where = tables.declared.get(name)
        place = f"{where[0]}:{where[1]}" if where else ", ".join(tables.files.get(name, (path,)))
        raise HookmanError(f"{shown(place)} has a table for {shown(name)} already", "give another name", path)
    run = words[0] if len(words) == 1 and len(words[0].split()) > 1 else words
    table = {"on": event.removeprefix("project."), "run": run}
    there = _status(path)
    text = reading.decoded(path, files.read_regular(path)) if there else ""
    text = (f"{_ended(text)}\n" if text else "") + tomli_w.dumps({"hooks": {name: table}})
    try:
        reading.checked(path, text, users_own=False)
    except ConfigError as error:
        raise ConfigError(f"{error.message}; nothing was changed", error.fix, error.problem.where) from error
    _replace(path, text, there)
    return path


def _status(path: str) -> os.stat_result | None:
    """The status of the file at `path`; None where there is none. Raises HookmanError for a link."""
    if os.path.islink(path):
        raise HookmanError(f"{shown(path)} is a link, so nothing was written", "change the file that it leads to", path)
    return os.stat(path) if os.path.lexists(path) else None


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _replace(path: str, text: str, there: os.stat_result | None) -> None:
    data = text.encode("utf-8", "surrogateescape")
    try:
        files.replace_file(path, data, 0o644 & ~files.umask(), like=there)
    except OSError as error:
        raise HookmanError(f"can't write {shown(path)}: {error.strerror}", "make it writable", path) from error
