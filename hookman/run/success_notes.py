"""What hooks with `sources` or `once` last succeeded with: a small file for each hook and each thing it is bound to.

Those about volumes are kept for all directories together, by the project's name: two checkouts of a project have the
same volume.
"""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.files import read_regular, replace_file
from hookman.base.lean import keyed_digest
from hookman.base.messages import say
from hookman.base.paths import make_private_dir, volume_notes_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook

FOLDER = "succeeded"


class Notes:
    """The notes of the hooks of one project, in the directory `folder`; there are none if that is ""."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def read(self, hook: PlannedHook, place: str) -> dict[str, str]:
        """What was noted of the hook there; nothing if it has not succeeded yet."""
        return read_note(self._path(hook, place)) if self._folder else {}

    def has_any(self, hook: PlannedHook) -> bool:
        """Did the hook succeed anywhere?"""
        try:
            return any(name.endswith(f"%{_name(hook)}") for name in os.listdir(self._folder))
        except OSError:
            return False

    def write(self, hook: PlannedHook, place: str, note: dict[str, str]) -> None:
        """Note that the hook succeeded. If that is not possible, it runs again the next time, and the user is told.

        A power failure may cost a note about sources: then the hook runs again. One about `once` is on disk at once.
        """
        if not self._folder:
            return
        try:
            make_private_dir(self._folder)
            text = "".join(f"{key}={value}\n" for key, value in note.items())
            replace_file(self._path(hook, place), text.encode("utf-8", "surrogateescape"), synced="once" in note)
        except OSError as error:
            what = f"the success of {hook.label} can't be noted, so it will run again ({error.strerror})"
            say(Problem(what=what, where=self._folder, fix=f"make {self._folder} writable").line)

    def _path(self, hook: PlannedHook, place: str) -> str:
        name = f"{keyed_digest(place.encode('utf-8', 'surrogateescape'), b'')}%{_name(hook)}"
        return os.path.join(self._folder, name)


def _name(hook: PlannedHook) -> str:
    name = f"{hook.event}%{hook.name}"
    return name if len(os.fsencode(name)) <= 200 else f"{hook.event}%{keyed_digest(os.fsencode(hook.name), b'')}"


def read_note(path: str) -> dict[str, str]:
    """What the note at `path` says; nothing if there is none."""
    try:
        lines = read_regular(path).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return {}
    return {key: value for key, _, value in (line.partition("=") for line in lines) if key}


def of_directory(directory: str) -> Notes:
    """The notes about the project in a directory; `directory` is where its data is, "" if it has none."""
    return Notes(os.path.join(directory, FOLDER) if directory else "")


def of_volumes(data: str, name: str) -> Notes:
    """The notes about the volumes of the Compose project `name`."""
    return Notes(volumes_folder(data, name))


def volumes_folder(data: str, name: str) -> str:
    """Where the notes about the volumes of the Compose project `name` are."""
    return os.path.join(volume_notes_dir(data), keyed_digest(name.encode("utf-8", "surrogateescape"), b""))
