"""hookman list: every hook of a project, in order, and whether it is in order."""

from __future__ import annotations

import json
import os

import click

from hookman import paths
from hookman.cli.here import Here, events_in_use, here, hooks_text, operations
from hookman.errors import UsageError
from hookman.hooks import plan
from hookman.hooks.plan import PlannedHook
from hookman.runner import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

JSON_VERSION = 1
STATES = {plan.RUN: "ready", plan.SKIP: "skipped", plan.REFUSE: "broken"}


@click.command(short_help="Show every hook of this project, in the order they run.")
@click.option("--event", "event", metavar="EVENT", help="Only this event or command: project.up.pre, up.pre, up.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md describes it).")
@click.pass_obj
def command(environ: dict[str, str], event: str | None, *, as_json: bool) -> None:
    """Show every hook of this project in the order they run, and whether each is ready.

    Nothing of them is run.
    """
    now = here(environ)
    hooks = planned(now, event)
    last = last_results(now)
    if as_json:
        click.echo(json.dumps(_document(now, hooks, last), indent=2))
        return
    click.echo(f"{now.project.directory}  ({'enabled' if now.enabled else 'not enabled: hookman enable'})")
    if not hooks:
        click.echo("no hooks" + (f" for {event}" if event else "; make some with: hookman init --examples"))
    _print(hooks, last)


def planned(now: Here, wanted: str | None = None) -> list[PlannedHook]:
    """The hooks of every event (or of those that `wanted` names) as a run would plan them."""
    skip = plan.skips(now.config, now.environ, skip_hooks=False)
    directory = now.project.directory
    events = events_in_use(directory, hooks_text(directory)) if wanted is None else events_named(wanted)
    hooks = [
        hook
        for event in events
        for hook in plan.plan_event(directory, event, now.config, skip, now.environ)
        if hook.certain
    ]
    return hooks or [*_broken(now, skip, wanted)]


def events_named(text: str) -> list[str]:
    """The events that `text` names: project.up.pre, up.pre, or both of up. Raises UsageError."""
    words = text.removeprefix("project.").split(".")
    phases = plan.PHASES if len(words) == 1 else tuple(words[1:])
    if words[0] not in operations() or len(words) > 2 or phases[0] not in plan.PHASES:
        import difflib

        every = [f"{one}.{phase}" for one in operations() for phase in plan.PHASES] + list(operations())
        close = difflib.get_close_matches(text.removeprefix("project."), every, 1)
        raise UsageError(
            f"there is no event {text!r}", f"Did you mean {close[0]!r}?" if close else "Events look like project.up.pre"
        )
    return [plan.event_name(words[0], phase) for phase in phases]


def last_results(now: Here) -> dict[tuple[str, str], dict[str, Any]]:
    """How each hook ended the last time: (event, name) → its record in the log."""
    found = {}
    for run in history.runs(paths.project_data_dir(now.data, now.project.real)):
        for hook in run.get("hooks", []):
            found[hook.get("event", ""), hook.get("name", "")] = hook
    return found


def state(hook: PlannedHook) -> str:
    """The state of a hook in a few words."""
    return hook.warning if hook.action == plan.REFUSE else hook.reason or STATES[hook.action]


def _broken(now: Here, skip: plan.Skips, wanted: str | None) -> list[PlannedHook]:
    """A hooks.sh that can't be sourced, where none of its functions could be read either."""
    if wanted is not None:
        return []
    hooks = plan.plan_event(now.project.directory, plan.event_name("up", plan.PRE), now.config, skip, now.environ)
    return [hook for hook in hooks if hook.action == plan.REFUSE]


def _print(hooks: list[PlannedHook], last: dict[tuple[str, str], dict[str, Any]]) -> None:
    width = max((len(_shown(hook.name)) for hook in hooks), default=0)
    event = ""
    for hook in hooks:
        if hook.event != event:
            event = hook.event
            click.echo(f"\n{event}")
        past = last.get((hook.event, hook.name))
        where = f"{os.path.basename(hook.path)}:{hook.line}" if hook.line else hook.kind
        ran = f"last: {past.get('result')}, {past.get('seconds', 0):.1f} s" if past and "seconds" in past else ""
        row = f"  {_shown(hook.name):<{width}}  {where:<12}  {hook.limit:<9}  {state(hook)}"
        click.echo(f"{row}  {ran}".rstrip())


def _shown(name: str) -> str:
    """A file name as it can be printed: what is not UTF-8 or no visible character is escaped."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _document(now: Here, hooks: list[PlannedHook], last: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
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
                "state": state(hook),
                "timeout": hook.timeout,
                "last": _last(last.get((hook.event, hook.name))),
            }
            for hook in hooks
        ],
    }


def _last(past: dict[str, Any] | None) -> dict[str, Any] | None:
    return past and {key: past.get(key) for key in ("result", "exit_code", "seconds", "started")}
