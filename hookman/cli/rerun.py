"""hookman rerun: run what failed last, or a hook by its name, now: with the lock and the log."""

from __future__ import annotations

import click

from hookman.base.errors import HookmanError, UsageError
from hookman.base.messages import say, shown
from hookman.base.records import replaced
from hookman.cli import complete
from hookman.cli.context import here
from hookman.cli.test_targets import find
from hookman.compose import commandline
from hookman.compose.context import context_shown, host_and_context
from hookman.compose.contexts import HOST, in_context, matching, names
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
@click.option(
    "--context",
    metavar="NAME",
    shell_complete=complete.engine,
    help="Only hooks that ran for the engine of this context.",
)
@click.pass_obj
def command(environ: dict[str, str], hook: str | None, context: str | None) -> int:
    """Run the hook that failed last, or HOOK, now: without Compose, but with the lock and the log.

    \b
    hookman rerun                            what failed last
    hookman rerun 01-migrate.sh              a hook by its name
    hookman rerun project.up.post/migrate    a hook that has several events

    It runs whatever its conditions are. If it succeeds, this counts for its `sources` and `once`.
    Functions get the arguments of the command that ran the hook last. Values of earlier
    hooks (exports, HOOKMAN_ENV) are not there.

    It runs for the engine for which the hook ran last, or failed last: `docker` in the hook
    talks to that engine.
    """
    now = here(environ)
    if not now.enabled:
        raise HookmanError.of(not_enabled(now.project, environ, now.data))
    if context is not None:
        context = matching([context], names(environ))[0]
    runs = [
        run
        for run in reader.all_runs(now.data, project=now.project.real)
        if context in (None, run.get("context", context))
    ]
    hooks, past = _named(now, hook, runs) if hook else _failed_last(now, runs)
    if not hooks:
        click.echo("there is nothing to run again: no hook failed, or each has succeeded since")
        return 0
    engine = context or past.get("context", "")
    told = f" on {shown(engine)}" if engine and engine != context_shown(*host_and_context({}, environ)) else ""
    there = [run for run in runs if run.get("context", engine) == engine]
    return _run(replaced(now, environ=_on_engine(engine, environ)), hooks, there, told)


def _on_engine(engine: str, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with which docker means the engine of a record: a context or an address. Raises HookmanError."""
    if not engine or engine == context_shown(*host_and_context({}, environ)):
        return dict(environ)
    if engine in names(environ):
        without = {name: value for name, value in environ.items() if name != HOST}
        return in_context(engine, without)  # that of a record is no default that stands for DOCKER_HOST
    if "://" in engine:
        return {**environ, HOST: engine}
    what = f"the hook ran on the engine of the context {shown(engine)}, which does not exist any more"
    raise HookmanError(what, "name another one: --context (docker context ls)")


def _named(now: Scope, name: str, runs: list[dict[str, Any]]) -> tuple[list[PlannedHook], dict[str, Any]]:
    """The hook called `name` (if several events have one, the one that ran last), and that run. Raises UsageError."""
    found = find(now, name, asked_by="rerun").hooks
    if not any(name == hook.name or hook.label in (name, f"project.{name}") for hook in found):
        raise UsageError(f"{name} is not a hook", "name one: hookman list shows them")
    labels = [(f"{past.get('event')}/{past.get('name')}", run) for run in runs for past in run.get("hooks", [])]
    order = {label: number for number, (label, _) in reversed(list(enumerate(labels)))}
    hooks = sorted(found, key=lambda hook: order.get(hook.label, len(labels)))[:1]
    return hooks, next((run for label, run in labels if hooks and label == hooks[0].label), {})


def _failed_last(now: Scope, runs: list[dict[str, Any]]) -> tuple[list[PlannedHook], dict[str, Any]]:
    """The failed hooks of the newest run that has one which has not succeeded since on its engine, and that run.

    Raises HookmanError.
    """
    succeeded: set[tuple[str, tuple[str, str]]] = set()  # with the context: what is done on one engine is not on others
    for run in runs:
        engine = run.get("context", "")
        failed = [hook for hook in _failed(run) if (engine, hook) not in succeeded]
        if failed:
            event, name = failed[0]  # what failed after it may have failed because of it
            there = catalogue.hooks(now, skips.Skips(), [event])
            if hooks := [hook for hook in there if (hook.event, hook.name) in failed]:
                return hooks, run
            raise HookmanError(f"{event}/{name}, which failed last, does not exist any more", "hookman list")
        succeeded |= {(engine, _name(past)) for past in run.get("hooks", []) if past.get("result") == "ok"}
    return [], {}


def _failed(run: dict[str, Any]) -> list[tuple[str, str]]:
    """The hooks of a run that failed, in their order, without those with allow_failure."""
    hooks = run.get("hooks", [])
    return [_name(past) for past in hooks if past.get("result", "") not in NO_FAILURE and not past.get("allowed")]


def _name(past: dict[str, Any]) -> tuple[str, str]:
    """The event and the name of a hook of a run."""
    return past.get("event", ""), past.get("name", "")


def _run(now: Scope, hooks: list[PlannedHook], runs: list[dict[str, Any]], where: str) -> int:
    """Run the hooks as an operation of their own; `where` is told. Raises HookmanError."""
    name = hooks[0].event.split(".")[1]
    invocation = _last_invocation(name, runs)
    operation = prepare(
        *(now, name, invocation.args if invocation else [name], skips.Skips()),
        run=new_run_id(),
        invocation=invocation,
        compose=real_compose(now.environ) if invocation else "",
        hooks=hooks,
    )
    say(f"{', '.join(hook.label for hook in hooks)}: running again{where}")
    operation = replaced(operation, unconditional=True, again=hooks, attached=False)
    typed = [hooks[0].label] if len(hooks) == 1 else []  # it takes one name
    argv = ["hookman", "rerun", *typed]
    return carry_out(operation, _nothing, argv=argv, cwd=working_directory(now.environ), locks=True)


def _nothing(_: Surroundings, __: Mapping[str, str], ___: Signals) -> Iterator[Step]:
    """No command runs."""
    return iter(())


def _last_invocation(name: str, runs: list[dict[str, Any]]) -> Invocation | None:
    """The command line of the last run of the command `name`; None if there was none, or it has no events."""
    for run in runs:
        argv = run.get("argv") or []
        if run.get("command") != name or argv[:1] == ["hookman"]:
            continue
        is_standalone = argv[:1] == [reader.COMPOSE]
        found = commandline.parse_standalone(argv[1:]) if is_standalone else commandline.parse(argv)
        return found if found.has_events and found.subcommand == name else None
    return None
