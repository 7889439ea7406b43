"""Names that are to be skipped and that mean nothing: a typo, and so a hook runs that should not."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.base.messages import shown
from hookman.base.records import record
from hookman.base.suggestion import nearest
from hookman.hooks import catalogue, functions, scripts, stacks
from hookman.hooks.environment import RUNNING
from hookman.hooks.skips import FROM_CONFIG, FROM_ENVIRONMENT
from hookman.hooks.strays import ALIKE
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hookman.hooks.skips import Skips


@record
class WrongSkip:
    """A name that no hook and no event has: where it is written, and the nearest that one has; "" if none is near."""

    where: str
    name: str
    nearest: str

    @property
    def problem(self) -> str:
        """What is wrong."""
        return f"skips {shown(self.name)}, but there is no such hook or event"

    @property
    def fix(self) -> str:
        """What to do."""
        return f"write {shown(self.nearest)}" if self.nearest else "take it out; hookman list shows all hooks"


def wrong_skips(skip: Skips, project_dir: str, root: str | None, environ: Mapping[str, str]) -> list[WrongSkip]:
    """The names in `skip` that mean nothing in this project, nor in another stack of its `root`.

    Those of the user's own settings are for all projects, and those that a hook hands on are for its own:
    they may mean nothing here.
    """
    places = [project_dir, *([os.path.join(root, name) for name in stacks.stacks_in(root)] if root else [])]
    texts = {place: catalogue.hooks_text(place) for place in places}
    known = {name for place in places for name in _names(place, texts[place])}
    found = []
    for name, reason in dict.fromkeys(skip.names):
        if name in known or any(_may_be_defined(name, text) for text in texts.values()):
            continue
        if reason == FROM_CONFIG:
            where = _place(name, [one for one in (project_dir, root) if one])
        else:
            where = FROM_ENVIRONMENT if reason == FROM_ENVIRONMENT and not environ.get(RUNNING) else ""
        if where:
            found.append(WrongSkip(where=where, name=name, nearest=_nearest(name, known)))
    return found


def _names(directory: str, text: str) -> Iterable[str]:
    """What may be skipped in the project in `directory`: events, and hooks by their name or with their event's."""
    yield from catalogue.every_event()
    for event in catalogue.events_in_use(directory):
        try:
            names = scripts.script_names(directory, event)
        except HookmanError:
            names = []
        function = functions.function_name(event)
        for name in (*names, *([function] if functions.defined_at(text, function) else [])):
            yield name
            yield f"{event}/{name}"


def _may_be_defined(name: str, text: str) -> bool:
    """Is it the function of an event, which only sourcing hooks.sh can tell of?"""
    function = name.rpartition("/")[2]
    every = (functions.function_name(event) for event in catalogue.every_event())
    return bool(text) and function in every and functions.may_matter(text, function)


def _place(name: str, directories: list[str]) -> str:
    """The file, and the line if one is seen, of the settings in `directories` that skip `name`; "" if none does."""
    for path in (os.path.join(directory, hookman_toml.FILE_NAME) for directory in directories):
        try:
            said = hookman_toml.read(path)
            if name in said.get("skip", ()) or said.get("hooks", {}).get(name, {}).get("skip"):
                with open(path, encoding="utf-8") as file:
                    number = next((number for number, line in enumerate(file, 1) if name in line), None)
                return f"{path}:{number}" if number else path
        except (HookmanError, OSError):
            continue
    return ""


def _nearest(name: str, known: set[str]) -> str:
    """The name that is meant: without its ending, by a path or as a short event, or with letters swapped."""
    for one in (f"{name}.sh", f"project.{name}", "/".join(name.rsplit("/", 2)[-2:]), name.rpartition("/")[2]):
        if one in known:
            return one
    return nearest(name, sorted(known, key=lambda one: ("/" in one, one)), alike=ALIKE)
