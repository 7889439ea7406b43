"""In front of `docker compose`: argv → Invocation → Decision → Operation → steps → record → exit code."""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.messages import one_line, redactor, say, style
from hookman.compose import commandline, launch
from hookman.compose.appearance import appearance
from hookman.front.decide import Managed, PassOn, Refused, decide
from hookman.hooks.planned import FAILED, RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.compose.steps import Step, Wait
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook

PLUGIN = "plugin"
STANDALONE = "standalone"
OURS = "ours"


def main(form: str, compose: str, argv: list[str], environ: dict[str, str], data: str) -> int:
    """Carry out the command line `argv`; `compose` is the real Compose, our own files are in `data`.

    `form` is PLUGIN (docker compose), STANDALONE (docker-compose) or OURS (the arguments of docker-compose, in
    one of our commands: `hookman run`; recorded as those of `docker compose`). Returns the exit code
    (-N: signal N killed Compose), or becomes the real Compose where there is nothing for us to
    do. Raises HookmanError, and BrokenRunError where an internal error stopped a run.
    """
    redactor.learn(environ)
    redactor.learn_arguments(argv)
    parse = commandline.parse if form == PLUGIN else commandline.parse_standalone
    invocation = parse(argv)
    if invocation.unknown_flag and invocation.args and _compose_knows(compose, invocation, environ):
        invocation = parse(argv, lenient=True)
    typed = {STANDALONE: ["docker-compose", *argv], OURS: ["compose", *argv]}.get(form, argv)
    style.is_json = appearance(invocation, environ, {}).is_json
    decision = decide(invocation, environ, data)
    if isinstance(decision, Refused):
        _record(decision.error, invocation, typed, decision.project, decision.cwd, environ, data)
        raise decision.error
    for line in decision.says:
        say(line)
    if isinstance(decision, PassOn):
        show_plan(decision.dry_run)
        launch.replace(compose, decision.invocation.argv, decision.environ)
    return _carry_out(compose, decision, typed)


def _carry_out(compose: str, managed: Managed, typed: list[str]) -> int:
    """Run the operation; `typed` is the command line for the record."""
    from hookman.compose import execution
    from hookman.log.writer import new_run_id
    from hookman.run.carry_out import carry_out
    from hookman.run.operation import prepare

    invocation, scope = managed.invocation, managed.scope
    command = invocation.subcommand or ""
    try:
        operation = prepare(
            *(scope, command, invocation.args, managed.skip),
            run=new_run_id(),
            invocation=invocation,
            cwd=managed.cwd,
            compose=compose,
            hooks=managed.hooks,
        )
    except HookmanError as error:
        _record(error, invocation, typed, scope.project, managed.cwd, scope.environ, scope.data)
        raise

    def wait() -> Wait:
        from hookman.run.waits import of_attached

        return of_attached(operation, managed.hooks)

    def act(now: Surroundings, environ: Mapping[str, str], signals: Signals) -> Iterator[Step]:
        return execution.steps(compose, invocation, now.project, environ, signals, wait)

    return carry_out(operation, act, argv=typed, cwd=managed.cwd, locks=command in commandline.LOCKING)


def _record(
    error: HookmanError,
    invocation: Invocation,
    typed: list[str],
    project: Project,
    cwd: str,
    environ: Mapping[str, str],
    data: str,
) -> None:
    """Log a command that was stopped before its run began."""
    from hookman.compose.engine_id import EngineNote
    from hookman.log.origin import origin
    from hookman.log.writer import record_refusal

    record_refusal(
        paths.project_data_dir(data, project.real),
        redactor,
        error,
        project=project.real,
        name=project.name,
        command=invocation.subcommand,
        argv=typed,
        cwd=cwd,
        skipped="",
        **origin(EngineNote(data, invocation.docker_flags, environ), environ),
    )


def _compose_knows(compose: str, invocation: Invocation, environ: Mapping[str, str]) -> bool:
    """Does this Compose take the flags that flags.py lacks? It may be newer than our table.

    An error in a flag beats --help (TRAPS B2), so `up --help --new-flag` succeeds only if it does.
    """
    from hookman.base.spawn import NULL, spawn

    end = len(invocation.argv) - len(invocation.args) + 1
    argv = [compose, *invocation.argv[:end], "--help", *invocation.argv[end:]]
    return os.waitpid(spawn(compose, argv, environ, dict.fromkeys(range(3), NULL)), 0)[1] == 0


def show_plan(hooks: Iterable[PlannedHook]) -> None:
    """Say which hooks would run, in order."""
    for hook in hooks:
        verb = {"run": "would run", "skip": "would skip", "refuse": "would stop at"}[hook.action]
        if hook.action == RUN and hook.phase == FAILED:
            why = f"if {hook.event.split('.')[1]} does not succeed"
        else:
            why = hook.why
        reason = f" ({why})" if why else ""
        say(f"dry run: {verb} {hook.event}/{one_line(hook.name)}{reason}")
