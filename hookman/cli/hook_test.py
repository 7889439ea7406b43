"""Hooks run on their own, to debug them: no Compose, no lock, no log (hookman test TARGET)."""

from __future__ import annotations

import os
import shlex
import statistics

import click

from hookman.base import errors
from hookman.base.disclosure import looks_secret
from hookman.base.messages import redactor, say, shown
from hookman.base.records import replaced
from hookman.base.redact import MASK
from hookman.base.signals import Signals
from hookman.cli.colour import marked
from hookman.cli.table import duration
from hookman.cli.test_targets import Target
from hookman.hooks import environment, given, planned, skips
from hookman.hooks.kinds import kind_of
from hookman.hooks.scope import Scope
from hookman.log.writer import Journal
from hookman.run import nesting
from hookman.run.display import OUTPUT, Display
from hookman.run.hook_runner import HookRunner
from hookman.run.operation import prepare
from hookman.run.outcome import ABORTED, FAILURE, OK, Outcome, Standing, result_of
from hookman.run.output import Output
from hookman.run.traced_output import TracedOutput, suits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

OF_DRIVER = b"+ driver.bash:"  # how a trace shows that our driver calls a function


def _compose(now: Scope, hooks: list[planned.PlannedHook]) -> str:
    """The Compose that starts containers for `hooks`; "" where none is needed."""
    if all(hook.kind != planned.CONTAINER for hook in hooks):
        return ""
    from hookman.install.shims import real_compose

    return real_compose(now.environ)


class Trial:
    """Hooks of one operation that are to be tried; `args` are what functions get after the command."""

    def __init__(self, now: Scope, target: Target, args: list[str], *, trace: bool = False) -> None:
        args = args if target.command.startswith("db_") else [target.command, *args]
        self.now = now
        self.target = target.word
        self.command = target.command
        self.hooks = [replaced(hook, trace=trace) for hook in target.hooks]
        self.interrupted = 0  # the signal that ended a run
        self.operation = replaced(
            prepare(now, target.command, args, skips.Skips(), run="test", compose=_compose(now, self.hooks)),
            unconditional=True,
        )

    def run(self, times: int) -> int:
        """Run the hooks, `times` times or until they fail; the exit code of the failure, else 0."""
        seconds: dict[str, list[float]] = {}
        code = 0
        with Signals() as signals:
            for number in range(1, times + 1):
                journal = _Journal("", self.operation.surroundings.run, redactor, say)
                runner = _Runner(self.operation, signals, journal, _Screen((OUTPUT,)))
                try:
                    code = self._once(runner)
                finally:
                    runner.end()
                for past in journal.hooks:
                    seconds.setdefault(f"{past['event']}/{past['name']}", []).append(past.get("seconds", 0.0))
                if code:
                    if times > 1:
                        click.echo(f"stopped after run {number} of {times}: {_why(journal.hooks)}")
                    break
        if times > 1:
            _show_times(seconds)
        return code

    def shell(self) -> NoReturn:
        """Become the user's shell, with the environment and directory of the first hook."""
        program = self.now.environ.get("SHELL") or "/bin/sh"
        hook = self.hooks[0]
        say(f"a shell as {hook.label} sees it, in {self.now.project.directory}; to leave: exit")
        os.chdir(self.now.project.directory)
        os.execvpe(program, [program], self._environment(hook))

    def environment(self, hook: planned.PlannedHook) -> list[str]:
        """What `hook` would see that the shell does not, a line each, secrets masked."""
        lines = []
        for name, value in sorted(self._environment(hook).items()):
            if self.now.environ.get(name) != value and not name.startswith(given.GIVEN):
                masked = MASK.decode() if looks_secret(name, self.now.settings.redact) else redactor.shown(value)
                lines.append(f"{name}={shlex.quote(value) if masked == value else masked}")
        return lines

    def _once(self, runner: HookRunner) -> int:
        outcome = self._phase(runner, planned.PRE, None)
        result = ABORTED
        if not outcome.exit_code:
            outcome = self._phase(runner, planned.POST, 0)
            result = FAILURE
        if outcome.exit_code:
            click.echo(self._counts(runner, planned.PRE if result == ABORTED else planned.POST, outcome))
        return self._close(runner, outcome, result_of(outcome, otherwise=result))

    def _close(self, runner: HookRunner, outcome: Outcome, result: str) -> int:
        """Run those of the closing phases after the others ended so: those of `failed` alone, or after a failure."""
        others = {hook.phase for hook in self.hooks} - {planned.FAILED}
        phases = planned.CLOSING if outcome.exit_code or not others else (planned.ALWAYS,)
        code = outcome.exit_code
        for phase in phases:
            standing = Standing(exit_code=code, result=result if code else OK)
            if phase == planned.FAILED and not code:  # asked for by itself: as after a failure of Compose
                standing = Standing(exit_code=errors.EXIT_FAILED, result=FAILURE)
            failed = outcome.failed.label if outcome.failed else ""
            runner.signals.acted_on()
            runner.close(replaced(standing, failed_hook=failed).variables)
            ended = self._phase(runner, phase, standing.exit_code)
            if ended.exit_code:
                click.echo("the exit code of the command would not change")
            code = code or ended.exit_code
        return code

    def _phase(self, runner: HookRunner, phase: str, exit_code: int | None) -> Outcome:
        """Run those of one phase, and show how each ended."""
        before = len(runner.journal.hooks)
        own = [hook for hook in self.hooks if hook.phase == phase]
        outcome = runner.hooks(own, exit_code)
        self.interrupted = outcome.interrupted
        if own and not runner.journal.hooks[before:]:
            click.echo(f"{marked('✘')} hooks.sh defines no {own[0].name}")
            outcome = Outcome(exit_code=1)
        return outcome

    def _counts(self, runner: HookRunner, phase: str, outcome: Outcome) -> str:
        """How a failure would have counted around the real command."""
        if phase == planned.PRE:
            return f"docker compose {self.command} would not have run (exit code {outcome.exit_code})"
        code = outcome.exit_code if outcome.interrupted or runner.post_fails(outcome) else 0
        return f"docker compose {self.command} would have ended with exit code {code}"

    def _environment(self, hook: planned.PlannedHook) -> dict[str, str]:
        with_dotenv = kind_of(hook).sees_dotenv(self.now.settings)
        where = self.operation.surroundings
        running = nesting.Event(where.data, where.project.real).line
        return environment.for_hook(
            where, hook.event, with_dotenv=with_dotenv, exports={}, exit_code=None, running=running
        )


