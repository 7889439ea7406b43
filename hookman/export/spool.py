"""The spool: the runs that wait to be sent, one small file each, in the data directory.

    export/<ms>-<run>.json   one run: its project, and where it was already sent; first the time, so they sort by it
    export/lock              held (flock) by the one sender that works
    export/next              held by the one that waits for it
    export/state             what the last attempts said, and how many runs were dropped

A run is put in at its start, so that one that is killed is sent too. Nothing of what is sent is in it: the sender
reads the log, and the settings as they are then.
"""

from __future__ import annotations

import fcntl
import os
import time

from hookman.base.files import create_file, open_regular, read_regular, replace_file
from hookman.base.lean import json_line
from hookman.base.paths import make_private_dir
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = "export"
MOST = 500  # runs that wait
OLDEST = 7 * 24 * 3600  # seconds after which a run is dropped
LONGEST = 1024 * 1024  # bytes of a file of ours
_ENDING = ".json"


@record
class Entry:
    """A run that waits."""

    name: str  # of its file, without the ending
    run: str
    project: str  # its real path
    at: float  # when it was put in
    from_environment: bool = False  # HOOKMAN_OTLP_ENDPOINT was set for it
    done: tuple[str, ...] = ()  # the destinations that have it
    needs: dict[str, str] = {}  # noqa: RUF012 (frozen): the variables of its messages: see needs.py
    doubts: int = 0  # how often it was tried where it may itself be the reason that it was not taken


class Spool:
    """The runs that wait below the data directory `data`."""

    def __init__(self, data: str) -> None:
        self.folder = os.path.join(data, FOLDER)

    def add(self, run: str, project: str, *, from_environment: bool, needs: dict[str, str]) -> None:
        """Put in a run. Raises OSError."""
        make_private_dir(self.folder)
        at = time.time()
        name = f"{round(at * 1000)}-{run}"
        entry = Entry(name=name, run=run, project=project, at=at, from_environment=from_environment, needs=needs)
        create_file(self._path(name), _text(entry), synced=False)  # nobody waits for the disk

    def waiting(self) -> list[str]:
        """The names of the entries, the oldest first."""
        try:
            names = os.listdir(self.folder)
        except OSError:
            return []
        return sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING) and name[0] != ".")

    def read(self, name: str) -> Entry | None:
        """An entry; None if it does not exist, or is not as hookman writes it."""
        facts = self._read(self._path(name))
        try:
            return Entry(
                name=name,
                run=str(facts["run"]),
                project=str(facts["project"]),
                at=float(facts["at"]),
                from_environment=bool(facts.get("from_environment")),
                done=tuple(map(str, facts.get("done", ()))),
                needs=dict(facts.get("needs", {})),
                doubts=int(facts.get("doubts", 0)),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def write(self, entry: Entry) -> None:
        """Keep what has become of an entry. Raises OSError."""
        replace_file(self._path(entry.name), _text(entry))

    def remove(self, name: str) -> None:
        """Take an entry out. Raises OSError."""
        try:
            os.unlink(self._path(name))
        except FileNotFoundError:
            pass

    def lock(self) -> int | None:
        """Take the lock of the sender. While another one has it, one more waits for it; any other gets None.

        The one that waits may have values in its environment that the other one lacks. Close what is returned.
        Raises OSError.
        """
        file = self._open("lock")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            pass
        turn = self._open("next")
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
            return file
        finally:
            os.close(turn)

    def _open(self, name: str) -> int:
        return open_regular(os.path.join(self.folder, name), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)

    def state(self) -> dict[str, Any]:
        """What the last attempts said."""
        return self._read(os.path.join(self.folder, "state"))

    def keep_state(self, state: dict[str, Any]) -> None:
        """Replace the state. Raises OSError."""
        replace_file(os.path.join(self.folder, "state"), f"{json_line(state)}\n".encode())

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, f"{name}{_ENDING}")

    def _read(self, path: str) -> dict[str, Any]:
        import json

        try:
            found = json.loads(read_regular(path, LONGEST))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def _text(entry: Entry) -> bytes:
    facts = {
        name: value for name, value in entry.__dict__.items() if name != "name" and value not in ((), {}, 0, False)
    }
    return f"{json_line(facts)}\n".encode()
