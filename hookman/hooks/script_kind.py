"""Directory hooks (dde) as a kind of hook: a program that the kernel starts by its `#!` line."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.consent import fingerprints
from hookman.hooks import scripts
from hookman.hooks.kind import Kind, Verdict, directory_led_to, status_of, table_of, time_limit, trusted
from hookman.hooks.planned import REFUSE, RUN, SCRIPT, SKIP, PlannedHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookman.base.errors import Problem
    from hookman.consent.trust import Complaint
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips


class ScriptKind(Kind):
    """The executable files of an event's directory that `hook_files` has (*.sh), in byte order (C50)."""

    name = SCRIPT

    def plan(self, scope: Scope, event: str, skip: Skips) -> Iterator[PlannedHook]:
        """The scripts of `event`. A hook directory that can't be read, and what others may change, is REFUSE."""
        directory = scripts.hook_directory(scope.project.directory, event)
        whole_event = skip.reason(event, event)
        if whole_event and not os.path.isdir(directory):
            return
        try:
            names = scripts.file_names(scope.project.directory, event)
            if not names:
                return
            directories = self.directories(scope.project.directory, event)
            stats = [os.stat(path) for path in directories]
        except HookmanError as error:
            if not whole_event:  # skipping the event works in every state
                yield PlannedHook(
                    event=event,
                    name="*.sh",
                    kind=SCRIPT,
                    path=directory,
                    action=REFUSE,
                    problem=error.problem,
                )
            return
        except OSError:  # it was removed meanwhile
            return
        real_directory = os.path.realpath(directory)
        above = fingerprints.distrusted_above(
            scope.project.directory, directories, stats, real_directory, scope.settings.distrusted, scope.settings.trust
        )
        hooks = dict.fromkeys(scripts.hook_names(names, scope.settings.hook_files))
        for name in hooks:
            if reason := skip.reason(event, name):
                path = os.path.join(directory, name)
                yield PlannedHook(event=event, name=name, kind=SCRIPT, path=path, action=SKIP, reason=reason)
            elif script := scripts.look_at(real_directory, event, name):
                yield self._looked_at(scope, event, script, stats, above)
        others = [name for name in names if name not in hooks and not skip.reason(event, name)]
        yield from self._passed_by(scope, event, real_directory, others)

    def _passed_by(self, scope: Scope, event: str, directory: str, others: list[str]) -> Iterator[PlannedHook]:
        """Those of `others`, which are no hooks, that may be taken for some."""
        for name in others:
            if script := scripts.not_a_hook(directory, event, name, scope.settings.hook_files):
                yield self._planned(scope, event, script)

    def directories(self, project_dir: str, event: str) -> list[str]:
        """The directories that lead to the scripts of `event`, the project's first."""
        return scripts.directories(project_dir, event)

    def argv(self, hook: PlannedHook, args: list[str], search_path: str) -> list[str]:
        """Scripts get no arguments (C5)."""
        return [*(scripts.traced_by(hook.path)[0] if hook.trace else []), hook.path]

    def traced(self, hook: PlannedHook) -> dict[str, str]:
        """What makes its shell show each command."""
        return scripts.traced_by(hook.path)[1]

    def at_start(
        self,
        surroundings: Surroundings,
        environ: dict[str, str],
        exports: Mapping[str, str | None],
    ) -> dict[str, str]:
        """A script's interpreter starts with the environment of the script."""
        return environ

    def verdict(
        self,
        hook: PlannedHook,
        exit_code: int,
        report: bytes,
        environ: Mapping[str, str],
        *,
        own_end: bool,
    ) -> Verdict:
        """The exit code of its process."""
        return Verdict(exit_code=exit_code)

    def why_not_started(self, hook: PlannedHook, error: OSError) -> Problem:
        """Why the kernel refused to start it."""
        return scripts.why_not_started(hook.path)

    def why_not_found(self, hook: PlannedHook) -> Problem | None:
        """A `#!` line that ends as Windows ends lines names a program that does not exist."""
        return scripts.line_endings_problem(hook.path)

    def _looked_at(
        self, scope: Scope, event: str, script: scripts.Script, stats: list[os.stat_result], above: list[Complaint]
    ) -> PlannedHook:
        """The hook; `stats` are of the directories that lead to it, `above` is what others may change there."""
        status = status_of(script.path)
        hook = self._planned(scope, event, script, fingerprints.fingerprint(stats, status) if status else ())
        return hook if script.problem else trusted(hook, above + directory_led_to(script.path, scope), status, scope)

    def _planned(self, scope: Scope, event: str, script: scripts.Script, seen: tuple[object, ...] = ()) -> PlannedHook:
        action = REFUSE if script.refused else SKIP if script.problem else RUN
        return PlannedHook(
            event=event,
            name=script.name,
            kind=SCRIPT,
            path=script.path,
            action=action,
            reason=script.reason,
            problem=script.problem,
            timeout=time_limit(scope.settings, event, script.name, scope.settings.timeout),
            keys=table_of(scope.settings, event, script.name),
            seen=seen,
        )
