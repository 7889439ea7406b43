"""Project → Plan: which hooks an operation has, in order, and what will be done to each.

`list`, `explain`, `--dry-run`, `test` and a run all use the plans made here.
"""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, Problem
from hookman.base.records import replaced
from hookman.consent import fingerprints, trust
from hookman.hooks.kinds import kind_of, kinds
from hookman.hooks.planned import PHASES, REFUSE, RUN, SKIP, TABLES, PlannedHook, event_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.settings.hookman_toml import Settings


def plan_event(scope: Scope, event: str, skip: Skips) -> list[PlannedHook]:
    """The hooks of `event` by `priority`, at the same number scripts first, then the function (C4), then declared ones.

    Of a skipped hook nothing is read or checked (C74). A hook directory that can't be read,
    a hooks.sh that can't be sourced (C44) and a hook that others may change are REFUSE.
    """
    settings = scope.settings
    hooks = [reviewed(hook, settings) for kind in kinds(scope, event) for hook in kind.plan(scope, event, skip)]
    if settings.tables.declared:
        hooks = _one_of_a_name(hooks)
    if settings.hooks:
        hooks.sort(key=lambda hook: hook.keys.get("priority", 0))
    said = {key: True for key in ("parallel", "cancel") if event in getattr(settings, key)}
    return [replaced(hook, keys={**said, **hook.keys}) for hook in hooks] if said else hooks


def _one_of_a_name(hooks: list[PlannedHook]) -> list[PlannedHook]:
    """The hooks of an event; a declared one that has the name of another is refused."""
    places = {hook.name: hook.place for hook in hooks if hook.kind not in TABLES and hook.action != SKIP}
    found = []
    for hook in hooks:
        if hook.kind in TABLES and hook.name in places:
            what = f"{hook.place}: two hooks of {hook.event} are called {hook.name}; the other is {places[hook.name]}"
            problem = Problem(what=what, where=hook.place, fix="give one of them another name")
            hook = replaced(hook, action=REFUSE, reason="name is taken", problem=problem)  # noqa: PLW2901
        found.append(hook)
    return found


def plan_operation(scope: Scope, command: str, skip: Skips) -> list[PlannedHook]:
    """The hooks of all events of `command`."""
    return [hook for phase in PHASES for hook in plan_event(scope, event_name(command, phase), skip)]


def fingerprint_now(project_dir: str, hook: PlannedHook) -> tuple[object, ...]:
    """What is now at the hook's path, to be compared with `seen`; () where nothing is."""
    directories = kind_of(hook).directories(project_dir, hook.event)
    try:
        return fingerprints.fingerprint(map(os.stat, directories), os.stat(hook.path))
    except OSError:
        return ()


def refusal(hooks: Iterable[PlannedHook], project_dir: str) -> HookmanError | None:
    """The error for hooks that are refused; None if none is. It names all that others may change."""
    refused = [hook for hook in hooks if hook.action == REFUSE]
    if refused and refused[0].distrusted:
        return trust.refusal([complaint for hook in refused for complaint in hook.distrusted], project_dir)
    return HookmanError.of(refused[0].problem or Problem(what=f"{refused[0].label} can't run")) if refused else None


def planned_anew(scope: Scope, hook: PlannedHook, skip: Skips) -> PlannedHook | None:
    """The hook as it would be planned now; None if it is no longer a hook."""
    hooks = plan_event(scope, hook.event, skip)
    same = (replaced(now, trace=hook.trace) for now in hooks if (now.name, now.kind) == (hook.name, hook.kind))
    return next(same, None)


def reviewed(hook: PlannedHook, settings: Settings) -> PlannedHook:
    """The hook, refused if it is not what the user approved; as it is where nothing has to be approved.

    What tables say of it counts too: each file with one, but for the user's own settings.
    """
    if hook.action != RUN or not settings.approved:
        return hook
    from hookman.consent import approved

    if hook.kind not in TABLES:
        try:
            text = approved.read(hook.path)
        except OSError as error:
            what = f"{hook.path} can't be reviewed: {error.strerror}"
            problem = Problem(what=what, where=hook.path, fix="make it a file that you can read")
            return replaced(hook, action=REFUSE, problem=problem)
        kept = approved.kept_copy(settings.approved, hook.event, hook.name, hook.path)
        if words := approved.difference_in_words(text, kept):
            return _waiting(hook, hook.path, hook.place, words, kept, text)
    return _reviewed_tables(hook, settings)


def _reviewed_tables(hook: PlannedHook, settings: Settings) -> PlannedHook:
    """The hook, refused if the user has not approved a file with a table of it as it was read."""
    from hookman.consent import approved

    tables = settings.tables
    for path in sorted({*tables.files.get(hook.name, ()), *tables.files.get(hook.label, ())}):
        text, kept = tables.layers[path].text, approved.kept_settings(settings.approved, path)
        if words := approved.difference_in_words(text, kept):
            return _waiting(hook, path, path, words, kept, text)
    return hook


def _waiting(hook: PlannedHook, path: str, place: str, words: str, kept: str, text: bytes) -> PlannedHook:
    """The hook, refused until the user has approved the `text` of the file at `path`."""
    from hookman.consent.approved import FIX

    problem = Problem(what=f"{path} is {words}", where=place, fix=FIX)
    return replaced(
        hook, action=REFUSE, reason="waits for review", problem=problem, waits_for=path, kept=kept, text=text
    )


def approved_now(hook: PlannedHook, settings: Settings) -> PlannedHook:
    """A hook that waited for review, after the user has approved its text: ready to run.

    But it waits again if another of its files was not approved. Raises OSError.
    """
    from hookman.consent import approved

    approved.approve(hook.text, hook.kept)
    return _reviewed_tables(
        replaced(hook, action=RUN, reason="", problem=None, waits_for="", kept="", text=b""), settings
    )
