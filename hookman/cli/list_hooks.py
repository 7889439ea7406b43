"""hookman list: every hook of a project in its order, and whether it is ready."""

from __future__ import annotations

import json

import click

from hookman.base.errors import Problem
from hookman.base.messages import one_line, shown
from hookman.cli import colour, complete, notices, problems
from hookman.cli.context import here
from hookman.cli.history import last, median, past_runs
from hookman.cli.list_table import BY_COMPOSE, print_table
from hookman.cli.own_hooks import own_key
from hookman.cli.run_parts import contexts_key, engines_line
from hookman.compose.own_hooks import RUN_AT, OwnHooks, own_hooks
from hookman.hooks import catalogue, container_kind, skips
from hookman.hooks.enabling import enable_command
from hookman.hooks.flaws import state
from hookman.hooks.groups import numbers
from hookman.hooks.planned import PlannedHook
from hookman.hooks.scope import Scope
from hookman.hooks.stack_contexts import misplaced, of_stack
from hookman.hooks.strays import Stray
from hookman.hooks.wrong_skips import WrongSkip, wrong_skips
from hookman.hooks.wrong_tables import wrong_tables
from hookman.run import waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.cli.history import Past

JSON_VERSION = 1


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
    time, and its median time. It runs none of them. Hooks that Compose runs itself
    (pre_start, post_start, pre_stop, provider) are in their place. There are events before (pre), after
    (post), on failure (failed) and at the end (always) of up, down, start, stop, restart,
    build, pull, logs, ps, exec, run, create, kill, pause, unpause, port, top, push, rm,
    scale, watch, cp, attach, wait, commit, export, publish, db_export and db_import.
    """
    now = here(environ)
    hooks = planned_hooks(now, event)
    own, commands = own_hooks(now.project.files), _commands(event)
    past = past_runs(now)
    lost = [] if event else catalogue.strays(now.project.directory)
    skip = skips.skips(now.settings, environ, skip_hooks=False)
    mistyped = [] if event else wrong_skips(skip, now, environ)
    if as_json:
        click.echo(
            json.dumps(
                _document(now, [*_facts(now, hooks, past), *_own_facts(own, commands)], lost, mistyped), indent=2
            )
        )
        return
    trusted = f"; {now.settings.trust}" if str(now.settings.trust) else ""
    state = f"enabled{trusted}" if now.enabled else f"not enabled: {enable_command(now.project, environ, now.data)}"
    click.echo(f"{shown(now.project.directory)}  ({state})")
    if placed := of_stack(now.project.directory, now.data):
        click.echo(engines_line(placed, {}, environ))
    if not hooks:
        has_own = any(map(own.at, RUN_AT if commands is None else commands))
        none = "no hooks but Compose's own" if has_own else "no hooks"
        click.echo(none + (f" for {event}" if event else ". Next: hookman add up.post hello"))
    print_table(now, hooks, own, past, commands)
    others = [wrong.problem for wrong in lost] + [wrong.problem for wrong in mistyped] + own.problems
    others += [] if event else [*wrong_tables(now), *notices.wrong(now), *misplaced(now.project.directory)]
    for part, problem in [*_problems(hooks), *(("", problem) for problem in others)]:
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


def _commands(event: str | None) -> list[str] | None:
    """The commands whose own hooks of Compose's are to be shown; None for all."""
    if event is None:
        return None
    words = event.removeprefix("project.").split(".")
    return words if len(words) == 1 else []


def _facts(now: Scope, hooks: list[PlannedHook], past: Past) -> list[dict[str, Any]]:
    groups = numbers(hooks)
    return [
        {
            "event": hook.event,
            "name": hook.name,
            "kind": hook.kind,
            **container_kind.key(hook),
            "path": hook.path,
            "line": hook.line,
            "action": hook.action,
            "state": hook.why or state(hook),
            **({} if hook.certain else {"certain": False}),
            **({"group": groups[hook.label]} if hook.label in groups else {}),
            **problems.key(hook.problem),
            "timeout": hook.timeout,
            **waits.facts(hook, now.settings),
            "last": last(past.get((hook.event, hook.name), [])),
            "median": median(past.get((hook.event, hook.name), [])),
        }
        for hook in hooks
    ]


def _own_facts(own: OwnHooks, commands: list[str] | None) -> list[dict[str, Any]]:
    return [
        {
            **own_key(hook, command),
            "line": hook.line,
            "state": BY_COMPOSE,
            "timeout": None,
            "last": None,
            "median": None,
        }
        for command in (RUN_AT if commands is None else commands)
        for hook in own.at(command)
    ]


def _document(now: Scope, hooks: list[dict[str, Any]], lost: list[Stray], mistyped: list[WrongSkip]) -> dict[str, Any]:
    places = {event: number for number, event in enumerate(catalogue.every_place())}
    return {
        "version": JSON_VERSION,
        "project": {
            "directory": now.project.directory,
            "name": now.project.name,
            "enabled": now.enabled,
            **contexts_key(of_stack(now.project.directory, now.data)),
        },
        "hooks": sorted(hooks, key=lambda hook: places[hook["event"]]),
        "never_run": [{**problems.document(wrong.problem), "nearest": wrong.nearest or None} for wrong in lost],
        "wrong_skips": [
            {**problems.document(wrong.problem), "name": wrong.name, "nearest": wrong.nearest or None}
            for wrong in mistyped
        ],
        "wrong_notify": [problems.document(problem) for problem in notices.wrong(now)],
    }
