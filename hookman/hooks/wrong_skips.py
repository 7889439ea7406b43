"""Names to skip that no hook and no event has: mostly a typo, so a hook runs that should not run."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError, Problem
from hookman.base.messages import shown
from hookman.base.records import record
from hookman.base.redact import without_values
from hookman.base.suggestion import nearest
from hookman.hooks import catalogue, functions, scripts, stacks
from hookman.hooks.environment import RUNNING
from hookman.hooks.skips import FROM_CONFIG, FROM_ENVIRONMENT
from hookman.hooks.strays import ALIKE
from hookman.settings import hookman_toml, reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips


@record
class WrongSkip:
    """A name that no hook and no event has: where it is written, and the nearest name that one has, or ""."""

    where: str
    name: str
    nearest: str

    @property
    def problem(self) -> Problem:
        """What is wrong."""
        what = f"{self.where} skips {shown(without_values(self.name))}, but there is no such hook or event"
        fix = f"write {shown(self.nearest)}" if self.nearest else "remove it; hookman list shows all hooks"
        return Problem(what=what, where=self.where, fix=fix)


def wrong_skips(skip: Skips, scope: Scope, environ: Mapping[str, str]) -> list[WrongSkip]:
    """The names in `skip` that mean nothing, neither in this project nor in another stack of its `root`.

    The user's own settings are for all projects, and what a hook passes on is for the hook's project:
    such names may mean nothing here.
    """
    project_dir, root = scope.project.directory, scope.root
    places = [project_dir, *([os.path.join(root, name) for name in stacks.stacks_in(root)] if root else [])]
    texts = {place: catalogue.hooks_text(place) for place in places}
    known = {name for place in places for name in names_in(place, texts[place])}
    for name in scope.settings.tables.declared:
        known |= {name, *(f"{event}/{name}" for event in scope.settings.hooks[name]["on"])}
    settings = [directory for directory in (project_dir, root) if directory]
    found = [
        WrongSkip(where=_written(name, reason, settings, environ), name=name, nearest=nearest_of(name, known))
        for name, reason in dict.fromkeys(skip.names)
        if name not in known and not any(may_be_defined(name, text) for text in texts.values())
    ]
    return [wrong for wrong in found if wrong.where]


def _written(name: str, reason: str, settings: list[str], environ: Mapping[str, str]) -> str:
    """Where the name is written that is skipped for `reason`: HOOKMAN_SKIP, or a file in one of `settings`; or ""."""
    if reason == FROM_CONFIG:
        return _place(name, settings)
    return FROM_ENVIRONMENT if reason == FROM_ENVIRONMENT and not environ.get(RUNNING) else ""


def names_in(directory: str, text: str) -> Iterable[str]:
    """What may be skipped in the project in `directory`: events, and hooks by their name or with their event's."""
    yield from catalogue.every_event()
    for event in catalogue.events_in_use(directory, text):
        try:
            names = scripts.file_names(directory, event)
        except HookmanError:
            names = []
        function = functions.function_name(event)
        for name in (*names, *([function] if functions.defined_at(text, function) else [])):
            yield name
            yield f"{event}/{name}"


def may_be_defined(name: str, text: str) -> bool:
    """Is it the function of an event, and can only sourcing hooks.sh tell whether it exists?"""
    function = name.rpartition("/")[2]
    every = (functions.function_name(event) for event in catalogue.every_event())
    return bool(text) and function in every and functions.may_matter(text, function)


def _place(name: str, directories: list[str]) -> str:
    """The file, and the line if one is seen, of the settings in `directories` that skip `name`; "" if none does."""
    files = (hookman_toml.FILE_NAME, hookman_toml.LOCAL_NAME)
    for path in (os.path.join(directory, file) for directory in directories for file in files):
        try:
            said = reading.read(path)
            if name in said.get("skip", ()) or said.get("hooks", {}).get(name, {}).get("skip"):
                with open(path, encoding="utf-8") as file:
                    number = next((number for number, line in enumerate(file, 1) if name in line), None)
                return f"{path}:{number}" if number else path
        except (HookmanError, OSError):
            continue
    return ""


def nearest_of(name: str, known: set[str]) -> str:
    """The name that is meant: it was written without its ending, as a path or a short event, or with a typo."""
    for meant in (f"{name}.sh", f"project.{name}", "/".join(name.rsplit("/", 2)[-2:]), name.rpartition("/")[2]):
        if meant in known:
            return meant
    return nearest(name, sorted(known, key=lambda candidate: ("/" in candidate, candidate)), alike=ALIKE)
