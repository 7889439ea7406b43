"""Running something on many stacks: one after the other or side by side, and the summary at the end."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, wait

from hookman.base.errors import EXIT_FAILED, EXIT_SIGNAL
from hookman.base.messages import say
from hookman.base.records import record
from hookman.cli.table import duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    Streams = tuple[IO[bytes], IO[bytes]]

INTERRUPTED = EXIT_SIGNAL + 2


@record
class Done:
    """How it went on one stack."""

    stack: str
    code: int
    seconds: float


class Stacks:
    """Runs one thing on each of `names`; `run` does it, into files if it runs beside others."""

    def __init__(self, names: list[str], run: Callable[[str, Streams | None], Done], *, fail_fast: bool) -> None:
        self.names = names
        self._run = run
        self._fail_fast = fail_fast
        self._done: list[Done] = []
        self._stopped = 0  # the exit code for the signal that stopped it

    def run_all(self, jobs: int) -> int:
        """Run it on all stacks, `jobs` at the same time, say how each went, and return the exit code."""
        if jobs == 1:
            self._in_turn()
        else:
            self._side_by_side(jobs)
        if len(self.names) > 1:
            self._say_summary()
        return self._stopped or (EXIT_FAILED if any(result.code for result in self._done) else 0)

    def _in_turn(self) -> None:
        for name in self.names:
            try:
                self._note(self._run(name, None))
            except KeyboardInterrupt:
                self._stopped = INTERRUPTED
            if self._is_over():
                return

    def _side_by_side(self, jobs: int) -> None:
        with ThreadPoolExecutor(jobs) as pool:
            waiting = {pool.submit(self._apart, name) for name in self.names}
            while waiting:
                try:
                    waiting = wait(waiting).not_done
                except KeyboardInterrupt:  # those that run got the signal too, and are waited for
                    self._stopped = INTERRUPTED

    def _apart(self, stack: str) -> None:
        """Run it on one stack beside others. Its output is shown in one piece when it has ended."""
        if self._is_over():
            return
        say(f"{stack}: started")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = self._run(stack, (out, err))
            for file, stream in ((err, sys.stderr), (out, sys.stdout)):
                file.seek(0)
                stream.flush()
                while data := file.read(1 << 16):
                    stream.buffer.write(data)
                stream.flush()
        self._note(done)

    def _note(self, done: Done) -> None:
        self._done.append(done)
        if done.code > EXIT_SIGNAL:
            self._stopped = self._stopped or done.code

    def _is_over(self) -> bool:
        return bool(self._stopped or (self._fail_fast and any(result.code for result in self._done)))

    def _say_summary(self) -> None:
        """Say how each stack went, and which were not run."""
        width = max(map(len, self.names))
        by_name = {result.stack: result for result in self._done}
        for name in self.names:
            done = by_name.get(name)
            if done is None:
                say(f"{name:<{width}}  not run")
            else:
                result = "ok" if not done.code else "stopped" if done.code > EXIT_SIGNAL else f"exit {done.code}"
                say(f"{name:<{width}}  {result:<9}  {duration(done.seconds)}")
