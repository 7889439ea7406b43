"""hookman explain: what hookman would do with a command line."""

from __future__ import annotations

import click

from hookman.base import paths
from hookman.base.errors import UsageError
from hookman.base.messages import redactor, shown
from hookman.cli import as_json, problems
from hookman.cli.context import around
from hookman.cli.list_table import BY_COMPOSE
from hookman.cli.own_hooks import own_key
from hookman.cli.run_parts import contexts_key, engines_line
from hookman.compose import commandline, project
from hookman.compose.own_hooks import own_hooks
from hookman.hooks import container_kind, plan, planned, skips
from hookman.hooks.flaws import examined
from hookman.hooks.groups import numbers
from hookman.hooks.stack_contexts import of_stack
from hookman.run import waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.hooks.scope import Scope

WHY = {
    "dispatch": "Compose would carry it out",
    "help": "it asks for help",
    "version": "it asks for the version",
    "completion": "it is a shell's completion",
    "no-subcommand": "it names no command",
    "unknown-subcommand": "Compose has no such command",
    "flag-error": "Compose would refuse a flag",
    "args-error": "Compose would refuse the number of arguments",
}

_ON_FAILURE = "if the command fails"


@click.command(
    short_help="Show what hookman would do with a command line.", context_settings={"ignore_unknown_options": True}
)
@as_json.option
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- docker compose …")
@click.pass_obj
def command(environ: dict[str, str], words: tuple[str, ...], *, is_json: bool) -> None:
    """Show what hookman would do with a command line. It runs nothing.

    \b
    hookman explain -- docker compose up -d
    """
    facts = explain(list(words), environ)
    if is_json:
        as_json.show(facts)
        return
    _show(facts)
    if placed := of_stack(facts["project_dir"], paths.data_dir(environ)):
        flags = commandline.parse(list(words[1:])).docker_flags if is_docker(words[0]) else {}
        click.echo(engines_line(placed, flags, environ))


def _show(facts: dict[str, Any]) -> None:
    """Print it for people."""
    for key in ("operation", "subcommand", "project_dir", "project_name", "files", "env_files", "enabled", "locks"):
        value = facts[key]
        words_for = {True: "yes", False: "no", None: "-"}
        text = ", ".join(value) if isinstance(value, list) else str(words_for.get(value, value))
        click.echo(
            f"{key.replace('_', ' '):<13} {shown(text) or '-'}" + (f" ({facts['why']})" if key == "operation" else "")
        )
    for words_of_wait, waiting in _by_wait(facts["hooks"]).items():
        click.echo(f"{'waits':<13} {words_of_wait} ({', '.join(waiting)})")
    for hook in facts["hooks"]:
        conditions = [_ON_FAILURE] if hook["action"] == planned.RUN and hook["event"].endswith(".failed") else []
        conditions += [f"side by side, group {hook['group']}"] if "group" in hook else []
        reason = "; ".join([*conditions, shown(hook["reason"])] if hook["reason"] else conditions)
        click.echo(f"{hook['action']:<13} {hook['event']}/{shown(hook['name'])}" + (f" ({reason})" if reason else ""))


def is_docker(word: str) -> bool:
    """Is it the program docker?"""
    return word.rpartition("/")[2] == "docker"


def _by_wait(hooks: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What hooks wait for, in words, and which hooks do."""
    found: dict[str, list[str]] = {}
    for hook in hooks:
        if "wait" in hook:
            limit = f"up to {hook['wait_timeout']:g} s" if hook["wait_timeout"] else "without a limit"
            found.setdefault(f"until services are {hook['wait']}, {limit}", []).append(shown(hook["name"]))
    return found


def explain(words: list[str], environ: Mapping[str, str]) -> dict[str, Any]:
    """What hookman would do with the command line `words`. Raises HookmanError."""
    if is_docker(words[0]):
        invocation = commandline.parse(words[1:])
    elif words[0].rpartition("/")[2] == "docker-compose":
        invocation = commandline.parse_standalone(words[1:])
    else:
        raise UsageError(f"{words[0]!r} is neither docker nor docker-compose", "hookman explain -- docker compose up")
    cwd = project.working_directory(environ)
    where = project.resolve(invocation, environ, cwd)
    now = around(where, environ)
    skip = skips.skips(now.settings, environ, skip_hooks=invocation.skip_hooks)
    may = now.enabled
    command = invocation.subcommand or ""
    hooks = examined(plan.plan_operation(now, command, skip), now, invocation) if invocation.has_events else []
    groups = numbers(hooks) if may and not invocation.dry_run else {}
    facts = [
        {
            **_hook(hook, groups, may=may, dry_run=invocation.dry_run),
            **_waits(hook, now, invocation, may=may),
        }
        for hook in hooks
    ]
    first = sum(hook.phase == planned.PRE for hook in hooks)
    return {
        "operation": invocation.operation,
        "why": WHY[invocation.kind],
        "subcommand": invocation.subcommand,
        "args": [redactor.shown(arg) for arg in invocation.args],
        "project_dir": where.directory,
        "project_name": where.name,
        "files": where.files,
        "env_files": where.env_files,
        "enabled": may,
        **contexts_key(of_stack(where.directory, now.data)),
        "locks": may and invocation.has_events and command in commandline.LOCKING and not invocation.dry_run,
        "hooks": [*facts[:first], *_own(invocation, where), *facts[first:]],
    }


def _own(invocation: Invocation, where: Project) -> list[dict[str, Any]]:
    """Compose's own hooks, where it would carry the command out."""
    if not invocation.has_events or not invocation.operation:
        return []
    found = own_hooks(where.files).at(invocation.subcommand or "")
    verdict = {"action": planned.SKIP, "reason": "dry run"} if invocation.dry_run else {"reason": BY_COMPOSE}
    return [{**own_key(hook, invocation.subcommand or ""), **verdict} for hook in found]


def _waits(hook: planned.PlannedHook, now: Scope, invocation: Invocation, *, may: bool) -> dict[str, Any]:
    """What a hook that runs waits for."""
    runs = may and hook.action == planned.RUN and not invocation.dry_run
    return waits.facts(hook, now.settings, invocation) if runs else {}


def _hook(hook: planned.PlannedHook, groups: dict[str, int], *, may: bool, dry_run: bool) -> dict[str, Any]:
    action, reason, problem = hook.action, hook.why, hook.problem
    if not may:
        action, reason, problem = planned.SKIP, "not enabled", None
    elif dry_run and action == planned.RUN:
        action, reason = planned.SKIP, "dry run"
    return {
        "event": hook.event,
        "name": hook.name,
        "kind": hook.kind,
        **container_kind.key(hook),
        "path": hook.path,
        "action": action,
        "reason": reason,
        **({"group": groups[hook.label]} if hook.label in groups else {}),
        **problems.key(problem),
    }
