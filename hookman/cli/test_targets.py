"""The targets of `hookman test`: which hooks a word on the command line names."""

from __future__ import annotations

import click

from hookman.base.errors import UsageError
from hookman.base.messages import redactor
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.base.suggestion import nearest
from hookman.compose.own_hooks import POST_START, PRE_STOP, own_hooks
from hookman.hooks import catalogue, functions, plan, planned, skips
from hookman.hooks.catalogue import events_named, operations
from hookman.hooks.scope import Scope

ARGUMENTS = "hookman.arguments"  # where click's context has what stands behind `--`


class TargetsAndArguments(click.Command):
    """A command with targets, and after `--` the arguments for functions."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, up to `--`."""
        end = args.index("--") if "--" in args else len(args)
        ctx.meta[ARGUMENTS] = args[end + 1 :]
        return super().parse_args(ctx, args[:end])


@record
class Target:
    """The hooks that a word on the command line names, and their operation."""

    word: str
    command: str
    hooks: list[planned.PlannedHook]


def find(now: Scope, target: str, *, asked_by: str = "test") -> Target:
    """The hooks that `target` names. Raises UsageError where it names none; `asked_by` is the command to type again."""
    directory = now.project.directory
    every = catalogue.hooks(now, skips.Skips())
    labels = (target, f"project.{target}")
    named = [hook for hook in every if (hook.name == target or hook.label in labels) and hook.name != "*.sh"]
    if not named and target.startswith(functions.STARTS) and target.split("_", 2)[2] in operations():
        named = _undeclared(now, target)
    _refuse_own(now, target)
    if named:
        return Target(word=target, command=named[0].event.split(".")[1], hooks=named)
    try:
        events = events_named(target)
    except UsageError as error:
        names = [hook.name for hook in every]
        raise (_no_hook(target, names, directory, asked_by) or error) from None
    hooks = [hook for hook in every if hook.event in events]
    if not hooks:
        raise UsageError(f"there are no hooks for {target} in {directory}", "hookman list")
    return Target(word=target, command=events[0].split(".")[1], hooks=hooks)


def _no_hook(target: str, names: list[str], directory: str, asked_by: str) -> UsageError | None:
    """The error for a `target` that is not the name of a hook (they are `names`); None if it may mean an event."""
    if found := _nearest(target, names):
        what = f"there is no hook {target!r} in {directory}. Did you mean {found!r}?"
        return UsageError(what, f"hookman {asked_by} {shell_quoted(found)}")
    if asked_by != "test" or target.endswith(".sh") or target.startswith("hook_"):
        return UsageError(f"there is no hook {target!r} in {directory}", "hookman list")
    return None


def _refuse_own(now: Scope, target: str) -> None:
    """Raise UsageError for a hook of Compose's own."""
    if own := next((hook for hook in own_hooks(now.project.files).hooks if target == hook.name), None):
        what = f"{target} is a hook of Compose's own: hookman does not run it"
        in_container = f"docker compose exec {shell_quoted(own.service)} {redactor.shown(own.command)}"
        raise UsageError(what, in_container if own.kind in (POST_START, PRE_STOP) else "hookman list")


def _nearest(target: str, names: list[str]) -> str:
    return next((name for name in names if name.startswith(target)), nearest(target, names))


def _undeclared(now: Scope, name: str) -> list[planned.PlannedHook]:
    """A function whose name the text of hooks.sh does not show; sourcing it may define it (C40)."""
    _, phase, command = name.split("_", 2)
    events = events_named(f"{command}.{phase}")
    hooks = plan.plan_event(now, events[0], skips.Skips())
    return [hook for hook in hooks if hook.kind == planned.FUNCTION]
