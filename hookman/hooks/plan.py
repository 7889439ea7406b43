"""Project → Plan: which hooks an operation has, in order, and what will be done to each.

`list`, `explain`, `--dry-run`, `test` and a run all use the plans made here.
"""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, Problem
from hookman.base.records import replaced
from hookman.consent import approved, fingerprints, trust
from hookman.hooks.kinds import KINDS, kind_of
from hookman.hooks.planned import PHASES, REFUSE, RUN, PlannedHook, event_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.settings.hookman_toml import Settings


def plan_event(scope: Scope, event: str, skip: Skips) -> list[PlannedHook]:
    """The hooks of `event`: scripts first, then the function (C4).

    Of a skipped hook nothing is read or checked (C74). A hook directory that can't be read,
    a hooks.sh that can't be sourced (C44) and a hook that others may change are REFUSE.
    """
    return [reviewed(hook, scope.settings) for kind in KINDS for hook in kind.plan(scope, event, skip)]


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
        return trust.refusal([one for hook in refused for one in hook.distrusted], project_dir)
    return HookmanError.of(refused[0].problem or Problem(what=f"{refused[0].label} can't run")) if refused else None


def planned_anew(scope: Scope, hook: PlannedHook, skip: Skips) -> PlannedHook | None:
    """The hook as it would be planned now; None if it is none any more."""
    hooks = plan_event(scope, hook.event, skip)
    same = (replaced(one, trace=hook.trace) for one in hooks if (one.name, one.kind) == (hook.name, hook.kind))
    return next(same, None)


def reviewed(hook: PlannedHook, settings: Settings) -> PlannedHook:
    """The hook, refused if it is not what the user approved; as it is where nothing has to be approved."""
    if hook.action != RUN or not settings.approved:
        return hook
    try:
        text = approved.read(hook.path)
    except OSError as error:
        what = f"{hook.path} can't be reviewed: {error.strerror}"
        problem = Problem(what=what, where=hook.path, fix="make it a file that you can read")
        return replaced(hook, action=REFUSE, problem=problem)
    kept = approved.kept_copy(settings.approved, hook.event, hook.name, hook.path)
    words = approved.difference_in_words(text, kept)
    if not words:
        return hook
    problem = Problem(what=f"{hook.path} is {words}", where=hook.place, fix=approved.FIX)
    return replaced(hook, action=REFUSE, reason="waits for review", problem=problem, kept=kept, text=text)


def approved_now(hook: PlannedHook) -> PlannedHook:
    """A hook that waited for review, ready to run: the user has approved the text that it was read with.

    Raises OSError.
    """
    approved.approve(hook.text, hook.kept)
    return replaced(hook, action=RUN, reason="", problem=None, kept="", text=b"")
