"""The kinds of hook that there are, in the order in which they run at an event (C4).

The module of a kind is loaded only where there may be a hook of it.
"""

from __future__ import annotations

import os

from hookman.hooks.places import HOOKS_DIR, HOOKS_SH
from hookman.hooks.planned import CONTAINER, DECLARED, FUNCTION, SCRIPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookman.hooks.kind import Kind
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.scope import Scope

_made: dict[str, Kind] = {}


def kinds(scope: Scope, event: str) -> Iterator[Kind]:
    """The kinds that hooks at `event` may have."""
    directory = scope.project.directory
    if _is_there(os.path.join(directory, HOOKS_DIR, event)):
        yield _kind(SCRIPT)
    if _is_there(os.path.join(directory, HOOKS_SH)):
        yield _kind(FUNCTION)
    if scope.settings.tables.declared:
        yield _kind(DECLARED)


def kind_of(hook: PlannedHook) -> Kind:
    """The kind of a hook."""
    return _made.get(hook.kind) or _kind(hook.kind)


def _kind(name: str) -> Kind:
    if name not in _made:
        _made[name] = _MAKERS[name]()
    return _made[name]


def _is_there(path: str) -> bool:
    """Is there anything at `path`? Also True if that can't be found out."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError:  # a file on the way, a directory that is closed to us: the kind says it
        return True
    return True


def _script() -> Kind:
    from hookman.hooks.script_kind import ScriptKind

    return ScriptKind()


def _function() -> Kind:
    from hookman.hooks.function_kind import FunctionKind

    return FunctionKind()


def _declared() -> Kind:
    from hookman.hooks.declared_kind import DeclaredKind

    return DeclaredKind()


def _in_container() -> Kind:
    from hookman.hooks.container_kind import ContainerKind

    return ContainerKind()


_MAKERS = {SCRIPT: _script, FUNCTION: _function, DECLARED: _declared, CONTAINER: _in_container}
