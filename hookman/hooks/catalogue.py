"""Everything known about the hooks of a project: the events there are, those in use, all hooks, what never runs."""

from __future__ import annotations

import os

from hookman.base.errors import UsageError
from hookman.base.files import read_regular
from hookman.base.suggestion import nearest
from hookman.compose.commandline import OPERATIONS
from hookman.hooks import functions, plan, scripts
from hookman.hooks.planned import PHASES, PRE, REFUSE, PlannedHook, event_name
from hookman.hooks.strays import strays as strays_among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.hooks.strays import Stray

# Operations that have events but are no commands of Compose's.
DATABASE_OPERATIONS = ("db_export", "db_import")


def operations() -> tuple[str, ...]:
    """Every operation that has events."""
    return (*OPERATIONS, *DATABASE_OPERATIONS)


def every_event() -> list[str]:
    """Every event that there is, in the order of the operations."""
    return [event_name(command, phase) for command in operations() for phase in PHASES]


def every_place() -> list[str]:
    """Every event, and after the pre event of a command the command itself, where Compose runs its own hooks."""
    found = []
    for command in operations():
        first, *others = (event_name(command, phase) for phase in PHASES)
        found += [first, f"project.{command}", *others]
    return found


def events_named(text: str) -> list[str]:
    """The events that `text` names: project.up.pre, up.pre, or all of up. Raises UsageError."""
    words = text.removeprefix("project.").split(".")
    phases = PHASES if len(words) == 1 else tuple(words[1:])
    if words[0] not in operations() or len(words) > 2 or phases[0] not in PHASES:
        every = [f"{operation}.{phase}" for operation in operations() for phase in PHASES] + list(operations())
        near = nearest(text.removeprefix("project."), every)
        question = f". Did you mean {near!r}?" if near else ""
        raise UsageError(f"there is no event {text!r}{question}", f"write an event like {near or 'project.up.pre'}")
    return [event_name(words[0], phase) for phase in phases]


def events_in_use(directory: str, text: str | None = None, declared: Iterable[str] = ()) -> list[str]:
    """The events for which the project in `directory` has hooks; `declared` are those of its declared ones.

    `text` is its hooks.sh, if that was read already.
    """
    try:
        folders = set(os.listdir(os.path.join(directory, scripts.HOOKS_DIR)))
    except OSError:
        folders = set()
    defined = set(functions.defined_functions(hooks_text(directory) if text is None else text))
    named = {*folders, *declared}
    return [event for event in every_event() if event in named or functions.function_name(event) in defined]


def events_of(scope: Scope, text: str | None = None) -> list[str]:
    """The events for which a project has hooks, the declared ones too; `text` as in `events_in_use`."""
    tables = scope.settings.tables
    declared = {event for name in tables.declared for event in tables.hooks[name]["on"]}
    return events_in_use(scope.project.directory, text, declared)


def hooks_text(directory: str) -> str:
    """The text of the project's hooks.sh, or "" if it can't be read."""
    path = functions.hooks_file(directory)
    try:
        return read_regular(path or "").decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def hooks(scope: Scope, skip: Skips, events: Iterable[str] | None = None) -> list[PlannedHook]:
    """The hooks of `events` (None: all that are in use) as a run would plan them. Nothing of them runs."""
    wanted = events_of(scope) if events is None else events
    return [hook for event in wanted for hook in plan.plan_event(scope, event, skip)]


def every_hook(scope: Scope, skip: Skips, events: Iterable[str] | None = None) -> list[PlannedHook]:
    """As `hooks`, with what only sourcing hooks.sh could tell, and with what a look at the files tells."""
    from hookman.hooks.flaws import examined
    from hookman.hooks.undeclared import undeclared

    directory = scope.project.directory
    text = hooks_text(directory)
    in_use, more = events_of(scope, text), undeclared(directory, text)
    wanted = [
        event
        for event in (every_event() if events is None else events)
        if events is not None or event in in_use or more.may_be(functions.function_name(event))
    ]
    return examined(hooks(scope, skip, wanted), scope)


def broken(scope: Scope, skip: Skips) -> list[PlannedHook]:
    """The hooks.sh of a project, if it can't be sourced and its functions can't be read either."""
    return [hook for hook in plan.plan_event(scope, event_name("up", PRE), skip) if hook.action == REFUSE]


def strays(directory: str) -> list[Stray]:
    """What looks like a hook of the project in `directory` but never runs."""
    return strays_among(directory, hooks_text(directory), every_event())
