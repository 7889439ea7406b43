"""Tables in the project's own settings whose name no hook has: mostly a typo. They do nothing."""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.base.messages import shown
from hookman.base.redact import without_values
from hookman.hooks import catalogue
from hookman.hooks.wrong_skips import may_be_defined, names_in, nearest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.scope import Scope


def wrong_tables(scope: Scope) -> list[Problem]:
    """The problem of each. Tables of a root and of the user's own may be about hooks of other projects."""
    tables, directory = scope.settings.tables, scope.project.directory
    if not tables.files:
        return []
    text = catalogue.hooks_text(directory)
    known = {*names_in(directory, text)}
    for name in tables.declared:
        known |= {name, *(f"{event}/{name}" for event in tables.hooks[name]["on"])}
    found = []
    for name, paths in tables.files.items():
        path = next((path for path in paths if path.startswith(f"{directory}/")), "")
        if path and name not in known and not may_be_defined(name, text):
            where = f"{path}:{tables.layers[path].lines.get(name, {}).get('', 0)}"
            meant = nearest_of(name, known)
            fix = f"write {shown(meant)}" if meant else "remove it, or add on and run to declare a hook"
            found.append(Problem(what=f"{where}: there is no hook {shown(without_values(name))}", where=where, fix=fix))
    return found
