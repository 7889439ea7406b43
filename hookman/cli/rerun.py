"""hookman rerun: run what failed last, or a hook by its name, now: with the lock and the log."""

from __future__ import annotations

import click

from hookman.base.errors import HookmanError, UsageError
from hookman.base.messages import say
from hookman.base.records import replaced
from hookman.cli import complete
from hookman.cli.context import here
from hookman.cli.test_targets import find
from hookman.compose import commandline
from hookman.compose.project import working_directory
from hookman.hooks import catalogue, skips
from hookman.hooks.enabling import not_enabled
from hookman.hooks.scope import Scope
from hookman.install.shims import real_compose
from hookman.log import reader
from hookman.log.writer import new_run_id
from hookman.run.carry_out import carry_out
from hookman.run.operation import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.compose.steps import Step
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook

NO_FAILURE = ("ok", "skipped")


@click.command(short_help="Run the hook that failed last, or a hook by its name.")
@click.argument("hook", required=False, shell_complete=complete.targets)
@click.pass_obj
def command(environ: dict[str, str], hook: str | None) -> int:
    """Run the hook that failed last, or HOOK, now: without Compose, but with the lock and the log.

    \b
    hookman rerun                            what failed last
    hookman rerun 01-migrate.sh              a hook by its name
    hookman rerun project.up.post/migrate    a hook that has several events

    It runs whatever its conditions are. If it succeeds, this counts for its `sources` and `once`.
    Functions get the arguments of the command in whose run the hook was last. Values of earlier
    hooks (exports, HOOKMAN_ENV) are not there.
    """
    now = here(environ)
    if not now.enabled:
        raise HookmanError.of(not_enabled(now.project, environ, now.data))
    runs = list(reader.all_runs(now.data, project=now.project.real))
    hooks = _named(now, hook, runs) if hook else _failed_last(now, runs)
    if not hooks:
        click.echo("no hook has failed that has not succeeded since")
        return 0
    return _run(now, hooks, runs)


def _named(now: Scope, name: str, runs: list[dict[str, Any]]) -> list[PlannedHook]:
    """The hook that `name` means: of several events the one of the last run. Raises UsageError."""
    found = find(now, name, asked_by="rerun").hooks
    if not any(name == hook.name or hook.label in (name, f"project.{name}") for hook in found):
        raise UsageError(f"{name} is no hook", "name one: hookman list shows them")
    labels = [f"{past.get('event')}/{past.get('name')}" for run in runs for past in run.get("hooks", [])]
    order = {label: number for number, label in reversed(list(enumerate(labels)))}
    return sorted(found, key=lambda hook: order.get(hook.label, len(labels)))[:1]


def _failed_last(now: Scope, runs: list[dict[str, Any]]) -> list[PlannedHook]:
    """The hooks that failed in the newest run in which one did that has not succeeded since. Raises HookmanError."""
    succeeded: set[tuple[str, str]] = set()
    for run in runs:
        failed = [hook for hook in _failed(run) if hook not in succeeded]
        if failed:
            event, name = failed[0]  # what failed after it may have failed because of it
            there = catalogue.hooks(now, skips.Skips(), [event])
            if hooks := [hook for hook in there if (hook.event, hook.name) in failed]:
                return hooks
            raise HookmanError(f"{event}/{name} failed last, and is no longer a hook", "hookman list")
        succeeded |= {_name(past) for past in run.get("hooks", []) if past.get("result") == "ok"}
    return []


def _failed(run: dict[str, Any]) -> list[tuple[str, str]]:
    """The hooks of a run that failed, in their order, without those that may."""
    hooks = run.get("hooks", [])
    return [_name(past) for past in hooks if past.get("result", "") not in NO_FAILURE and not past.get("allowed")]


def _name(past: dict[str, Any]) -> tuple[str, str]:
    """The event and the name of a hook of a run."""
    return past.get("event", ""), past.get("name", "")


def _run(now: Scope, hooks: list[PlannedHook], runs: list[dict[str, Any]]) -> int:
    """Run the hooks as an operation of their own. Raises HookmanError."""
    name = hooks[0].event.split(".")[1]
    invocation = _last_invocation(name, runs)
    operation = prepare(
        *(now, name, invocation.args if invocation else [name], skips.Skips()),
        run=new_run_id(),
        invocation=invocation,
        compose=real_compose(now.environ) if invocation else "",
        hooks=hooks,
    )
    say(f"{', '.join(hook.label for hook in hooks)}: once more")
    operation = replaced(operation, unconditional=True, again=hooks, attached=False)
    typed = [hooks[0].label] if len(hooks) == 1 else []  # it takes one name
    argv = ["hookman", "rerun", *typed]
    return carry_out(operation, _nothing, argv=argv, cwd=working_directory(now.environ), locks=True)


def _nothing(_: Surroundings, __: Mapping[str, str], ___: Signals) -> Iterator[Step]:
    """No command runs."""
    return iter(())


def _last_invocation(name: str, runs: list[dict[str, Any]]) -> Invocation | None:
    """The command line of the last run of the command `name`; None if there is none, or it is none of Compose's."""
    for run in runs:
        argv = run.get("argv") or []
        if run.get("command") != name or argv[:1] == ["hookman"]:
            continue
        is_standalone = argv[:1] == [reader.COMPOSE]
        found = commandline.parse_standalone(argv[1:]) if is_standalone else commandline.parse(argv)
        return found if found.has_events and found.subcommand == name else None
    return None
