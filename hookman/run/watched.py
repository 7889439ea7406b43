"""The files of a run that its hooks may change: the .env files, which may have passwords, and the project's."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.hooks import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.base.redact import Redactor
    from hookman.hooks.environment import Surroundings


class WatchedFiles:
    """Tells `redactor` what is in the project's and the root's .env whenever that has changed."""

    def __init__(self, surroundings: Surroundings, redactor: Redactor, settings: Iterable[str] = ()) -> None:
        self.surroundings = surroundings
        self.redactor = redactor
        usual = [
            os.path.join(folder, ".env") for folder in (surroundings.root, surroundings.project.directory) if folder
        ]
        self.paths = [*dict.fromkeys([*usual, *surroundings.project.env_files])]  # also one that does not exist yet
        project = surroundings.project
        # The compose files, those with settings, and the directory, where there may be others.
        self._all = [*self.paths, project.directory, *project.files, *settings]
        self._began_with = [_stamp(path) for path in self._all]
        self._stamps = self._began_with[: len(self.paths)]

    def changed(self) -> bool:
        """Has anything changed, since this was created, by which Compose finds the project or its values?"""
        return [_stamp(path) for path in self._all] != self._began_with

    def look(self) -> None:
        """Learn what a changed .env says. Cheap where nothing changed: one stat a file."""
        stamps = [_stamp(path) for path in self.paths]
        if stamps == self._stamps:
            return
        self._stamps = stamps
        from hookman.base.files import read_regular

        try:
            self.redactor.learn(environment.read_dotenv(self.paths, self.surroundings.process))
        except HookmanError:
            pass  # Compose says what is wrong; what can be read counts below
        for path in self.paths:
            try:
                self.redactor.learn_text(read_regular(path).decode("utf-8", "surrogateescape"))
            except OSError:
                continue


def _stamp(path: str) -> tuple[int, int, int]:
    """What tells one state of a file from another; zeros where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino
