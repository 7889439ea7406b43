"""hookman test: check all hooks, or run some of them without Compose, lock and log."""

from __future__ import annotations

import os

import click

from hookman.base.errors import EXIT_FAILED, HookmanError, Problem, UsageError
from hookman.base.findings import BAD, Finding
from hookman.base.messages import say, shown
from hookman.base.quoting import shell_quoted
from hookman.cli import colour, complete, problems
from hookman.cli.context import here, setting
from hookman.cli.hook_test import Trial, show_environments
from hookman.cli.test_targets import ARGUMENTS, Target, TargetsAndArguments, find
from hookman.cli.wrong_services import wrong_services
from hookman.hooks import bash_needs, catalogue, environment, functions, planned, skips
from hookman.hooks.check import check, of_functions, shellcheck
from hookman.hooks.enabling import not_enabled
from hookman.hooks.flaws import examined, state
from hookman.hooks.scope import Scope

WOULD = {planned.RUN: "would run", planned.SKIP: "would skip", planned.REFUSE: "would stop at"}


@click.command(cls=TargetsAndArguments, short_help="Check the hooks of this project, or run some to debug them.")
@click.argument("targets", nargs=-1, shell_complete=complete.targets, metavar="[TARGET]... [-- ARGS]")
@click.option("--trace", is_flag=True, help="Show each command of the hook as it runs (sh and bash).")
@click.option("--env", "show_env", is_flag=True, help="Show what TARGET would see beyond your shell, and run nothing.")
@click.option("-e", "settings", multiple=True, metavar="KEY=VALUE", help="Set a variable; overrides all other sources.")
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Run it N times, or until it fails; show the times.",
)
@click.option("--shell", is_flag=True, help="Start your shell where TARGET would run, with what it would see.")
@click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
@colour.option
@click.pass_context
def command(
    context: click.Context,
    targets: tuple[str, ...],
    settings: tuple[str, ...],
    repeat: int,
    *,
    trace: bool,
    show_env: bool,
    shell: bool,
    dry_run: bool,
) -> int:
    """Check every hook of this project (no TARGET), or run each TARGET to debug it.

    \b
    TARGET is an event (up, project.up.pre), a script or a function by its name;
    ARGS are what its functions get after the command:
      hookman test                      checks all hooks: syntax, interpreter …
      hookman test up.pre               runs the pre hooks of up, without Compose
      hookman test a.sh b.sh            runs two scripts, even if the first fails
      hookman test hook_pre_up -- -d    runs one function as `up -d` would
      hookman test 01-load.sh --trace   shows each command as it runs
      hookman test up.post --env        shows the variables of these hooks
      hookman test up.post --shell      a shell that sees what these hooks see
      hookman test otlp                 sends a trace to where [export] says
      hookman test notify               sends a message to each [[notify]]

    It names the bash that runs hooks.sh, the lines that this bash is too old for, and the
    functions that go on after a command that failed. It uses no Compose, no lock and no
    log. If shellcheck is on your PATH, it shows what that finds.
    """
    environ, arguments = context.obj, context.meta[ARGUMENTS]
    now = here({**environ, **dict(map(setting, settings))})
    options = {"--trace": trace, "--env": show_env, "--shell": shell, "--repeat": repeat > 1}
    if not targets:
        _refuse([name for name, given in options.items() if given])
        return _check_all(now)
    if targets in (("otlp",), ("notify",)):
        _refuse([name for name, given in {**options, "--dry-run": dry_run}.items() if given])
        return _send_test(now, targets[0])
    found = _found(now, targets, arguments)
    if show_env:
        show_environments(now, found)
        return 0
    if dry_run:
        _show_plan(now, found)
        return 0
    if not now.enabled:
        raise HookmanError.of(not_enabled(now.project, environ, now.data))
    trials = [Trial(now, target, arguments, trace=trace) for target in found]
    if shell and len(trials) > 1:
        raise UsageError("test: --shell takes one TARGET", f"hookman test {shell_quoted(targets[0])} --shell")
    return trials[0].shell() if shell else _try(now, trials, repeat)


