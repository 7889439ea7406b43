"""The log: one JSON line per run, and what each hook printed (DESIGN 1.6).

In a project's data directory:

    log.jsonl                 one line per run that has ended, in the order they ended
    running/<run>.jsonl       one line per thing that happened in a run that has not, under flock
    output/<run>/<n>-<hook>   what each hook of a run printed, secrets masked

A run that is killed leaves its file in running/, unlocked: readers show it as interrupted
with all that had ended, and the project's next run puts it into log.jsonl. Every line
is written with one write to a file opened for appending, so that none is ever mixed up.
"""

from __future__ import annotations

import os
import time

from hookman.base.errors import Problem
from hookman.base.flocks import create_locked, is_locked
from hookman.base.lean import json_line
from hookman.base.paths import make_private_dir
from hookman.log import store
from hookman.log.store import OUTPUT, RUNNING, VERSION, write_all
from hookman.settings.hookman_toml import DEFAULT_KEEP_RUNS, DEFAULT_OUTPUT_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hookman.base.errors import HookmanError
    from hookman.base.redact import Redactor
    from hookman.log.hook_output import HookOutput

# Facts by which runs are found, and which are nobody's secret: they are not masked.
PLAIN = (
    *("v", "run", "started", "project", "name", "command", "event", "kind", "result"),
    *("user", "caller", "host", "context", "engine"),
)
_PLAIN_IN_NAMES = str.maketrans(dict.fromkeys("._-", "0"))


