"""The kinds of hook that there are, in the order in which they run at an event (C4)."""

from __future__ import annotations

from hookman.hooks.function_kind import FunctionKind
from hookman.hooks.script_kind import ScriptKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.kind import Kind
    from hookman.hooks.planned import PlannedHook

KINDS: tuple[Kind, ...] = (ScriptKind(), FunctionKind())
_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(hook: PlannedHook) -> Kind:
    """The kind of a hook."""
    return _BY_NAME[hook.kind]
