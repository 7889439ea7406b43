"""The process that sends what waits in the spool: `python -I -S sender.py DATA_DIR`. Nobody waits for it.

One works at a time. Where it ends, whatever ends it, what was not sent waits for the next one.
"""

from __future__ import annotations

import os
import sys
import time

if __name__ == "__main__":  # started by its path, without site
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.messages import redactor
from hookman.base.records import replaced
from hookman.export import needs
from hookman.export.destination import OLDEST_MESSAGE, NotSentError, RefusedError, destinations
from hookman.export.in_force import settings_for
from hookman.export.sent import Account
from hookman.export.spool import MOST, OLDEST, Entry, Spool
from hookman.log import reader, store
from hookman.settings.hookman_toml import ENDPOINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.export.destination import Destination

WORKS = 300.0  # seconds that a sender works, at most
WAITS = 60.0  # seconds that it waits for another one, if that may lack what it has
LOOK_AGAIN = 0.5  # seconds between two looks whether that has ended
DOUBTS = 5  # how often a run is sent that may itself be the reason that it is not taken
SHORT_WAIT = 15.0  # seconds that it waits where a server asks for that; for longer the next one waits
AGAIN = 3  # how often it does


class Sender:
    """Sends what waits below `data`, with the values of `environ`."""

    def __init__(self, data: str, environ: Mapping[str, str]) -> None:
        self.spool = Spool(data)
        self._data = data
        self._environ = environ
        self._end = time.monotonic() + WORKS
        self._patience = time.monotonic() + WAITS
        self._tried: set[str] = set()
        self._failed: set[str] = set()  # servers that took nothing
        self._going: set[str] = set()  # runs that had not ended when they were looked at

    def work(self) -> None:
        """Send until nothing is left that was not tried. Raises OSError."""
        while (names := self._untried()) and time.monotonic() < self._end:
            lock = self.spool.lock()
            if lock is None:
                if not self._has_own(names):
                    return  # whoever has it looks again after it gave it back
                time.sleep(LOOK_AGAIN)
                continue
            try:
                with Account(self.spool, self._failed) as account:
                    self._drop(account)
                    for name in names:
                        self._tried.add(name)
                        if entry := self.spool.read(name):
                            self._send(entry, account)
                    if not self.spool.waiting():
                        account.nothing_waits()
            finally:
                os.close(lock)

    def _untried(self) -> list[str]:
        """The entries that were not tried, and those whose runs went on when tried and have ended since."""
        waiting = self.spool.waiting()
        ended = {name for name in self._going.intersection(waiting) if self._has_ended(self.spool.read(name))}
        self._going -= ended
        return [name for name in waiting if name not in self._tried or name in ended]

    def _has_own(self, names: list[str]) -> bool:
        """Do we have the variables of a waiting run? The process with the lock may not have them."""
        entries = [entry for name in names if time.monotonic() < self._patience and (entry := self.spool.read(name))]
        return any(one.needs and needs.are_met(one.needs, self._environ, one.run) for one in entries)

    def _has_ended(self, entry: Entry | None) -> bool:
        return entry is None or self._record(entry).get("result") != reader.RUNNING

    def _drop(self, account: Account) -> None:
        """Drop what waits for too long, and the oldest runs if too many wait. A run that goes on stays."""
        waiting = self.spool.waiting()
        for number, name in enumerate(waiting):
            entry = self.spool.read(name)
            is_due = entry is None or number < len(waiting) - MOST or time.time() - entry.at > OLDEST
            if is_due and self._has_ended(entry):
                self.spool.remove(name)
                account.dropped()

    def _send(self, entry: Entry, account: Account) -> None:
        """Send one run to all destinations that do not have it, and keep or remove its entry."""
        run = self._record(entry)
        if run.get("result") == reader.RUNNING:
            self._going.add(entry.name)
            return
        environ = self._environ_of(entry)
        is_others = not needs.are_met(entry.needs, environ, entry.run) and time.time() - entry.at < OLDEST_MESSAGE
        try:
            settings = settings_for(entry.project, self._data, environ)
            wanted = destinations(settings, environ, tells=not is_others) if run else []
        except HookmanError as error:  # settings that are broken now may be repaired
            account.failed("settings", NotSentError(error.problem.what, error.problem.where, error.problem.fix))
            return
        if run and not wanted and entry.from_environment and ENDPOINT not in environ:
            account.failed(ENDPOINT, NotSentError(f"{ENDPOINT} is not set any more", ENDPOINT, "set it"))
            return
        for one in wanted:
            if one.name not in entry.done:
                entry = self._sent_to(one, entry, run, account)
        if all(one.name in entry.done for one in wanted) and not (run and is_others):
            self.spool.remove(entry.name)

    def _sent_to(self, one: Destination, entry: Entry, run: dict[str, Any], account: Account) -> Entry:
        """Send a run to one destination. Returns its entry as it is then, which is kept."""
        if account.is_to_wait(one.server):
            return entry
        try:
            self._deliver(one, run)
        except RefusedError as error:
            account.refused(one.server, error)
        except NotSentError as error:
            doubts = entry.doubts + error.doubtful
            account.failed(one.server, error)
            if doubts < DOUBTS:
                if error.doubtful:
                    entry = replaced(entry, doubts=doubts)
                    self.spool.write(entry)
                return entry
            account.refused(one.server, error)
        else:
            account.took(one.server)
        entry = replaced(entry, done=(*entry.done, one.name), doubts=0)
        self.spool.write(entry)
        return entry

    def _deliver(self, one: Destination, run: dict[str, Any]) -> None:
        """Send a run, and wait if the server asks for a short time. Raises NotSentError."""
        for number in range(1, AGAIN + 1):
            try:
                one.send(run, self._data)
                return
            except NotSentError as error:
                if not 0 < error.wait <= SHORT_WAIT or number == AGAIN or time.monotonic() + error.wait > self._end:
                    raise
                time.sleep(error.wait)

    def _record(self, entry: Entry) -> dict[str, Any]:
        """The record of a run; empty if it is gone."""
        directory = paths.project_data_dir(self._data, entry.project)
        for _ in range(2):  # one that ends right now may be missed once: it goes from one file to another
            for run in store.run_named(directory, entry.run):
                if run["run"] == entry.run:
                    return reader.understood(run)
        return {}

    def _environ_of(self, entry: Entry) -> dict[str, str]:
        """The environment that counts for a run: the endpoint in ours is for runs that had it from theirs."""
        return {name: value for name, value in self._environ.items() if name != ENDPOINT or entry.from_environment}


def send_all(data: str, environ: Mapping[str, str]) -> None:
    """Send all that waits. Raises OSError."""
    redactor.learn(environ)
    Sender(data, environ).work()


def main() -> int:
    """Send all that waits below the directory that the command line names."""
    data = sys.argv[1]
    os.chdir("/")  # nothing may keep a directory in use
    try:
        send_all(data, dict(os.environ))  # noqa: TID251 (a process of its own takes its environment)
    except OSError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
