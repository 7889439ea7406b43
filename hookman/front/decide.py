"""Invocation → Decision: is a command line Compose's alone, or does hookman manage it?

Nothing is started, taken or printed here (but for `bash -n`, which parses a hooks.sh).
"""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.messages import redactor
from hookman.base.records import record, replaced
from hookman.compose import commandline, project
from hookman.consent import marks
from hookman.hooks import given
from hookman.run import nesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.settings.hookman_toml import Settings


@record
class PassOn:
    """The real Compose takes over."""

    why: str
    invocation: Invocation
    environ: Mapping[str, str]
    says: tuple[str, ...] = ()  # what to tell the user first
    dry_run: tuple[PlannedHook, ...] = ()  # the plan to show first


@record
class Managed:
    """Hooks, the lock and the log: an operation."""

    invocation: Invocation
    scope: Scope
    skip: Skips
    hooks: list[PlannedHook]  # of all phases
    cwd: str
    says: tuple[str, ...] = ()


@record
class Refused:
    """Something is wrong, and the command must not run."""

    error: HookmanError
    project: Project
    cwd: str


Decision = PassOn | Managed | Refused


def decide(invocation: Invocation, environ: dict[str, str], data: str) -> Decision:
    """Decide who runs `invocation`; our own files are in `data`."""
    no_operation = f"it is not an operation ({invocation.kind})"
    if not invocation.has_events and not given.told(environ):
        return PassOn(why=no_operation, invocation=invocation, environ=environ)
    try:
        cwd = project.working_directory(environ)
    except HookmanError:
        why = "the current directory does not exist any more, so Compose decides"
        return PassOn(why=why, invocation=invocation, environ=environ)
    in_hook = given.told(environ)
    invocation, environ = nesting.aimed(invocation, environ, cwd, data)
    if not invocation.has_events:
        return PassOn(why=no_operation, invocation=invocation, environ=environ)
    where = project.resolve(invocation, environ, cwd)
    running = nesting.running_projects(environ, data)
    if where.real in running:  # C75, C77
        return PassOn(
            why="the call comes from one of its own hooks",
            invocation=invocation,
            environ=_with_roots(marks.root_of(data, where.real, environ), invocation, environ, where, cwd, data),
            says=_circle(where.real, running, invocation),
        )
    if not marks.is_enabled(data, where.real):
        says = () if _is_idle(invocation, where, data) else _not_enabled(where, environ, data, in_hook=in_hook)
        return PassOn(why="it is not enabled", invocation=invocation, environ=environ, says=says)
    try:
        return _on_enabled(invocation, environ, where, cwd, data)
    except HookmanError as error:
        return Refused(error=error, project=where, cwd=cwd)


def _on_enabled(
    invocation: Invocation, environ: dict[str, str], where: Project, cwd: str, data: str
) -> PassOn | Managed:
    from hookman.hooks import plan

    command = invocation.subcommand or ""
    scope, skip, says = _settings(invocation, environ, where, data)
    redactor.learn_names(scope.settings.redact)
    hooks = plan.plan_operation(scope, command, skip)
    if invocation.dry_run:
        from hookman.hooks.flaws import examined

        hooks = examined(hooks, scope, invocation)
        environ = _with_roots(scope.root, invocation, environ, where, cwd, data)
        return PassOn(why="it is a dry run", invocation=invocation, environ=environ, says=says, dry_run=tuple(hooks))
    if not hooks and command not in commandline.LOCKING:
        environ = _with_roots(scope.root, invocation, environ, where, cwd, data)
        why = f"{command} has no hooks here, and takes no lock"
        return PassOn(why=why, invocation=invocation, environ=environ, says=says)
    if any(hook.distrusted for hook in hooks) and (refused := plan.refusal(hooks, where.directory)):
        refused.stops(command)
        raise refused
    return Managed(invocation=invocation, scope=scope, skip=skip, hooks=hooks, cwd=cwd, says=says)


