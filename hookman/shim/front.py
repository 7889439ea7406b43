"""In front of `docker compose`: argv → Invocation → Project → Plan → Run → Record → exit code."""

from __future__ import annotations

import os

from hookman import enabled, environment, given, paths
from hookman.compose import commandline, engine, project
from hookman.errors import HookmanError
from hookman.messages import one_line, redactor, say
from hookman.runner import nesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.config import Config
    from hookman.environment import Surroundings
    from hookman.hooks.plan import PlannedHook, Skips
    from hookman.runner.lock import ProjectLock
    from hookman.runner.operation import Operation

PLUGIN = "plugin"
STANDALONE = "standalone"
# Commands that stay in the foreground: the lock is given back when they begin, so that
# `down` in another terminal works (DESIGN 1.5).
FOREGROUND = ("watch",)


def main(form: str, real: str, argv: list[str], environ: dict[str, str], data: str) -> int:
    """Carry out the command line `argv`; `real` is the real Compose, our own files lie below `data`.

    `form` is PLUGIN (docker compose) or STANDALONE (docker-compose). Returns the exit code
    (-N: signal N killed Compose), or becomes the real Compose where there is nothing for us to
    do. Raises HookmanError, and BrokenRunError where an internal error stopped a run.
    """
    redactor.learn(environ)
    redactor.learn_arguments(argv)
    parse = commandline.parse_standalone if form == STANDALONE else commandline.parse
    invocation = parse(argv)
    if invocation.unknown_flag and invocation.args and _compose_knows(real, invocation, environ):
        invocation = parse(argv, lenient=True)
    if not invocation.has_events and not given.told(environ):
        _pass_on(real, invocation, environ)
    try:
        cwd = project.working_directory(environ)
    except HookmanError:
        _pass_on(real, invocation, environ)  # in a directory that is gone Compose knows best
    environ = nesting.aimed(invocation, environ, cwd, data)
    if not invocation.has_events:
        _pass_on(real, invocation, environ)
    where = project.resolve(invocation, environ, cwd)
    running = nesting.running_projects(environ, data)
    if where.real in running:  # its hooks are running further up (C75, C77)
        if where.real != running[-1]:
            chain = " → ".join(map(os.path.basename, [*running[running.index(where.real) :], where.real]))
            say(f"{chain}: these call each other, so {invocation.subcommand} runs here without its hooks")
        _pass_on(real, invocation, _with_roots(invocation, environ, where, data))
    if not enabled.is_enabled(data, where.real):
        from hookman import consent

        if enabled.distrusted_mark(data, where.real) or consent.has_hooks(where.directory):
            say(". ".join(consent.not_enabled(where, environ, data)))
        _pass_on(real, invocation, environ)
    return _managed(real, invocation, environ, where, cwd, data)


def _managed(real: str, invocation: Invocation, environ: dict[str, str], where: Project, cwd: str, data: str) -> int:
    """Run an operation on an enabled project, if there is anything for us to do. What stops it first is logged too."""
    try:
        operation = _planned(real, invocation, environ, where, data)
    except HookmanError as error:
        from hookman.runner.journal import record_refusal

        record_refusal(
            paths.project_data_dir(data, where.real),
            redactor,
            error,
            project=where.real,
            name=where.name,
            command=invocation.subcommand,
            argv=invocation.argv,
            cwd=cwd,
            skipped="",
        )
        raise
    return _run(real, invocation, operation, cwd)


def _planned(real: str, invocation: Invocation, environ: dict[str, str], where: Project, data: str) -> Operation:
    """The operation that the command line means; or become the real Compose. Raises HookmanError."""
    from hookman.hooks import plan

    command = invocation.subcommand or ""
    root = enabled.root_of(data, where.real, environ)
    settings, skip = _settings(invocation, environ, where, root, data)
    redactor.learn_names(settings.redact)
    hooks = plan.plan_operation(where.directory, command, settings, skip, environ)
    if invocation.dry_run:
        show_plan(hooks)
        _pass_on(real, invocation, _with_roots(invocation, environ, where, data))
    if not hooks and command not in commandline.LOCKING:
        _pass_on(real, invocation, _with_roots(invocation, environ, where, data))
    if any(hook.distrusted for hook in hooks) and (refused := plan.refusal(hooks, where.directory)):
        refused.stops(command)
        raise refused

    from hookman.runner.journal import new_run_id
    from hookman.runner.operation import Operation
    from hookman.runner.scene import Scene

    cwd = project.working_directory(environ)
    scene = Scene(invocation=invocation, process=environ, cwd=cwd, root=root, data=data, run=new_run_id(), real=real)
    return Operation(
        command=command,
        args=invocation.args,
        where=scene.look(where, {}, dotenv_needed=any(hook.action == plan.RUN for hook in hooks)),
        again=scene.look_again,
        config=settings,
        skip=skip,
        planned=[hook for hook in hooks if hook.event == plan.event_name(command, plan.PRE)],
        attached=invocation.attached,
        post_hooks=any(hook.event == plan.event_name(command, plan.POST) for hook in hooks),
    )


