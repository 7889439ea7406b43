"""What hooks with `sources` or `once` last succeeded with: a small file for each, in the project's data directory."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.files import read_regular, replace_file
from hookman.base.lean import keyed_digest
from hookman.base.messages import say
from hookman.base.paths import make_private_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook

FOLDER = "succeeded"


class Notes:
    """The notes of one project; none where it has no data `directory` ("")."""

    def __init__(self, directory: str) -> None:
        self._folder = os.path.join(directory, FOLDER) if directory else ""

    def read(self, hook: PlannedHook) -> dict[str, str]:
        """What was noted of the hook; nothing if it has not succeeded yet."""
        if not self._folder:
            return {}
        try:
            lines = read_regular(self._path(hook)).decode("utf-8", "replace").splitlines()
        except OSError:
            return {}
        return {key: value for key, _, value in (line.partition("=") for line in lines) if key}

    def write(self, hook: PlannedHook, note: dict[str, str]) -> None:
        """Note that the hook succeeded. If that can't be, it runs again the next time, and the user is told."""
        if not self._folder:
            return
        try:
            make_private_dir(self._folder)
            replace_file(self._path(hook), "".join(f"{key}={value}\n" for key, value in note.items()).encode())
        except OSError as error:
            what = f"that {hook.label} succeeded can't be noted, so it will run again ({error.strerror})"
            say(Problem(what=what, where=self._folder, fix=f"make {self._folder} writable").line)

    def _path(self, hook: PlannedHook) -> str:
        name = f"{hook.event}%{hook.name}"
        if len(os.fsencode(name)) > 200:
            name = f"{hook.event}%{keyed_digest(os.fsencode(hook.name), b'')}"
        return os.path.join(self._folder, name)
