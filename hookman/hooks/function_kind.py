"""Function hooks (Kompose) as a kind of hook: bash sources hooks.sh and calls one function of it (driver.bash)."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.records import replaced
from hookman.compose.commandline import LOCKING
from hookman.consent import fingerprints
from hookman.hooks import environment, functions
from hookman.hooks.kind import BEGUN, Kind, Verdict, directory_led_to, status_of, table_of, time_limit, trusted
from hookman.hooks.planned import CLOSING, FUNCTION, PRE, REFUSE, RUN, SKIP, PlannedHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookman.hooks.environment import Surroundings
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.settings.hookman_toml import Settings

# The driver's report: far from the descriptors that scripts use, as the limit (ulimit -n; -1: none) allows.
# Not the last one: bash 3.2 puts its script there, whatever is there already.
_DESCRIPTORS = os.sysconf("SC_OPEN_MAX")
UNDECLARED = f"if {functions.FILE_NAME} defines it"
FOR_EXPORTS = f"only for what {functions.FILE_NAME} exports"


class FunctionKind(Kind):
    """The function of an event in the project's hooks.sh."""

    name = FUNCTION
    fails_operation = True
    report_descriptor = min(199, _DESCRIPTORS - 2) if _DESCRIPTORS > 0 else 199

    def plan(self, scope: Scope, event: str, skip: Skips) -> Iterator[PlannedHook]:
        """The function of `event`, if its hooks.sh may define it. A hooks.sh that can't be sourced is REFUSE (C44)."""
        path = functions.hooks_file(scope.project.directory)
        if path is None:
            return
        name = functions.function_name(event)
        phase = event.rpartition(".")[2]
        # Few hooks.sh define a function for these phases. To find out by sourcing, its top level would run once more.
        if phase in CLOSING and not functions.is_named(path, name):
            return
        if reason := skip.reason(event, name):
            yield PlannedHook(event=event, name=name, kind=FUNCTION, path=path, action=SKIP, reason=reason)
            return
        file = functions.read(path, scope.environ.get("PATH", ""))
        matters = functions.may_matter(file.text, name)
        # If the text names no hook at all, nobody knows what it should check. So commands that change something stop.
        idle = "hook_" in file.text or (file.text and event.split(".")[1] not in LOCKING)
        if file.problem and not matters and idle:
            if phase == PRE:  # one warning, before Compose
                what = f"{file.problem.what}. It has no hook for this command, so the command runs"
                told = replaced(file.problem, what=what)
                yield self._broken(event, path, SKIP, told, reason=file.problem.what)
            return
        status = status_of(scope.project.directory)
        if file.problem or file.status is None or status is None:
            gone = Problem(what=f"{scope.project.directory} is gone", where=path)
            yield self._broken(event, path, REFUSE, file.problem or gone, reason=file.reason)
        elif matters:
            yield self._planned(scope, event, file, [status, file.status])

    def directories(self, project_dir: str, event: str) -> list[str]:
        """hooks.sh is in the project's directory."""
        return [project_dir]

    def sees_dotenv(self, settings: Settings) -> bool:
        """Functions get all variables of .env."""
        return True

    def argv(self, hook: PlannedHook, args: list[str], search_path: str) -> list[str]:
        """The driver, told of the file, the function and its arguments. Raises HookmanError where there is no bash."""
        driver = [functions.bash(search_path), "--noprofile", "--norc", functions.DRIVER]
        trace = "trace" if hook.trace else ""
        return [*driver, hook.path, hook.name, str(self.report_descriptor), trace, *args]

    def traced(self, hook: PlannedHook) -> dict[str, str]:
        """The driver is told by an argument."""
        return {}

    def at_start(
        self, surroundings: Surroundings, environ: dict[str, str], exports: Mapping[str, str | None]
    ) -> dict[str, str]:
        """Bash starts in the caller's environment; the rest is exported once it runs."""
        return environment.at_start(surroundings, environ, exports)

    def verdict(
        self, hook: PlannedHook, exit_code: int, report: bytes, environ: Mapping[str, str], *, own_end: bool
    ) -> Verdict:
        """The status that the driver reports: an EXIT trap of the function's own does not change it (C43)."""
        found = report.startswith(BEGUN)
        report = report.removeprefix(BEGUN)
        exports = environment.changes(environ, report)
        status = report.partition(b"\0")[0]
        if status == b"absent":
            return Verdict(exit_code=0, exports=exports, absent=True)
        # hooks.sh may end before it is known whether it defines the function.
        name = "" if found or hook.certain else functions.FILE_NAME
        if not own_end or not status.isdigit():
            return Verdict(exit_code=exit_code, name=name, exports=exports, takes_effect=False)
        return Verdict(exit_code=int(status), name=name, exports=exports, takes_effect=status == b"0")

    def why_not_started(self, hook: PlannedHook, error: OSError) -> Problem:
        """Why bash could not be started."""
        return Problem(what=f"bash could not be started: {error.strerror}", where=hook.place)

    def why_not_found(self, hook: PlannedHook) -> Problem | None:
        """Bash itself names the command that it did not find."""
        return None

    def _broken(self, event: str, path: str, action: str, problem: Problem | None, *, reason: str = "") -> PlannedHook:
        return PlannedHook(
            event=event,
            name=functions.function_name(event),
            kind=FUNCTION,
            path=path,
            action=action,
            reason=reason,
            problem=problem,
        )

    def _planned(self, scope: Scope, event: str, file: functions.HooksFile, stats: list[os.stat_result]) -> PlannedHook:
        """The function; `stats` are of the project's directory and of the file."""
        name = functions.function_name(event)
        line = functions.defined_at(file.text, name)
        directory, status = stats
        undeclared = UNDECLARED if functions.may_define(file.text, name) else FOR_EXPORTS
        hook = PlannedHook(
            event=event,
            name=name,
            kind=FUNCTION,
            path=file.path,
            action=RUN,
            reason="" if line else undeclared,
            timeout=time_limit(scope.settings, event, name, scope.settings.function_timeout),
            keys=table_of(scope.settings, event, name),
            line=line,
            certain=line is not None,
            seen=fingerprints.fingerprint([directory], status),
        )
        project_dir = scope.project.directory
        above = fingerprints.distrusted_above(
            project_dir, [project_dir], [directory], project_dir, scope.settings.distrusted, scope.settings.trust
        )
        return trusted(hook, above + directory_led_to(file.path, scope), status, scope)
