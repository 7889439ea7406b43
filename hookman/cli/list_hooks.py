"""hookman list: every hook of a project in its order, and whether it is ready."""

from __future__ import annotations

import itertools
import json
import os
import statistics

import click

from hookman.base import paths
from hookman.base.errors import Problem
from hookman.base.messages import one_line, shown
from hookman.cli import colour, complete, problems
from hookman.cli.context import here
from hookman.cli.table import duration, rows
from hookman.hooks import catalogue, functions, skips
from hookman.hooks.condition import state
from hookman.hooks.enabling import enable_command
from hookman.hooks.function_kind import UNDECLARED
from hookman.hooks.planned import RUN, SKIP, PlannedHook
from hookman.hooks.scope import Scope
from hookman.hooks.strays import Stray
from hookman.hooks.undeclared import undeclared
from hookman.hooks.wrong_skips import WrongSkip, wrong_skips
from hookman.log import store
from hookman.log.reader import GOOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

JSON_VERSION = 1
LOOK_BACK = 200  # runs from which results and times are taken
ANY_OTHER = "any other event"


@click.command(short_help="Show every hook of this project, in the order in which they run.")
@click.option(
    "--event",
    "event",
    metavar="EVENT",
    shell_complete=complete.events,
    help="Show only this event or command: project.up.pre, up.pre, up.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (see: hookman help json).")
@colour.option
@click.pass_obj
def command(environ: dict[str, str], event: str | None, *, as_json: bool) -> None:
    """Show every hook of this project in the order in which they run, and whether each is ready.

    For each hook it shows where it is, its time limit, its state, how it ended the last
    time, and its median time. It runs none of them. There are events before (pre), after
    (post), on failure (failed) and at the end (always) of up, down, start, stop, restart,
    build, pull, logs, ps, exec, run, create, kill, pause, unpause, port, top, push, rm,
    scale, watch, cp, attach, wait, commit, export, publish, db_export and db_import.
    """
    now = here(environ)
    hooks = planned_hooks(now, event)
    past = past_runs(now)
    lost = [] if event else catalogue.strays(now.project.directory)
    skip = skips.skips(now.settings, environ, skip_hooks=False)
    mistyped = [] if event else wrong_skips(skip, now, environ)
    if as_json:
        click.echo(json.dumps(_document(now, hooks, past, lost, mistyped), indent=2))
        return
    trusted = f"; {now.settings.trust}" if str(now.settings.trust) else ""
    state = f"enabled{trusted}" if now.enabled else f"not enabled: {enable_command(now.project, environ, now.data)}"
    click.echo(f"{shown(now.project.directory)}  ({state})")
    if not hooks:
        click.echo("no hooks" + (f" for {event}" if event else "; make some with: hookman init --examples"))
    _print(now, hooks, past, every=event is not None)
    problems_of_names = [one.problem for one in lost] + [one.problem for one in mistyped]
    for part, problem in [*_problems(hooks), *(("", problem) for problem in problems_of_names)]:
        click.echo()
        problems.show("!", problem, part)


def _problems(hooks: list[PlannedHook]) -> list[tuple[str, Problem]]:
    """What is wrong with the hooks, once each, and with which one unless the problem says it itself."""
    found: list[tuple[str, Problem]] = []
    for hook in hooks:
        # A broken hooks.sh is the problem of each of its functions.
        if hook.problem and hook.problem not in [problem for _, problem in found]:
            named = any(name in hook.problem.what for name in (hook.path, f'Hook "{one_line(hook.name)}"'))
            found.append(("" if named else hook.label, hook.problem))
    return found


def planned_hooks(now: Scope, wanted: str | None = None) -> list[PlannedHook]:
    """The hooks of every event (or of those that `wanted` names) as a run would plan them."""
    skip = skips.skips(now.settings, now.environ, skip_hooks=False)
    events = None if wanted is None else catalogue.events_named(wanted)
    hooks = catalogue.every_hook(now, skip, events)
    return hooks or ([] if wanted else catalogue.broken(now, skip))


def past_runs(now: Scope) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """How each hook ended in the last runs: (event, name) → its records, the newest first."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    runs = store.runs(paths.project_data_dir(now.data, now.project.real))
    for run in itertools.islice(runs, LOOK_BACK):
        for hook in run.get("hooks", []):
            found.setdefault((hook.get("event", ""), hook.get("name", "")), []).append(hook)
    return found


def _print(
    now: Scope, hooks: list[PlannedHook], past: dict[tuple[str, str], list[dict[str, Any]]], *, every: bool
) -> None:
    """The table. Of functions that hooks.sh may define only the likely ones show, unless `every` one is to."""
    text = catalogue.hooks_text(now.project.directory)
    in_use = catalogue.events_in_use(now.project.directory, text)
    more = undeclared(now.project.directory, text)
    likely = [
        hook
        for hook in hooks
        if every or hook.certain or hook.event in in_use or hook.name in more.named or (hook.event, hook.name) in past
    ]
    table = [
        [
            shown(hook.name),
            _place(hook),
            hook.limit,
            colour.painted(shown(state(hook)), _meaning(hook)),
            _history(past.get((hook.event, hook.name), [])),
        ]
        for hook in likely
    ]
    headings = [hook.event for hook in likely]
    if len(likely) < len(hooks):
        headings.append(ANY_OTHER)
        table.append(["hook_<phase>_<command>", f"{functions.FILE_NAME}:{more.line}", "", UNDECLARED, ""])
    heading = ""
    for event, line in zip(headings, rows(table), strict=True):
        if event != heading:
            heading = event
            click.echo(f"\n{colour.painted(event, 'heading')}")
        click.echo(f"  {line}")


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
    last, usual = records[0], _median(records)
    result = str(last.get("result"))
    text = f"last: {colour.painted(shown(result), '' if result in GOOD else 'bad')}"
    if "seconds" in last:
        text += f", {duration(last['seconds'])}"
    return text if usual is None else f"{text}; median {duration(usual)}"


def _median(records: list[dict[str, Any]]) -> float | None:
    """The median of a hook's times in seconds; None if it never ran."""
    seconds = [one["seconds"] for one in records if "seconds" in one]
    return round(statistics.median(seconds), 3) if seconds else None


def _document(
    now: Scope,
    hooks: list[PlannedHook],
    past: dict[tuple[str, str], list[dict[str, Any]]],
    lost: list[Stray],
    mistyped: list[WrongSkip],
) -> dict[str, Any]:
    return {
        "version": JSON_VERSION,
        "project": {"directory": now.project.directory, "name": now.project.name, "enabled": now.enabled},
        "hooks": [
            {
                "event": hook.event,
                "name": hook.name,
                "kind": hook.kind,
                "path": hook.path,
                "line": hook.line,
                "action": hook.action,
                "state": hook.why or state(hook),
                **({} if hook.certain else {"certain": False}),
                **problems.key(hook.problem),
                "timeout": hook.timeout,
                "last": _last(past.get((hook.event, hook.name), [])),
                "median": _median(past.get((hook.event, hook.name), [])),
            }
            for hook in hooks
        ],
        "never_run": [{**problems.document(one.problem), "nearest": one.nearest or None} for one in lost],
        "wrong_skips": [
            {**problems.document(one.problem), "name": one.name, "nearest": one.nearest or None} for one in mistyped
        ],
    }


def _last(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    return {key: records[0].get(key) for key in ("result", "exit_code", "seconds", "started")} if records else None
