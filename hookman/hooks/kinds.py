"""The kinds of hook that there are, in the order in which they run at an event (C4)."""

from __future__ import annotations

from hookman.hooks.function_kind import FunctionKind
from hookman.hooks.planned import CONTAINER, DECLARED
from hookman.hooks.script_kind import ScriptKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.kind import Kind
    from hookman.hooks.planned import PlannedHook
    from hookman.settings.hookman_toml import Settings

_KINDS: tuple[Kind, ...] = (ScriptKind(), FunctionKind())
_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in _KINDS}


def kinds(settings: Settings) -> tuple[Kind, ...]:
    """Those that a project with these settings can have."""
    return (*_KINDS, _declared()) if settings.tables.declared else _KINDS


def kind_of(hook: PlannedHook) -> Kind:
    """The kind of a hook."""
    return _BY_NAME.get(hook.kind) or (_in_container() if hook.kind == CONTAINER else _declared())


def _declared() -> Kind:
    """Its module is loaded only where there is such a hook."""
    if DECLARED not in _BY_NAME:
        from hookman.hooks.declared_kind import DeclaredKind

        _BY_NAME[DECLARED] = DeclaredKind()
    return _BY_NAME[DECLARED]


def _in_container() -> Kind:
    if CONTAINER not in _BY_NAME:
        from hookman.hooks.container_kind import ContainerKind

        _BY_NAME[CONTAINER] = ContainerKind()
    return _BY_NAME[CONTAINER]
