"""Declared hooks as a kind of hook: what a table with `run` says, in hookman.toml or in x-hookman of a compose file.

hookman runs the text that it read; it checked the file at the moment when it read it.
"""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.consent import fingerprints
from hookman.hooks.kind import Kind, Verdict, directory_led_to, status_of, table_of, time_limit, trusted
from hookman.hooks.planned import CONTAINER, DECLARED, RUN, SKIP, PlannedHook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookman.hooks.environment import Surroundings
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips

SHELL = "/bin/sh"


class DeclaredKind(Kind):
    """The declared hooks of an event, by name."""

    name = DECLARED

    def plan(self, scope: Scope, event: str, skip: Skips) -> Iterator[PlannedHook]:
        """The hooks that tables declare for `event`."""
        tables = scope.settings.tables
        names = sorted(name for name in tables.declared if event in tables.hooks[name]["on"])
        status = status_of(scope.project.directory) if names else None
        if status is None:
            return
        project_dir = scope.project.directory
        above = fingerprints.distrusted_above(
            project_dir, [project_dir], [status], project_dir, scope.settings.distrusted, scope.settings.trust
        )
        for name in names:
            path, line = tables.declared[name]
            reason = skip.reason(event, name)
            layer = tables.layers.get(path)
            keys = table_of(scope.settings, event, name)
            hook = PlannedHook(
                event=event,
                name=name,
                kind=CONTAINER if "service" in keys else DECLARED,
                path=path,
                action=SKIP if reason else RUN,
                reason=reason,
                line=line or None,
                timeout=time_limit(scope.settings, event, name, scope.settings.timeout),
                keys=keys,
                seen=fingerprints.fingerprint([status], layer.status) if layer else (),
            )
            found = above + directory_led_to(path, scope)
            yield hook if reason else trusted(hook, found, layer.status if layer else None, scope)

    def directories(self, project_dir: str, event: str) -> list[str]:
        """The project's directory, as of hooks.sh."""
        return [project_dir]

    def argv(self, hook: PlannedHook, args: list[str], search_path: str) -> list[str]:
        """The shell with the text, or the words. A program without a slash is found on the PATH `search_path`.

        Raises OSError where there is none.
        """
        run = hook.keys["run"]
        if isinstance(run, str):
            return [SHELL, *(["-x"] if hook.trace else []), "-c", run, hook.name]
        return [program(run[0], search_path), *run[1:]]

    def traced(self, hook: PlannedHook) -> dict[str, str]:
        """What makes the shell show each command."""
        return {"PS4": f"+ {hook.name}${{LINENO:+:$LINENO}}: "} if isinstance(hook.keys["run"], str) else {}

    def at_start(
        self, surroundings: Surroundings, environ: dict[str, str], exports: Mapping[str, str | None]
    ) -> dict[str, str]:
        """Its process starts with its environment."""
        return environ

    def verdict(
        self, hook: PlannedHook, exit_code: int, report: bytes, environ: Mapping[str, str], *, own_end: bool
    ) -> Verdict:
        """The exit code of its process."""
        return Verdict(exit_code=exit_code)

    def why_not_started(self, hook: PlannedHook, error: OSError) -> Problem:
        """There is no such program, or it can't be executed."""
        run = hook.keys["run"]
        named = run if isinstance(run, str) else run[0]
        what = f"{named} could not be started: {error.strerror}"
        if isinstance(error, FileNotFoundError):
            what = f"there is no program {named}" + ("" if "/" in named else " on your PATH")
        return Problem(what=what, where=hook.place, fix=f"install it, or change run in {hook.place}")

    def why_not_found(self, hook: PlannedHook) -> Problem | None:
        """The shell itself names the command that it did not find."""
        return None


def program(name: str, search_path: str) -> str:
    """The program `name`: as it is if it has a slash, else the one on the PATH `search_path`. Raises OSError."""
    if "/" in name:
        return name
    for folder in (search_path or os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if folder and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(2, "No such file or directory", name)