def _run(real: str, invocation: Invocation, operation: Operation, cwd: str) -> int:
    """Run an operation under its lock and with its record. Raises HookmanError and BrokenRunError."""
    from hookman.errors import BrokenRunError
    from hookman.runner.journal import Journal
    from hookman.runner.lifecycle import operate
    from hookman.runner.signals import Signals

    where = operation.where.project
    directory = data_directory(operation.where.data, where)
    lock = project_lock(operation, directory) if operation.command in commandline.LOCKING else None
    journal = Journal(directory, operation.where.run, redactor, say, operation.config.output_limit)

    def give_back() -> None:
        if lock:
            lock.release()

    process = operation.where.process
    is_plugin = environment.PLUGIN_COMMAND in process
    with Signals(process.get(environment.PLUGIN_SOCKET, ""), is_plugin=is_plugin) as signals:

        def compose(now: Surroundings, environ: Mapping[str, str], when_up: Callable[[str], None]) -> int:
            if operation.attached:
                from hookman.compose import attached

                return attached.run(
                    *(real, invocation, now.project, environ, signals),
                    post_hooks=operation.post_hooks,
                    when_up=when_up,
                    when_late=give_back,
                )
            if operation.command in FOREGROUND:
                give_back()
            return engine.run(real, invocation.argv, environ, signals)

        journal.start(
            project=where.real,
            name=where.name,
            command=operation.command,
            argv=invocation.argv,
            cwd=cwd,
            skipped=operation.skip.everything,
        )
        try:
            return operate(operation, signals, journal, lock, compose)
        except HookmanError:
            raise
        except Exception as error:
            raise BrokenRunError from error


def project_lock(operation: Operation, directory: str) -> ProjectLock | None:
    """The lock for an operation on the project whose data lie in `directory`; None where that is ""."""
    from hookman.runner.lock import ProjectLock

    running = nesting.running_projects(operation.where.process, operation.where.data)
    above = [paths.project_data_dir(operation.where.data, project) for project in running]
    return ProjectLock(directory, above) if directory else None


def _settings(
    invocation: Invocation, environ: dict[str, str], where: Project, root: str | None, data: str
) -> tuple[Config, Skips]:
    """The settings in force and what is to be skipped. Going without hooks works with broken settings too (C74).

    Where the command has no hook and takes no lock, broken settings are one warning. Raises ConfigError.
    """
    from hookman import config
    from hookman.errors import ConfigError
    from hookman.hooks import plan

    try:
        settings = config.load(paths.config_file(environ), root, where.directory, environ, data, where.own_env_files)
    except ConfigError as error:
        settings = config.Config()
        skip = plan.skips(settings, environ, skip_hooks=invocation.skip_hooks)
        command = invocation.subcommand or ""
        if skip.everything:
            return settings, skip
        # A command that takes the lock needs them too: lock_timeout, and what the log keeps.
        if command in commandline.LOCKING or plan.plan_operation(where.directory, command, settings, skip, environ):
            error.stops(command)
            raise
        say(f"{error.message}. {command} has no hooks, so it goes on. Fix: {error.mend}")
        return settings, skip
    return settings, plan.skips(settings, environ, skip_hooks=invocation.skip_hooks)


def data_directory(data: str, where: Project) -> str:
    """Where the lock and the log of a project lie; "" (and a line) where that can't be made."""
    directory = paths.project_data_dir(data, where.real)
    try:
        paths.make_private_dir(directory)
    except OSError as error:
        say(
            f"{directory} can't be made ({error.strerror}), so there is no log, and no lock that keeps other "
            "operations waiting. Fix: make it writable, or set HOOKMAN_DATA_DIR"
        )
        return ""
    return directory


def _compose_knows(real: str, invocation: Invocation, environ: Mapping[str, str]) -> bool:
    """Does this Compose take the flags that flags.py lacks? It may be newer than our table.

    An error in a flag beats --help (TRAPS B2), so `up --help --new-flag` succeeds only if it does.
    """
    end = len(invocation.argv) - len(invocation.args) + 1
    argv = [real, *invocation.argv[:end], "--help", *invocation.argv[end:]]
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    pid = os.posix_spawn(real, argv, environ, file_actions=null)
    return os.waitpid(pid, 0)[1] == 0


def _with_roots(invocation: Invocation, environ: dict[str, str], where: Project, data: str) -> dict[str, str]:
    """Compose's environment where no hook runs: with the root's .env, as where one does."""
    root = enabled.root_of(data, where.real, environ)
    if not root or not os.path.exists(os.path.join(root, ".env")):
        return environ
    from hookman.runner.scene import Scene

    cwd = project.working_directory(environ)
    scene = Scene(invocation=invocation, process=environ, cwd=cwd, root=root, data=data, run="", real="")
    return environment.for_compose(scene.look(where, {}, dotenv_needed=False), {})


def show_plan(hooks: list[PlannedHook]) -> None:
    """Say which hooks would run, in order."""
    for hook in hooks:
        verb = {"run": "would run", "skip": "would skip", "refuse": "would stop at"}[hook.action]
        why = hook.reason or hook.warning
        reason = f" ({why})" if why else ""
        say(f"dry run: {verb} {hook.event}/{one_line(hook.name)}{reason}")


def _pass_on(real: str, invocation: Invocation, environ: Mapping[str, str]) -> NoReturn:
    engine.replace(real, invocation.argv, environ)
