"""Decides whether a hook with conditions runs, at the moment when it is its turn."""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.base.messages import say
from hookman.base.records import replaced
from hookman.hooks import environment
from hookman.hooks.planned import PAST, PRE, RUN, SKIP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.base.signals import Signals
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.touched import Touched
    from hookman.hooks.wrong_conditions import WrongName
    from hookman.run.operation import Operation
    from hookman.run.past_success import PastSuccess

NAMES = ("services", "profiles", "flags")  # keys of a condition that can be misspelt


class Conditions:
    """The conditions of one run. Compose is asked about the project once, and again where a hook has changed it."""

    def __init__(self, directory: str, signals: Signals) -> None:
        self._directory = directory  # of the project's data; "" if nothing is noted
        self._signals = signals
        self._past: PastSuccess | None = None  # where a hook has such conditions
        self._touched: Touched | None = None
        self._in: Surroundings | None = None

    def judged(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> PlannedHook:
        """The hook, skipped with its reason if its conditions do not hold. Raises ConfigError."""
        if "when" in hook.keys:
            hook = self._when(hook, op, exports)
        if hook.action == RUN and PAST & hook.keys.keys():
            return self._past_success().unless_done(hook, op, exports)
        return hook

    def _when(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> PlannedHook:
        """The hook, skipped if its `when` does not hold. Raises ConfigError."""
        from hookman.hooks import when

        wanted = hook.keys["when"]
        facts = when.Facts(
            directory=op.scope.project.directory,
            environ=_environ(op.surroundings, exports),
            invocation=op.lookup.invocation,
            touched=lambda: self._found(op, exports),
        )
        if not wanted.keys().isdisjoint(NAMES) and (wrong := self._wrong_name(hook, op, exports)):
            return replaced(hook, action=SKIP, reason=wrong.reason, problem=wrong.problem)
        reason = when.reason(wanted, facts)
        return replaced(hook, action=SKIP, reason=reason) if reason else hook

    def _wrong_name(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> WrongName | None:
        """Look for names that nothing has. Of a service or a profile: the problem, which is raised before Compose.

        Of a flag it is only said: Compose may be newer than our list of flags. Raises ConfigError.
        """
        from hookman.hooks.wrong_conditions import wrong_flag, wrong_name

        tables = op.scope.settings.tables
        found = None
        if "services" in hook.keys["when"] or "profiles" in hook.keys["when"]:
            found = wrong_name(hook, tables, op.scope.project.directory, self._found(op, exports))
        if found and hook.phase == PRE:
            problem = found.problem
            raise ConfigError(problem.what, problem.fix, problem.where)
        if wrong := wrong_flag(hook, tables, op.lookup.invocation):
            say(f"warning: {wrong.line}")
        return found

    def expect(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> None:
        """Have a success of the hook noted, although it runs whatever its conditions are."""
        if PAST & hook.keys.keys():
            self._past_success().unless_done(hook, op, exports)

    def succeeded(self, hook: PlannedHook) -> None:
        """The hook ran and succeeded."""
        if self._past:
            self._past.succeeded(hook)

    def look_again(self) -> None:
        """A hook ran, so what is known of the project may be wrong."""
        if self._past:
            self._past.look_again()

    def _past_success(self) -> PastSuccess:
        if self._past is None:
            from hookman.run.past_success import PastSuccess

            self._past = PastSuccess(self._directory, self._signals)
        return self._past

    def _found(self, op: Operation, exports: Mapping[str, str | None]) -> Touched:
        if self._touched is None or self._in is not op.surroundings:
            from hookman.hooks.touched import touched

            self._in = op.surroundings
            environ = environment.for_compose(op.surroundings, exports)

            self._touched = touched(
                op.lookup.invocation, _environ(op.surroundings, exports), lambda: _model(op, environ)
            )
        return self._touched


def services_of(op: Operation, environ: Mapping[str, str]) -> tuple[str, ...]:
    """All services of the project, as Compose resolves it in `environ`; none where nobody can tell."""
    return tuple((_model(op, environ) or {}).get("services") or ())


def _model(op: Operation, environ: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The project with all profiles, as Compose resolves it in `environ`; None where nobody can tell."""
    if not op.lookup.compose:
        return None
    from hookman.compose.oracle import ComposeConfig

    project = op.surroundings.project
    return ComposeConfig(op.lookup.compose, op.lookup.invocation, environ, project, all_profiles=True).answer()


def _environ(surroundings: Surroundings, exports: Mapping[str, str | None]) -> Mapping[str, str]:
    """The variables that Compose uses: those of the .env files, overridden by the environment."""
    dotenv = {**surroundings.root_dotenv, **surroundings.dotenv}
    return {**dotenv, **environment.exported(surroundings.process, exports)}
