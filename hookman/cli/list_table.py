"""The table of hooks that `hookman list` prints for people."""

from __future__ import annotations

import os

import click

from hookman.base.messages import redactor, shown
from hookman.base.records import record
from hookman.cli import colour
from hookman.cli.history import median
from hookman.cli.table import columns, duration, rows, width
from hookman.compose.own_hooks import RUN_AT, OwnHook, OwnHooks
from hookman.hooks import catalogue, functions
from hookman.hooks.flaws import state
from hookman.hooks.function_kind import UNDECLARED
from hookman.hooks.groups import numbers
from hookman.hooks.planned import RUN, SKIP, PlannedHook
from hookman.hooks.scope import Scope
from hookman.hooks.undeclared import undeclared
from hookman.log.reader import GOOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.cli.history import Past

ANY_OTHER = "any other event"
BY_COMPOSE = "by Compose"
PLACE, LIMIT = 1, 2  # columns
MAIN = ("up", "down")  # the commands at which Compose's own hooks are always shown


@record
class Row:
    """A line of the table, under its event."""

    event: str
    cells: list[str]
    group: int = 0  # of hooks that run side by side; 0 if it runs alone


def print_table(now: Scope, hooks: list[PlannedHook], own: OwnHooks, past: Past, commands: list[str] | None) -> None:
    """Print the hooks by event. Only those of `commands` are there, None: all.

    Then only the likely ones show of the functions that hooks.sh may define, and Compose's own where most would look.
    """
    shown_hooks, unknown = (hooks, None) if commands is not None else _likely(now, hooks, past)
    groups = numbers(shown_hooks)
    table = [_row(hook, past.get((hook.event, hook.name), []), groups.get(hook.label, 0)) for hook in shown_hooks]
    used = {*MAIN, *(hook.event.split(".")[1] for hook in shown_hooks if hook.certain)}
    own_commands = [command for command in RUN_AT if command in used] if commands is None else commands
    table += [_own_row(hook, command) for command in own_commands for hook in own.at(command)]
    places = {event: number for number, event in enumerate(catalogue.every_place())}
    table.sort(key=lambda row: places[row.event])
    if len(shown_hooks) < len(hooks):
        cells = ["hook_<phase>_<command>", f"{functions.FILE_NAME}:{unknown}", "", UNDECLARED, ""]
        table.append(Row(event=ANY_OTHER, cells=cells))
    _print(table)
    if commands is None:
        _name_others(own, own_commands)


def _name_others(own: OwnHooks, commands: list[str]) -> None:
    """Name the commands besides `commands` at which Compose runs hooks of its own."""
    if others := [command for command in RUN_AT if command not in commands and own.at(command)]:
        click.echo(f"\nCompose's own hooks run also at {', '.join(others)}")


def _print(table: list[Row]) -> None:
    heading = ""
    lines = rows(_fitting([row.cells for row in table]))
    for row, line, bracket in zip(table, lines, _brackets(table), strict=True):
        if row.event != heading:
            heading = row.event
            click.echo(f"\n{colour.painted(heading, 'heading')}")
        click.echo(f"{bracket} {line}")


def _brackets(table: list[Row]) -> list[str]:
    """What is before each row: rows that are in one bracket run side by side."""
    places = [(row.event, row.group) for row in table]
    found = []
    for number, place in enumerate(places):
        is_first = number == 0 or places[number - 1] != place
        is_last = place not in places[number + 1 :]
        found.append("┌" if is_first else "└" if is_last else "│")
    return [bracket if row.group else " " for bracket, row in zip(found, table, strict=True)]


def _fitting(table: list[list[str]]) -> list[list[str]]:
    """The table without the columns that are left out where the terminal is too narrow for all."""
    for left_out in ((), (LIMIT,), (LIMIT, PLACE)):
        fitting = [[cell for number, cell in enumerate(row) if number not in left_out] for row in table]
        if width(fitting) <= columns():
            break
    return fitting


def _likely(now: Scope, hooks: list[PlannedHook], past: Past) -> tuple[list[PlannedHook], int | None]:
    """The hooks without functions that nothing speaks for, and the line of hooks.sh that may define these."""
    text = catalogue.hooks_text(now.project.directory)
    in_use = catalogue.events_of(now, text)
    more = undeclared(now.project.directory, text)
    likely = [
        hook
        for hook in hooks
        if hook.certain or hook.event in in_use or hook.name in more.named or (hook.event, hook.name) in past
    ]
    return likely, more.line


def _row(hook: PlannedHook, records: list[dict[str, Any]], group: int) -> Row:
    told = state(hook) + (f", waits: {hook.keys['wait']}" if "wait" in hook.keys and hook.action == RUN else "")
    painted = colour.painted(shown(told), _meaning(hook))
    cells = [shown(hook.name), _place(hook), hook.limit, painted, _history(records)]
    return Row(event=hook.event, cells=cells, group=group)


def _own_row(hook: OwnHook, command: str) -> Row:
    """Compose's own, and what it runs."""
    profiles = [f"with profile {' or '.join(hook.profiles)}"] if hook.profiles else []
    facts = [*profiles, redactor.shown(hook.command)]
    place = f"{shown(os.path.basename(hook.path))}:{hook.line}"
    painted = colour.painted(BY_COMPOSE, "quiet")
    return Row(event=f"project.{command}", cells=[shown(hook.name), place, "", painted, shown(": ".join(facts))])


def _meaning(hook: PlannedHook) -> str:
    """The meaning of its state, as a colour."""
    if hook.action == RUN and hook.certain and not hook.problem:
        return "good"
    return {RUN: "", SKIP: "quiet"}.get(hook.action, "bad") if not hook.problem else "bad"


def _place(hook: PlannedHook) -> str:
    """Where a hook's text is, in short."""
    return f"{shown(os.path.basename(hook.path))}:{hook.line}" if hook.line else hook.kind


def _history(records: list[dict[str, Any]]) -> str:
    """How a hook ended the last time, and how long it usually takes."""
    if not records:
        return ""
    last, usual = records[0], median(records)
    result = str(last.get("result"))
    text = f"last: {colour.painted(shown(result), '' if result in GOOD else 'bad')}"
    if "seconds" in last:
        text += f", {duration(last['seconds'])}"
    return text if usual is None else f"{text}; median {duration(usual)}"
