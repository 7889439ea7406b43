"""In front of `docker compose`: argv → Invocation → Project → Plan → Run → Record → exit code."""

from __future__ import annotations

import os

from hookman import enabled, environment, paths
from hookman.compose import commandline, engine, project
from hookman.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.hooks.plan import PlannedHook

PLUGIN = "plugin"
STANDALONE = "standalone"
# Commands that stay in the foreground: the lock is given back when they begin, so that
# `down` in another terminal works (DESIGN 1.5).
FOREGROUND = ("watch",)


def main(form: str, real: str, argv: list[str], environ: dict[str, str], data: str) -> int:
    """Carry out the command line `argv`; `real` is the real Compose, our own files lie below `data`.

    `form` is PLUGIN (docker compose) or STANDALONE (docker-compose).

    Returns the exit code, or becomes the real Compose where there is nothing for us to do.
    Raises HookmanError, and BrokenRunError where an internal error stopped a run.
    """
    invocation = commandline.parse_standalone(argv) if form == STANDALONE else commandline.parse(argv)
    if not invocation.has_events:
        _pass_on(real, invocation, environ)
    cwd = project.working_directory(environ)
    environ = _aimed(invocation, environ, cwd)
    where = project.resolve(invocation, environ, cwd)
    if where.real in environ.get(environment.RUNNING, "").split("\n"):
        _pass_on(real, invocation, environ)  # its hooks are running further up (C75, C77)
    if not enabled.is_enabled(data, where.real):
        if _has_hooks(where):
            say(f"the hooks of {where.directory} are not enabled on this machine. To let them run: hookman enable")
        _pass_on(real, invocation, environ)
    return _managed(real, invocation, environ, where, cwd, data)


def _managed(real: str, invocation: Invocation, environ: dict[str, str], where: Project, cwd: str, data: str) -> int:
    from hookman import config
    from hookman.errors import BrokenRunError, ConfigError, HookmanError
    from hookman.hooks import plan

    command = invocation.subcommand or ""
    root = enabled.root_of(data, where.real)
    settings = config.load(paths.config_file(environ), root, where.directory, environ)
    skip = plan.skips(settings, environ, skip_hooks=invocation.skip_hooks)
    if invocation.dry_run:
        show_plan(plan.plan_operation(where.directory, command, settings, skip, environ))
        _pass_on(real, invocation, environ)
    locks = command in commandline.LOCKING
    hooks = plan.plan_operation(where.directory, command, settings, skip, environ)
    if not hooks and not locks:
        _pass_on(real, invocation, environ)

    from hookman.redact import secret_values
    from hookman.runner.journal import Journal, new_run_id
    from hookman.runner.lifecycle import Operation, operate
    from hookman.runner.lock import ProjectLock
    from hookman.runner.signals import Signals

    try:
        root_dotenv = environment.read_dotenv([f"{root}/.env"], environ) if root else {}
        dotenv = environment.read_dotenv(where.env_files, {**root_dotenv, **environ})
    except ConfigError:
        if hooks:
            raise
        root_dotenv, dotenv = {}, {}
    run = new_run_id()
    surroundings = environment.Surroundings(
        project=where,
        root=root,
        process=environ,
        root_dotenv=root_dotenv,
        dotenv=dotenv,
        target=environment.target(invocation, where),
        run=run,
        data=data,
    )
    secrets = secret_values(environ, root_dotenv, dotenv, extra=settings.redact)
    operation = Operation(
        command=command, args=invocation.args, where=surroundings, config=settings, skip=skip, secrets=secrets
    )
    directory = paths.project_data_dir(data, where.real)
    try:
        paths.make_private_dir(directory)
    except OSError as error:
        say(
            f"{directory} can't be made ({error.strerror}), so there is no log, and no lock that keeps other "
            "operations waiting. Fix: make it writable, or set HOOKMAN_DATA_DIR"
        )
        directory = ""
    lock = ProjectLock(directory) if locks and directory else None
    stays = invocation.attached or command in FOREGROUND
    journal = Journal(directory, run, secrets, say)
    with Signals() as signals:

        def compose(its_environ: Mapping[str, str]) -> int:
            if stays and lock:
                lock.release()
            return engine.run(real, invocation.argv, its_environ, signals)

        journal.start(
            project=where.real, name=where.name, command=command, argv=invocation.argv, cwd=cwd, skipped=skip.everything
        )
        try:
            return operate(operation, signals, journal, lock, compose)
        except HookmanError:
            raise
        except Exception as error:
            raise BrokenRunError from error


def _aimed(invocation: Invocation, environ: dict[str, str], cwd: str) -> dict[str, str]:
    """Inside a hook: keep what aims calls at the hook's project only for calls about that project.

    `cd ../other && docker compose up` in a hook means the other project, and must not get
    this one's name and files.
    """
    own = environ.get("HOOKMAN_PROJECT_DIR")
    if environment.TARGET not in environ or not own:
        return environ
    bare = environment.without_target(environ)
    found = project.resolve(invocation, bare, cwd).directory
    inside = f"{cwd}/".startswith(f"{own}/")
    if found == own or (inside and f"{own}/".startswith(f"{found}/")):
        return environ
    return bare


def _has_hooks(where: Project) -> bool:
    from hookman.hooks import functions, scripts

    return functions.hooks_file(where.directory) is not None or os.path.isdir(
        os.path.join(where.directory, scripts.HOOKS_DIR)
    )


def show_plan(hooks: list[PlannedHook]) -> None:
    """Say which hooks would run, in order."""
    for hook in hooks:
        verb = {"run": "would run", "skip": "would skip", "refuse": "would stop at"}[hook.action]
        why = hook.reason or hook.warning
        reason = f" ({why})" if why else ""
        say(f"dry run: {verb} {hook.event}/{hook.name}{reason}")


def _pass_on(real: str, invocation: Invocation, environ: Mapping[str, str]) -> NoReturn:
    engine.replace(real, invocation.argv, environ)