def new_run_id() -> str:
    """An id that sorts by time and is short enough to type: 20261121-231502-4f2a1c."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(3).hex()}"


class Journal:
    """Writes the record of one run into the project's data directory, or nowhere if `directory` is "".

    It keeps `output_limit` bytes of each hook's output. A log that can't be written never stops the run: it warns once.
    """

    def __init__(
        self,
        directory: str,
        run: str,
        redactor: Redactor,
        warn: Callable[[str], None],
        output_limit: int = DEFAULT_OUTPUT_LIMIT,
    ) -> None:
        self.directory = directory
        self.run = run
        self.redactor = redactor
        self.warn = warn
        self.output_limit = output_limit
        self.hooks: list[dict[str, Any]] = []
        self._texts: list[str] = []  # the same as JSON
        self.head: dict[str, Any] = {}
        self.kind_of_output: type[HookOutput] | None = None  # another one than HookOutput itself
        self._outputs: list[str] = []
        self._masked_with = 0  # how many secrets were known when the outputs were masked
        self._file: int | None = None
        self._locks = False  # do locks work there? If not, a killed run looks like one that goes on
        self._path = os.path.join(directory, RUNNING, f"{run}.jsonl")

    def start(self, **head: Any) -> None:
        """Open the record: what runs, where, who."""
        self.head = self._masked({"v": VERSION, "run": self.run, "started": round(time.time(), 3), **head})
        if not self.directory:
            return
        try:
            make_private_dir(os.path.dirname(self._path))
            self._file = create_locked(self._path)
            self._locks = is_locked(self._path)
        except OSError as error:
            self._give_up(error)
        self._note("start", self.head)

    def renamed(self, name: str) -> None:
        """Note the project's name, which a pre hook may have changed."""
        self.head = {**self.head, "name": name}

    def engine(self, identity: str) -> None:
        """Note the id of the engine, if it is known."""
        if identity and identity != self.head.get("engine"):
            self.head = {**self.head, "engine": identity}

    def hook_started(self, event: str, name: str, number: int, group: int) -> None:
        """Note that a hook begins, so that a killed run shows how far it came.

        Its output has that number. The `group` is that of hooks that run side by side, 0 if it runs alone.
        """
        facts = {"group": group} if group else {}
        self._note("hook_started", {"event": event, "name": name, "number": number, **facts})

    def attempt(self, event: str, name: str, facts: dict[str, Any]) -> None:
        """Note how an attempt of a hook ended that is to be tried again."""
        self._note("attempt", {"event": event, "name": name, "attempt": self._masked(facts)})

    def hook(self, **result: Any) -> None:
        """Note how a hook ended, or why it was skipped. What was learned from it is masked in all that is there."""
        self._mask_again()
        masked = self._masked(result)
        self.hooks.append(masked)
        self._texts.append(self._note("hook", masked))

    def phase(self, name: str, **facts: Any) -> None:
        """Note another step of the run: lock, compose."""
        self.head = {**self.head, name: self._masked(facts)}
        self._note(name, self.head[name])

    def wait(self, **facts: Any) -> None:
        """Note that a hook waited before it began: for what, how long, and how that ended."""
        masked = self._masked(facts)
        self.head = {**self.head, "waits": [*self.head.get("waits", []), masked]}
        self._note("wait", masked)

    def problem(self, found: Problem) -> None:
        """Note what went wrong with the run; the first one is the reason of what follows."""
        if "problem" not in self.head:
            self.phase("problem", **found.facts())

    def end(self, result: str, exit_code: int, keep_runs: int) -> None:
        """Close the record: one line in log.jsonl takes the place of the running file."""
        self._mask_again()
        if self.directory and self._file is not None:
            ended = {"ended": round(time.time(), 3), "result": result, "exit_code": exit_code}
            facts = json_line({**self._masked(self.head), **ended})
            if len(self._texts) < len(self.hooks):  # something was learned since they were written
                self._texts = [json_line(self._masked(hook)) for hook in self.hooks]
            line = f'{facts[:-1]},"hooks":[{",".join(self._texts)}]}}\n'
            try:
                sizes = store.append_line(self.directory, line.encode())
                os.unlink(self._path)
                if self._locks:
                    store.log_killed(self.directory)
                store.cut_back(self.directory, keep_runs, sizes)
            except OSError as error:
                self._give_up(error)
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def output(self, number: int, name: str) -> HookOutput:
        """Where the output of the hook with that number in this run goes."""
        from hookman.log.hook_output import HookOutput

        is_kept = self.directory and self._file is not None
        path = f"{self.directory}/{OUTPUT}/{self.run}/{number:02d}-{_file_name(name)}" if is_kept else ""
        self._outputs.append(path)
        kind = self.kind_of_output or HookOutput
        return kind(path, self.redactor, self.output_limit, self._give_up)

    def _mask_again(self) -> None:
        """Mask what was learned since in the outputs of this run: a function's export, what a hook put into .env."""
        known = len(self.redactor.secrets)
        if known == self._masked_with:
            return
        try:
            for path in self._outputs:
                if path and os.path.lexists(path):
                    from hookman.log.hook_output import mask_again

                    mask_again(path, self.redactor)
        except OSError as error:
            self._give_up(error)
        self._masked_with = known
        self._texts.clear()

    def _note(self, kind: str, facts: dict[str, Any]) -> str:
        """Write what happened, with at least one fact of it. Returns the facts as JSON."""
        text = json_line(facts)
        if self.directory and self._file is not None:
            try:
                write_all(self._file, f'{{"type":"{kind}","at":{round(time.time(), 3)},{text[1:]}\n'.encode())
            except OSError as error:
                self._give_up(error)
        return text

    def _give_up(self, error: OSError) -> None:
        if self.directory:
            where = error.filename or self.directory
            what = f"the log of this run can't be written ({error.strerror}: {where})"
            self.warn(Problem(what=what, where=where, fix="make it writable, or set HOOKMAN_DATA_DIR").line)
        self.directory = ""  # the record stays locked: nobody may take a run for killed that goes on

    def _masked(self, facts: dict[str, Any]) -> dict[str, Any]:
        if not self.redactor.secrets:
            return facts
        return {key: value if key in PLAIN else self._masked_value(value) for key, value in facts.items()}

    def _masked_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.redactor.shown(value)
        if isinstance(value, list):
            return [self._masked_value(item) for item in value]
        return self._masked(value) if isinstance(value, dict) else value


def record_refusal(directory: str, redactor: Redactor, error: HookmanError, **head: Any) -> None:
    """Write the record of a command that was stopped before its run began; where there can be no log, none."""
    journal = Journal(directory, new_run_id(), redactor, lambda _: None)
    journal.start(**head, refused=True)
    journal.problem(error.problem)
    journal.end("failed", error.exit_code, DEFAULT_KEEP_RUNS)


def _file_name(name: str) -> str:
    """`name` as a file name that every terminal can show."""
    if name.isascii() and name.translate(_PLAIN_IN_NAMES).isalnum():
        return name[:100]
    return "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in name)[:100]
