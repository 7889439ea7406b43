"""What `hookman run` does with each part of a run: its environment, its process, and an engine that is not there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from hookman.base import paths
from hookman.base.errors import EXIT_FAILED, EXIT_SIGNAL, HookmanError, Problem, shell_code
from hookman.base.messages import redactor, say
from hookman.base.records import record
from hookman.cli.context import resolve
from hookman.cli.run_stacks import Done
from hookman.compose import commandline, project
from hookman.compose.contexts import in_context
from hookman.compose.engine_id import EngineNote
from hookman.compose.reach import why_not_reached
from hookman.consent import marks
from hookman.database import programs
from hookman.front import entry, main
from hookman.hooks import environment
from hookman.log.origin import origin
from hookman.log.writer import record_refusal
from hookman.run import nesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.cli.run_parts import Part
    from hookman.cli.run_stacks import Streams
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

DRY_RUN = "--dry-run"
DATABASE = "db:"  # as Kompose spells its commands: db:export, db:import, db:cleanup (C98)


@record
class Job:
    """One command on stacks of a root."""

    root: str
    words: list[str]  # the command, as typed after the pattern
    environ: Mapping[str, str]
    overrides: Mapping[str, str]  # -e and --network
    compose: str
    answers: Mapping[str, list[str]]  # by the label of a part: what hookman db is told besides, after asking the user

    @property
    def is_database(self) -> bool:
        """Is it a command on databases?"""
        return self.words[0].startswith(DATABASE)

    @property
    def needs_engine(self) -> bool:
        """Does it do anything on an engine?"""
        return DRY_RUN not in self.words if self.is_database else self.invocation().has_events

    def directory(self, part: Part) -> str:
        """The stack's."""
        return os.path.join(self.root, part.stack)

    def invocation(self) -> Invocation:
        """The command line as docker-compose would have it."""
        return commandline.parse_standalone([self.words[0].removeprefix(DATABASE), *self.words[1:]])

    def environ_of(self, part: Part) -> dict[str, str]:
        """The environment of the command on a part. Raises HookmanError."""
        directory = self.directory(part)
        _, callers = nesting.aimed(self.invocation(), self.environ, directory, paths.data_dir(self.environ))
        callers = in_context(part.context, callers) if part.context else callers
        environ = {**callers, **self.overrides, "PWD": directory}
        if marks.is_enabled(paths.data_dir(environ), os.path.realpath(directory)):
            return environ
        shared = {name: value for name, value in self._shared(directory, environ).items() if name not in environ}
        if marks.is_enabled(paths.data_dir(environ), self._meant(directory, {**shared, **environ}).real):
            return environ
        # A database's client is to get none of these, so hookman db is told which they are.
        return {**shared, **environ, programs.FROM_DOTENV: "\n".join(shared)}

    def argv(self, part: Part, data: str) -> list[str]:
        """What carries it out on a part; our own files are in `data`."""
        if not self.is_database:
            runner = [sys.executable, "-I", "-S", os.path.abspath(entry.__file__), main.OURS]
            return [*runner, self.compose, data, *self.words]
        isolated = ["-I"] if sys.flags.isolated else ["-E", "-P"]  # as bin/hookman has it
        words = [self.words[0].removeprefix(DATABASE), *self.answers.get(part.label, []), *self.words[1:]]
        return [sys.executable, *isolated, "-m", "hookman", "db", *words]

    def _meant(self, directory: str, environ: Mapping[str, str]) -> Project:
        """The project that the command is about: the .env of a root that is not enabled can name an enabled one."""
        return project.resolve(self.invocation(), environ, directory)

    def _shared(self, directory: str, environ: Mapping[str, str]) -> dict[str, str]:
        """The root's .env for a stack whose hooks are not enabled: data, which Compose may have all the same."""
        where = resolve(environ, directory)
        root, _ = environment.read_all_dotenv(os.path.realpath(self.root), where, environ)
        own = environment.read_by_compose(where, {**root, **environ})
        return {name: value for name, value in root.items() if name not in own}


