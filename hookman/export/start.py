"""The run's side: it puts itself into the spool, and starts the sender at its end. Nobody waits for that.

Only runs with something to send load this. Whatever goes wrong here, the command runs as it would without.
"""

from __future__ import annotations

import os
import sys

from hookman.base.errors import Problem
from hookman.base.lean import signal
from hookman.base.messages import say
from hookman.base.process_tree import HOOK_ID
from hookman.base.spawn import NULL, spawn
from hookman.compose.launch import PLUGIN_COMMAND, PLUGIN_SOCKET
from hookman.export import trace
from hookman.export.spool import Spool
from hookman.export.streams import MarkedOutput
from hookman.hooks.environment import TELEMETRY
from hookman.settings.hookman_toml import ENDPOINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.hooks.environment import Surroundings
    from hookman.log.writer import Journal
    from hookman.settings.hookman_toml import Settings

SENDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sender.py")
# What the sender must not have of the run's environment: a kill of the hook that made this call does not mean it.
_NOT_PASSED_ON = (HOOK_ID, PLUGIN_COMMAND, PLUGIN_SOCKET)


class Sending:
    """The sending of one run."""

    def __init__(self, surroundings: Surroundings, settings: Settings) -> None:
        self._now = surroundings
        self._spool = Spool(surroundings.data)
        self._is_in_spool = False
        environ = surroundings.process
        self.trace: trace.Trace | None = None
        self._needs: dict[str, str] | None = None  # None: nobody is to be told
        if settings.notify:
            from hookman.export import needs, notices

            notices.hide(settings, environ)
            self._needs = needs.needed(settings, environ, surroundings.run)
        if settings.export.get("otlp"):
            self.trace = trace.Trace(surroundings.run, environ.get(trace.VARIABLE, ""))
            from hookman.export.endpoint import hide, wrong

            hide(settings.export, environ)
            if problem := wrong(settings.export, environ):
                say(f"warning: {problem.line}")

    @property
    def facts(self) -> dict[str, str]:
        """What the log has of it."""
        return {"traceparent": self.trace.given} if self.trace and self.trace.given else {}

    def for_compose(self, values: Mapping[str, str], exports: Mapping[str, str | None]) -> dict[str, str]:
        """What Compose gets for its own spans, beside its environment `values`: ours are around them.

        What a function exported stays.
        """
        if self.trace is None:
            return {}
        own = {trace.VARIABLE: self.trace.parent_of(self.trace.span("compose"))}
        stated = [part for part in (values.get(TELEMETRY, ""), f"hookman.run_id={self._now.run}") if part]
        return {**{name: one for name, one in own.items() if name not in exports}, TELEMETRY: ",".join(stated)}

    def begin(self, journal: Journal) -> None:
        """Put the run into the spool: a killed one is sent with the next. Its record tells stderr from stdout."""
        now = self._now
        if self.trace is None and self._needs is None:
            return
        is_given = bool(now.process.get(ENDPOINT))
        if self.trace:
            journal.kind_of_output = MarkedOutput
        try:
            self._spool.add(now.run, now.project.real, from_environment=is_given, needs=self._needs or {})
            self._is_in_spool = True
        except OSError as error:
            where = error.filename or self._spool.folder
            what = f"warning: this run will not be exported ({error.strerror}: {where})"
            say(Problem(what=what, where=where, fix="make it writable, or set HOOKMAN_DATA_DIR").line)

    def end(self) -> None:
        """Start the sender. If it can't be started, the run is sent with the next one."""
        if not self._is_in_spool:
            return
        try:
            start_sender(self._now.data, self._now.process)
        except OSError:
            pass


def start_sender(data: str, environ: Mapping[str, str]) -> None:
    """Start the process that sends what waits, and go on. It has no terminal, and no descriptor of ours.

    Raises OSError.
    """
    values = {name: value for name, value in environ.items() if name not in _NOT_PASSED_ON}
    closed = _inheritable()
    spawn(
        *(sys.executable, [sys.executable, "-I", "-S", SENDER, data], values, dict.fromkeys(range(3), NULL)),
        session=True,
        default_signals=(signal.SIGINT, signal.SIGHUP, signal.SIGTERM),
        closed=closed,
    )


def _inheritable() -> list[int]:
    """Our descriptors that a process would inherit: our caller's, such as the lock of a script (`9>lock`)."""
    try:
        names = os.listdir("/dev/fd")
    except OSError:
        return []
    found = []
    for number in map(int, filter(str.isdecimal, names)):
        try:
            if number > 2 and os.get_inheritable(number):
                found.append(number)
        except OSError:  # it was that of the listing
            continue
    return found
