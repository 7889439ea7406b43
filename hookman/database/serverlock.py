"""A lock on the database's server: imports into one database run one after the other, wherever they start.

The lock of a project (lock/local.py) knows one data directory on one machine. Two checkouts,
two users or two machines share only the server. There a session of ours holds the lock, from
the first look at the database to the last drop. The server frees it when that session ends,
and the session ends with us: its client reads from a pipe that only we hold open.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from contextlib import contextmanager

from hookman.base.errors import HookmanError, InterruptedRunError, LockTimeoutError
from hookman.base.messages import say
from hookman.base.waiting import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookman.base.signals import Signals
    from hookman.database.client import Client

ANSWER_WITHIN = 30.0  # seconds that the server may take for an answer for which nothing has to be waited
END_WITHIN = 5.0  # seconds that the client may take to end


class ServerLock:
    """The session that holds the lock."""

    def __init__(self, server: Client, patience: float) -> None:
        self.server = server
        self.patience = patience  # seconds; 0: no limit

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises LockTimeoutError if another import has it for too long, InterruptedRunError at a
        signal, and HookmanError if there is no way to the server.
        """
        with tempfile.TemporaryFile() as self._errors:
            argv, first = self.server.session()
            self._process = subprocess.Popen(
                argv,
                env=self.server.environ,
                cwd=self.server.directory,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                process_group=0,  # a Ctrl-C is for us, who may still have to put the old database back
            )
            self._unread = b""
            try:
                self._write(first)
                self._take()
                yield
            finally:
                self._end()

    def must_be_held(self) -> None:
        """Raises HookmanError if the session has ended meanwhile, and so the lock may be another's."""
        self._ask("SELECT 1;", ANSWER_WITHIN)

    def _take(self) -> None:
        settings, attempt, wait = self.server.lock_statements()
        self._write(f"{settings}\n".encode())
        if self._ask(attempt, ANSWER_WITHIN) in ("t", "1"):
            return
        name = self.server.database.name
        say(f"waiting for another import into {name}, which is under way on its server")
        try:
            answer = self._ask(wait, self.patience)
        except _TooLateError:
            raise LockTimeoutError(
                f"no lock after {self.patience:g} s: another import into {name} is under way on its server",
                "wait until that has ended; lock_timeout in hookman.toml sets the limit",
            ) from None
        if answer not in ("f", "1"):  # what it answers once it has the lock
            raise HookmanError(f"the server gave no lock for {name}: {answer}", "try it again")

    def _ask(self, statement: str, within: float) -> str:
        """The server's answer of one line; `within` seconds, 0: no limit."""
        self._write(f"{statement}\n".encode())
        deadline = time.monotonic() + within if within else None
        signals: Signals = self.server.signals
        assert self._process.stdout is not None  # noqa: S101 (a pipe, see above)
        answers = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise _TooLateError("the database server does not answer", "try it again")
            ready = readable([answers, signals.wakeup], left)
            signals.drain()
            if number := signals.look():
                raise InterruptedRunError(number)
            if answers in ready:
                data = os.read(answers, 4096)
                if not data:
                    raise self._lost()
                self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 (a pipe, see above)
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            raise self._lost() from None

    def _lost(self) -> HookmanError:
        """What to say of a session that has ended by itself."""
        self._process.wait()
        self._errors.seek(0)
        said = "\n".join(self._errors.read(4096).decode("utf-8", "replace").strip().splitlines()[:3])
        return HookmanError(
            f"the session that keeps other imports away has ended, so nothing more was changed: {said}",
            self.server.fix(said) or "Is the server up? Try it again",
        )

    def _end(self) -> None:
        assert self._process.stdin is not None  # noqa: S101 (pipes, see above)
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(0 if self.server.signals.received else END_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.terminate()  # it waits for the lock; psql cancels that
            try:
                self._process.wait(END_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()


class _TooLateError(HookmanError):
    """No answer in time."""
