"""Running something on many stacks and engines: one after the other or side by side, and the summary at the end."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from hookman.base.errors import EXIT_FAILED, EXIT_SIGNAL
from hookman.base.messages import say
from hookman.base.records import record
from hookman.cli.table import duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Protocol

    from hookman.cli.run_order import Order
    from hookman.cli.run_parts import Part

    Streams = tuple[IO[bytes], IO[bytes]]

    class Worker(Protocol):
        """Does the thing, and can be told to end."""

        def run(self, part: Part, streams: Streams | None) -> Done:
            """Do it on one part."""

        def end(self, number: int) -> None:
            """Send the signal to all that runs."""


INTERRUPTED = EXIT_SIGNAL + 2
MANY = 10  # parts


@record
class Done:
    """How it went on one part."""

    part: Part
    code: int
    seconds: float
    reached: bool = True  # could its engine be reached?

    @property
    def result(self) -> str:
        """In a word or two."""
        if not self.reached:
            return "not reached"
        return "ok" if not self.code else "stopped" if self.code > EXIT_SIGNAL else f"exit {self.code}"


class Stacks:
    """Has the `worker` do one thing on each of `parts`, in their `order`; into files if it runs beside others."""

    def __init__(self, parts: list[Part], worker: Worker, order: Order) -> None:
        self.parts = parts
        self._worker = worker
        self._order = order
        self._done: list[Done] = []
        self._stopped = 0  # the exit code for the signal that stopped it
        self._showing = threading.Lock()  # by who shows the output of a part

    def run_all(self, jobs: int) -> int:
        """Run it on all parts, `jobs` at the same time, say how each went, and return the exit code."""
        old = signal.signal(signal.SIGTERM, self._terminate)  # only we get it, and what runs must end
        try:
            if jobs == 1:
                self._in_turn()
            else:
                self._side_by_side(jobs)
        finally:
            signal.signal(signal.SIGTERM, old)
        if len(self.parts) > 1:
            self._say_summary()
        return self._stopped or (EXIT_FAILED if any(result.code for result in self._done) else 0)

    def _in_turn(self) -> None:
        while part := self._next():
            try:
                self._note(self._worker.run(part, None))
            except KeyboardInterrupt:
                self._stop(INTERRUPTED)

    def _side_by_side(self, jobs: int) -> None:
        running: set[Future[Done]] = set()
        with ThreadPoolExecutor(jobs) as pool:
            while True:
                while len(running) < jobs and (part := self._next()):
                    running.add(pool.submit(self._apart, part))
                if not running:
                    return
                try:
                    ended = wait(running, return_when=FIRST_COMPLETED).done
                except KeyboardInterrupt:  # those that run got the signal too, and are waited for
                    self._stop(INTERRUPTED)
                    continue
                running -= ended
                for one in ended:
                    self._note(one.result())

    def _next(self) -> Part | None:
        order = self._order
        before = len(order.begun)
        part = order.next()
        if part and order.rolling and len(order.begun) > before and len(order.engines) > 1:
            say(f"{engine_shown(part.context)} begins: engine {len(order.begun)} of {len(order.engines)}")
        return part

    def _apart(self, part: Part) -> Done:
        """Run it on one part beside others. Its output is shown in one piece when it has ended."""
        say(f"{part.label}: started")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = self._worker.run(part, (out, err))
            with self._showing:
                for file, stream in ((err, sys.stderr), (out, sys.stdout)):
                    file.seek(0)
                    stream.flush()
                    while data := file.read(1 << 16):
                        stream.buffer.write(data)
                    stream.flush()
        return done

    def _note(self, done: Done) -> None:
        self._done.append(done)
        self._order.ended(done.part, well=not done.code)
        if done.code > EXIT_SIGNAL:
            self._stop(done.code)

    def _terminate(self, number: int, _: object) -> None:
        self._stop(EXIT_SIGNAL + number)
        self._worker.end(number)

    def _stop(self, code: int) -> None:
        self._stopped = self._stopped or code
        self._order.stop()

    def _say_summary(self) -> None:
        """Say how each part went, and which were not run; of engines one after the other, how far they came."""
        results = {done.part.label: done for done in self._done}
        first = max(len(part.label) for part in self.parts)
        second = max([9, *(len(done.result) for done in self._done)])
        for label in (part.label for part in self.parts):
            done = results.get(label)
            said = f"{done.result:<{second}}  {duration(done.seconds)}" if done else "not run"
            say(f"{label:<{first}}  {said}")
        self._say_counts()
        if self._order.rolling and self._order.left():
            states = self._order.by_state().items()
            said = "; ".join(
                f"{state}: {', '.join(map(engine_shown, engines))}" for state, engines in states if engines
            )
            say(f"engines {said}")

    def _say_counts(self) -> None:
        """Say how many went how, where nobody counts that by hand."""
        found = [done.result for done in sorted(self._done, key=lambda done: bool(done.code))]
        found += ["not run"] * (len(self.parts) - len(found))
        if len(found) > MANY and len(set(found)) > 1:
            say(f"in all: {', '.join(f'{found.count(result)} {result}' for result in dict.fromkeys(found))}")


def engine_shown(context: str) -> str:
    """The engine of a part for people; "" is the one that docker uses anyway."""
    return context or "your engine"