def _settings(
    invocation: Invocation, environ: dict[str, str], where: Project, data: str
) -> tuple[Scope, Skips, tuple[str, ...]]:
    """The project with the settings in force, what is to be skipped, and what the user is told.

    Going without hooks works with broken settings too (C74). Where the command has no hook and takes no
    lock, broken settings are one warning. Raises ConfigError.
    """
    from hookman.base.errors import ConfigError
    from hookman.hooks import plan, skips
    from hookman.hooks.scope import Scope
    from hookman.settings import hookman_toml

    def scope(settings: Settings) -> Scope:
        return Scope(project=where, root=root, settings=settings, data=data, environ=environ, enabled=True)

    root = marks.root_of(data, where.real, environ)
    user_file = paths.config_file(environ)
    try:
        settings = hookman_toml.load(
            *(user_file, root, where.directory, environ, data), where.own_env_files, where.files
        )
        says = _unread(settings, invocation)
    except ConfigError as error:
        settings = hookman_toml.Settings()
        skip = skips.skips(settings, environ, skip_hooks=invocation.skip_hooks)
        command = invocation.subcommand or ""
        if skip.everything:
            return scope(settings), skip, ()
        # A command that takes the lock needs them too: lock_timeout, and what the log keeps.
        if command in commandline.LOCKING or plan.plan_operation(scope(settings), command, skip):
            error.stops(command)
            raise
        told = replaced(error.problem, what=f"{error.message}. {command} has no hooks, so it runs")
        return scope(settings), skip, (told.line,)
    return scope(settings), skips.skips(settings, environ, skip_hooks=invocation.skip_hooks), says


def _unread(settings: Settings, invocation: Invocation) -> tuple[str, ...]:
    """What to say of compose files that mention hooks and are no YAML.

    Raises ConfigError if the text of one names an event of this command: a hook of it would be missing.
    """
    says: tuple[str, ...] = ()
    for unread in settings.tables.unread:
        if f"{invocation.subcommand}." in unread.text and not invocation.skip_hooks:
            from hookman.base.errors import ConfigError

            problem = unread.problem
            raise ConfigError(problem.what, problem.fix, problem.where)
        what = f"{unread.problem.what}. Its hooks are not for {invocation.subcommand}, so {invocation.subcommand} runs"
        says = (*says, replaced(unread.problem, what=what).line)
    return says


def _with_roots(
    root: str | None, invocation: Invocation, environ: dict[str, str], where: Project, cwd: str, data: str
) -> dict[str, str]:
    """Compose's environment where no hook runs. It has the root's .env, as it has where a hook runs."""
    if not root or not os.path.exists(os.path.join(root, ".env")):
        return environ
    from hookman.hooks import environment
    from hookman.run.project_lookup import ProjectLookup

    lookup = ProjectLookup(invocation=invocation, process=environ, cwd=cwd, root=root, data=data, run="", compose="")
    return environment.for_compose(lookup.look(where, {}, dotenv_needed=False), {})


def _circle(real: str, running: list[str], invocation: Invocation) -> tuple[str, ...]:
    """What to say when hooks call each other's projects; nothing if a project's hook calls its own project."""
    if real == running[-1]:
        return ()
    chain = " → ".join(map(os.path.basename, [*running[running.index(real) :], real]))
    return (f"{chain}: these call each other, so {invocation.subcommand} runs here without its hooks",)


def _is_idle(invocation: Invocation, where: Project, data: str) -> bool:
    """Does the command only look, in a project with a mark and with nothing that could be a hook of this command?

    Then nobody asks whether the mark still means this directory. The shim does not either: `idle` in templates/shim.sh.
    """
    from hookman.hooks import enabling

    command = invocation.subcommand or ""
    if command in commandline.LOCKING or not os.path.exists(paths.enabled_mark(data, where.real)):
        return False
    return not enabling.may_have_hooks(where, command)


def _not_enabled(where: Project, environ: Mapping[str, str], data: str, *, in_hook: bool) -> tuple[str, ...]:
    """What to say about hooks that could be enabled; nothing if there are none."""
    from hookman.hooks import enabling

    if marks.distrusted_mark(data, where.real) or enabling.has_hooks(where.directory):
        problem = enabling.not_enabled(where, environ, data, in_hook=in_hook)
        return (problem.line,)
    return ()
