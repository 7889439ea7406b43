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
from hookman.hooks import environment, given, planned, skips
from hookman.hooks.kinds import kind_of
from hookman.hooks.scope import Scope
from hookman.log.writer import Journal
from hookman.run import closing, nesting
from hookman.run.closing import Standing
from hookman.run.display import OUTPUT, Display
from hookman.run.hook_runner import HookRunner, Outcome
from hookman.run.operation import prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Trial:
    """Hooks of one operation that are to be tried; `args` are what functions get after the command."""

    def __init__(self, now: Scope, command: str, hooks: list[planned.PlannedHook], args: list[str]) -> None:
        args = args if command.startswith("db_") else [command, *args]
        self.now = now
        self.command = command
        self.hooks = hooks
        self.operation = prepare(now, command, args, skips.Skips(), run="test")

    def run(self, times: int) -> int:
        """Run the hooks, `times` times or until they fail; the exit code of the failure, else 0."""
        seconds: dict[str, list[float]] = {}
        with Signals() as signals:
            for _ in range(times):
                journal = Journal("", self.operation.surroundings.run, redactor, say)
                code = self._once(HookRunner(self.operation, signals, journal, Display((OUTPUT,))))
                for past in journal.hooks:
                    seconds.setdefault(f"{past['event']}/{past['name']}", []).append(past.get("seconds", 0.0))
                if code:
                    return code
        if times > 1:
            for name, ones in seconds.items():
                facts = [f"{word} {duration(f(ones))}" for word, f in (("min", min), ("max", max))]
                facts.insert(1, f"median {duration(statistics.median(ones))}")
                click.echo(f"{shown(name)}  {len(ones)} times: {', '.join(facts)}")
        return 0

    def shell(self) -> NoReturn:
        """Become the user's shell, with the environment and directory of the first hook."""
        program = self.now.environ.get("SHELL") or "/bin/sh"
        hook = self.hooks[0]
        say(f"a shell as {hook.label} sees it, in {self.now.project.directory}; to leave: exit")
        os.chdir(self.now.project.directory)
        os.execvpe(program, [program], self._environment())

    def show_environment(self) -> None:
        """What the first hook sees that the shell does not, secrets masked."""
        for name, value in sorted(self._environment().items()):
            if self.now.environ.get(name) != value and not name.startswith(given.GIVEN):
                masked = MASK.decode() if looks_secret(name, self.now.settings.redact) else redactor.shown(value)
                line = f"{name}={shlex.quote(value) if masked == value else masked}"
                click.echo(line.encode("utf-8", "surrogateescape"))
        for line in environment.kept_from_hooks(self.operation.surroundings):
            say(line)

    def _once(self, runner: HookRunner) -> int:
        outcome = self._phase(runner, planned.PRE, None)
        result = closing.ABORTED
        if not outcome.exit_code:
            outcome = self._phase(runner, planned.POST, 0)
            result = closing.FAILURE
        if outcome.exit_code:
            click.echo(self._counts(runner, planned.PRE if result == closing.ABORTED else planned.POST, outcome))
        return self._close(runner, outcome, closing.result_of(outcome, otherwise=result))

    def _close(self, runner: HookRunner, outcome: Outcome, result: str) -> int:
        """Run those of the closing phases after the others ended so: those of `failed` alone, or after a failure."""
        others = {hook.phase for hook in self.hooks} - {planned.FAILED}
        phases = planned.CLOSING if outcome.exit_code or not others else (planned.ALWAYS,)
        code = outcome.exit_code
        for phase in phases:
            standing = Standing(exit_code=code, result=result if code else closing.OK)
            if phase == planned.FAILED and not code:  # asked for by itself: as after a failure of Compose
                standing = Standing(exit_code=errors.EXIT_FAILED, result=closing.FAILURE)
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
        for past in runner.journal.hooks[before:]:
            _show_result(past)
        if own and not runner.journal.hooks[before:]:
            click.echo(f"{marked('✘')} hooks.sh defines no {own[0].name}")
            outcome = Outcome(exit_code=1)
        return outcome

    def _counts(self, runner: HookRunner, phase: str, outcome: Outcome) -> str:
        """How a failure would have counted around the real command."""
        if phase == planned.PRE:
            return f"docker compose {self.command} would not have run (exit code {outcome.exit_code})"
        code = runner.post_failure(outcome)
        return f"docker compose {self.command} would have ended with exit code {code}"

    def _environment(self) -> dict[str, str]:
        hook = self.hooks[0]
        with_dotenv = kind_of(hook).sees_dotenv(self.now.settings)
        where = self.operation.surroundings
        running = nesting.Event(where.data, where.project.real).line
        return environment.for_hook(
            where, hook.event, with_dotenv=with_dotenv, exports={}, exit_code=None, running=running
        )


def _show_result(past: dict[str, Any]) -> None:
    result = past["result"]
    mark = {"ok": "✔", "skipped": "-"}.get(result, "✘")
    facts = [f"exit {past['exit_code']}"] if "exit_code" in past else [past.get("reason", "")]
    if "seconds" in past:
        facts.append(duration(past["seconds"]))
    click.echo(f"{marked(mark)} {past['event']}/{shown(past['name'])}  {result}, {', '.join(facts)}")