class _Journal(Journal):
    """Keeps how hooks ended, and shows it at once."""

    def hook(self, **facts: Any) -> None:
        """A hook has ended, or does not run."""
        super().hook(**facts)
        _show_result(self.hooks[-1])


class _Screen(Display):
    """Shows what hooks print."""

    def hides(self, data: bytes) -> bool:
        """The line in which our driver calls a function is no line of the hook."""
        return data.startswith(OF_DRIVER)


class _Runner(HookRunner):
    """Runs hooks whose failures are shown by `_show_result`, and not a second time."""

    tells_no_failures = True
    may_wait = False

    def output_of(self, hook: planned.PlannedHook) -> type[Output]:
        """What shows complete lines of a trace, if the shell writes them word by word."""
        in_words = hook.trace and "PS4" in kind_of(hook).traced(hook)
        return TracedOutput if in_words and suits(hook.path) else super().output_of(hook)


def show_environments(now: Scope, targets: list[Target]) -> None:
    """What the hooks of `targets` would see that the shell does not. Nothing runs.

    Hooks of the same event and kind see the same, so it is shown once, with a heading if there are several.
    """
    trials = [Trial(now, target, []) for target in targets]
    seen = {(hook.event, hook.kind): (trial, hook) for trial in trials for hook in reversed(trial.hooks)}
    for trial, hook in seen.values():
        heading = [f"# {hook.label}"] if len(seen) > 1 else []
        for line in heading + trial.environment(hook):
            click.echo(line.encode("utf-8", "surrogateescape"))
    for line in dict.fromkeys(
        line for trial in trials for line in environment.kept_from_hooks(trial.operation.surroundings)
    ):
        say(line)


def _show_result(past: dict[str, Any]) -> None:
    result = past["result"]
    mark = {"ok": "✔", "skipped": "-"}.get(result, "✘")
    facts = [f"exit {past['exit_code']}"] if "exit_code" in past else [past.get("reason", "")]
    if "seconds" in past:
        facts.append(duration(past["seconds"]))
    click.echo(f"{marked(mark)} {past['event']}/{shown(past['name'])}  {result}, {', '.join(facts)}")
    problem = past.get("problem", {})
    if result == "timeout" or problem.get("fix"):  # else it is what the hook itself printed last
        click.echo(f"    {shown(problem['what'])}")
    if problem.get("fix"):
        click.echo(f"    Fix: {shown(problem['fix'])}")


def _why(hooks: list[dict[str, Any]]) -> str:
    """Why a run was the last one."""
    last = next((past for past in reversed(hooks) if past["result"] not in ("ok", "skipped")), None)
    if last is None:
        return "there is no such function"
    name = f"{last['event']}/{shown(last['name'])}"
    words = {"timeout": "took too long", "interrupted": "was interrupted"}
    failed = f"failed with exit code {last.get('exit_code')}"
    return f"{name} {words.get(last['result'], failed)}"


def _show_times(seconds: dict[str, list[float]]) -> None:
    """The shortest, the median and the longest time of each hook."""
    for name, ones in seconds.items():
        facts = [f"{word} {duration(f(ones))}" for word, f in (("min", min), ("max", max))]
        facts.insert(1, f"median {duration(statistics.median(ones))}")
        click.echo(f"{shown(name)}  {len(ones)} time{'s' if len(ones) > 1 else ''}: {', '.join(facts)}")