def _send_test(now: Scope, what: str) -> int:
    """Send a test trace, or test messages."""
    from hookman.cli import exports, notify_test

    return exports.test(now) if what == exports.NAME else notify_test.test(now)


def _found(now: Scope, targets: tuple[str, ...], arguments: list[str]) -> list[Target]:
    """The hooks of the targets. Raises UsageError."""
    found = []
    for number, target in enumerate(targets):
        try:
            found.append(find(now, target))
        except UsageError as error:
            if number == 0 or arguments or target.startswith("hook_") or target.endswith(".sh"):
                raise
            typed = " ".join(map(shell_quoted, [*targets[:number], "--", *targets[number:]]))
            raise UsageError(f"{error.message}; if it is an argument", f"hookman test {typed}") from None
    return found


def _refuse(options: list[str]) -> None:
    """Raise UsageError if there are options that need a target."""
    if options:
        fix = f"hookman test up {options[0]}; for all hooks: hookman list"
        raise UsageError(f"test: {options[0]} needs a TARGET", fix)


def _show_plan(now: Scope, targets: list[Target]) -> None:
    """What would run, in order."""
    for hook in (hook for target in targets for hook in examined(target.hooks, now)):
        click.echo(f"{WOULD[hook.action]}  {hook.event}/{shown(hook.name)}  ({shown(state(hook))})")


def _try(now: Scope, trials: list[Trial], repeat: int) -> int:
    """Run each of the trials whose hooks can work; the exit code of the first that fails."""
    codes = []
    for trial in trials:
        codes.append(_try_one(now, trial, repeat, alone=len(trials) == 1))
        if trial.interrupted:
            break
    if len(trials) > 1:
        failed = sum(code != 0 for code in codes)
        click.echo(f"{len(codes)} of {len(trials)} targets tested, {failed} failed")
    return next(filter(None, codes), 0)


def _try_one(now: Scope, trial: Trial, repeat: int, *, alone: bool) -> int:
    """Run a trial, if its hooks can work; its exit code. Raises HookmanError where it is `alone`."""
    broken = [hook for hook in examined(trial.hooks, now) if hook.action == planned.RUN and hook.problem]
    for hook in broken:
        if hook.problem:
            problems.show("✘", hook.problem, hook.label)
    names = [hook.name for hook in trial.hooks if hook.kind == planned.FUNCTION]
    for finding in of_functions(now, names) + shellcheck(_files(trial.hooks) - _files(broken), now.environ):
        _show_finding(finding)
    if broken:
        click.echo(f"{broken[0].label if len(trial.hooks) == 1 else trial.target} was not run")
        return EXIT_FAILED
    try:
        return trial.run(repeat)
    except HookmanError as error:
        if alone:
            raise
        say(error.problem.line)
        return error.exit_code


def _check_all(now: Scope) -> int:
    names, findings = check(now)
    broken_parts = {finding.part for finding in findings if finding.state == BAD}
    hooks = catalogue.hooks(now, skips.Skips())
    working = {
        hook.path
        for hook in hooks
        if hook.kind not in planned.TABLES and not {hook.label, os.path.basename(hook.path)} & broken_parts
    }
    findings += of_functions(now) + wrong_services(now, hooks)
    findings += shellcheck(working, now.environ)
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
    return {hook.path for hook in hooks if hook.kind not in planned.TABLES}


def _show_finding(finding: Finding) -> None:
    if finding.problem:
        problems.show("✘" if finding.state == BAD else "!", finding.problem, finding.part)


def _compare_dotenv(now: Scope) -> None:
    """Show the names of .env whose values other tools read in another way than Compose and hooks do."""
    import dotenv

    for path in filter(os.path.isfile, now.project.env_files):
        ours = environment.read_dotenv([path], now.environ)
        theirs = dotenv.dotenv_values(path, interpolate=False, encoding="utf-8")
        for name, value in ours.items():
            if "$" not in value and name in theirs and "$" not in (theirs[name] or "$") and theirs[name] != value:
                what = f"{name} has another value in other tools than in Compose"
                fix = "put the value in quotes, and only a space before a comment"
                problems.show("!", Problem(what=what, where=path, fix=fix), path)
