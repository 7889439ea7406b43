"""hookman test: check all hooks, or run some of them without Compose, lock and log."""

from __future__ import annotations

import os

import click

from hookman.base.errors import HookmanError, Problem, UsageError
from hookman.base.findings import BAD, Finding
from hookman.base.messages import shown
from hookman.base.records import record, replaced
from hookman.base.suggestion import nearest
from hookman.cli import colour, complete, problems
from hookman.cli.context import here, setting
from hookman.cli.hook_test import Trial
from hookman.hooks import bash_needs, catalogue, environment, functions, plan, planned, skips
from hookman.hooks.catalogue import events_named, operations
from hookman.hooks.check import check, shellcheck
from hookman.hooks.condition import examined, state
from hookman.hooks.enabling import not_enabled
from hookman.hooks.scope import Scope

WOULD = {planned.RUN: "would run", planned.SKIP: "would skip", planned.REFUSE: "would stop at"}


@record
class Target:
    """The hooks that a word on the command line names, and their operation."""

    command: str
    hooks: list[planned.PlannedHook]


@click.command(short_help="Check the hooks of this project, or run one to debug it.")
@click.argument("target", required=False, shell_complete=complete.targets)
@click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS]")
@click.option("--trace", is_flag=True, help="Show each command of the hook as it runs (sh and bash).")
@click.option("--env", "show_env", is_flag=True, help="Show what the hook sees beyond your shell, with secrets masked.")
@click.option("-e", "settings", multiple=True, metavar="KEY=VALUE", help="Set a variable; overrides all other sources.")
@click.option("--repeat", type=click.IntRange(min=1), default=1, metavar="N", help="Run it N times; show the times.")
@click.option("--shell", is_flag=True, help="Start your shell where TARGET would run, with what it would see.")
@click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
@colour.option
@click.pass_obj
def command(
    environ: dict[str, str],
    target: str | None,
    args: tuple[str, ...],
    settings: tuple[str, ...],
    repeat: int,
    *,
    trace: bool,
    show_env: bool,
    shell: bool,
    dry_run: bool,
) -> int:
    """Check every hook of this project (no TARGET), or run TARGET to debug it.

    \b
    TARGET is an event (up, project.up.pre), a script or a function by its name;
    ARGS are what its functions get after the command:
      hookman test                      parses? line endings? execute bit? interpreter?
      hookman test up.pre               runs the pre hooks of up, without Compose
      hookman test hook_pre_up -- -d    runs one function as `up -d` would
      hookman test 01-load.sh --trace   shows each command as it runs, with its line
      hookman test up.post --shell      a shell that sees what these hooks see

    It names the bash that runs hooks.sh, and the lines that this bash is too old for. It
    uses no Compose, no lock and no log. If shellcheck is on your PATH, it shows what that finds.
    """
    now = here({**environ, **dict(map(setting, settings))})
    if target is None:
        return _check_all(now)
    found = find(now, target)
    if dry_run:
        for hook in examined(found.hooks, now):
            click.echo(f"{WOULD[hook.action]}  {hook.event}/{shown(hook.name)}  ({shown(state(hook))})")
        return 0
    if not now.enabled:
        raise HookmanError.of(not_enabled(now.project, environ, now.data))
    trial = Trial(now, found.command, [replaced(hook, trace=trace) for hook in found.hooks], list(args))
    if shell:
        trial.shell()
    if show_env:
        trial.show_environment()
    for finding in shellcheck(_files(found.hooks), now.environ):
        _show_finding(finding)
    return trial.run(repeat)


def find(now: Scope, target: str) -> Target:
    """The hooks that `target` names. Raises UsageError where it names none."""
    directory = now.project.directory
    every = catalogue.hooks(now, skips.Skips())
    named = [hook for hook in every if target in (hook.name, f"{hook.event}/{hook.name}") and hook.name != "*.sh"]
    if not named and target.startswith(functions.STARTS) and target.split("_", 2)[2] in operations():
        named = _undeclared(now, target)
    if named:
        return Target(command=named[0].event.split(".")[1], hooks=named)
    try:
        events = events_named(target)
    except UsageError:
        if nearest := _nearest(target, [hook.name for hook in every]):
            raise UsageError(f"there is no hook {target!r} in {directory}", f"Did you mean {nearest!r}?") from None
        if target.endswith(".sh") or target.startswith("hook_"):
            raise UsageError(f"there is no hook {target!r} in {directory}", "hookman list") from None
        raise
    hooks = [hook for hook in every if hook.event in events]
    if not hooks:
        raise UsageError(f"there are no hooks for {target} in {directory}", "hookman list")
    return Target(command=events[0].split(".")[1], hooks=hooks)


def _nearest(target: str, names: list[str]) -> str:
    return next((name for name in names if name.startswith(target)), nearest(target, names))


def _undeclared(now: Scope, name: str) -> list[planned.PlannedHook]:
    """A function whose name the text of hooks.sh does not show; sourcing it may define it (C40)."""
    _, phase, command = name.split("_", 2)
    events = events_named(f"{command}.{phase}")
    hooks = plan.plan_event(now, events[0], skips.Skips())
    return [hook for hook in hooks if hook.kind == planned.FUNCTION]


def _check_all(now: Scope) -> int:
    names, findings = check(now)
    broken_parts = {finding.part for finding in findings if finding.state == BAD}
    hooks = catalogue.hooks(now, skips.Skips())
    whole = {
        hook.path
        for hook in hooks
        if hook.kind != planned.DECLARED and not {hook.label, os.path.basename(hook.path)} & broken_parts
    }
    findings += shellcheck(whole, now.environ)
    for finding in findings:
        _show_finding(finding)
    _compare_dotenv(now)
    if functions.hooks_file(now.project.directory) and functions.has_bash(now.environ.get("PATH", "")):
        bash = functions.bash(now.environ.get("PATH", ""))
        click.echo(f"{functions.FILE_NAME} is run by bash {bash_needs.version_of(bash)[0] or '?'}, {bash}")
    broken = sum(finding.state == BAD for finding in findings)
    number = f"{len(names)} hook{'' if len(names) == 1 else 's'}"
    click.echo(f"{number} checked, {broken} broken, {len(findings) - broken} to look at")
    return 1 if broken else 0


def _files(hooks: list[planned.PlannedHook]) -> set[str]:
    """The files that are shell, as far as their kind tells."""
    return {hook.path for hook in hooks if hook.kind != planned.DECLARED}


def _show_finding(finding: Finding) -> None:
    if finding.problem:
        problems.show("✘" if finding.state == BAD else "!", finding.problem, finding.part)


def _compare_dotenv(now: Scope) -> None:
    """Show the values of .env that other tools read otherwise than Compose and hooks do."""
    import dotenv

    for path in filter(os.path.isfile, now.project.env_files):
        ours = environment.read_dotenv([path], now.environ)
        theirs = dotenv.dotenv_values(path, interpolate=False, encoding="utf-8")
        for name, value in ours.items():
            if "$" not in value and name in theirs and "$" not in (theirs[name] or "$") and theirs[name] != value:
                what = f"{name} reads otherwise in other tools than in Compose"
                fix = "put the value in quotes, and only a space before a comment"
                problems.show("!", Problem(what=what, where=path, fix=fix), path)