class Worker:
    """Carries a job out on its parts, several at the same time. Each engine with a context is tried once before."""

    def __init__(self, job: Job, contexts: list[str]) -> None:
        self._job = job
        self._needs_engine = job.needs_engine
        self._running: list[subprocess.Popen[bytes]] = []
        self._ends = 0  # the signal at which nothing starts any more
        self._problems: dict[str, str] = {}  # context → why it can't be reached; "" if it can
        self._asking = {context: threading.Lock() for context in contexts}

    def run(self, part: Part, streams: Streams | None) -> Done:
        """Carry it out on a part; what it prints goes into the `streams`, or where our own output goes."""
        started = time.monotonic()
        _tell(f"── {part.label}", streams)
        try:
            environ = self._job.environ_of(part)
            if why := self._why_not(part.context):
                self._not_reached(part, environ, why, streams)
                return Done(part=part, code=EXIT_FAILED, seconds=time.monotonic() - started, reached=False)
        except HookmanError as error:
            _tell(f"{part.label}: {error.text}", streams)
            return Done(part=part, code=error.exit_code, seconds=time.monotonic() - started)
        if self._ends:
            return Done(part=part, code=EXIT_SIGNAL + self._ends, seconds=time.monotonic() - started)
        code = shell_code(self._start(part, environ, streams))
        return Done(part=part, code=code, seconds=time.monotonic() - started)

    def _start(self, part: Part, environ: Mapping[str, str], streams: Streams | None) -> int:
        out, err = streams or (None, None)
        stdin = None if streams is None else subprocess.DEVNULL
        argv = self._job.argv(part, paths.data_dir(environ))
        process = subprocess.Popen(
            argv, cwd=self._job.directory(part), env=environ, stdin=stdin, stdout=out, stderr=err
        )
        self._running.append(process)
        if self._ends:  # it came while the process was started
            process.send_signal(self._ends)
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:  # the stack gets the signal too, and its exit code tells how it ended
                continue
            self._running.remove(process)
            return code

    def end(self, number: int) -> None:
        """Send the signal `number` to all that runs; nothing starts any more."""
        self._ends = number
        for process in list(self._running):
            process.send_signal(number)

    def _why_not(self, context: str) -> str:
        """Why the engine of a context can't be reached; "" if it can, and if that does not matter."""
        if not context or not self._needs_engine:
            return ""
        with self._asking[context]:
            if context not in self._problems:
                self._problems[context] = why_not_reached(context, self._job.environ)
            return self._problems[context]

    def _not_reached(self, part: Part, environ: Mapping[str, str], why: str, streams: Streams | None) -> None:
        """Say and record that nothing ran on a part."""
        job, directory = self._job, self._job.directory(part)
        what = f"{part.label}: the engine can't be reached, so nothing was run: {why}"
        problem = Problem(what=what, where=part.context, fix=f"docker --context {part.context} version")
        _tell(problem.line, streams)
        where = project.resolve(job.invocation(), environ, directory)
        data = paths.data_dir(environ)
        if marks.is_enabled(data, where.real):
            name = job.words[0].removeprefix(DATABASE)
            record_refusal(
                paths.project_data_dir(data, where.real),
                redactor,
                HookmanError.of(problem),
                project=where.real,
                name=where.name,
                command=f"db_{name}" if job.is_database else job.invocation().subcommand,
                argv=["hookman", f"db_{name}"] if job.is_database else ["compose", *job.words],
                cwd=directory,
                skipped="",
                **origin(EngineNote(data, {}, environ), environ),
            )


def _tell(text: str, streams: Streams | None) -> None:
    """Say something about a part, in its place in the output."""
    if streams is None:
        say(text)
        return
    streams[1].write(f"hookman: {text}\n".encode("utf-8", "surrogateescape"))
    streams[1].flush()
