"""What a plan is made of: hooks, each with what will be done to it."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.base.errors import Problem
    from hookman.consent.trust import Complaint

PRE = "pre"
POST = "post"
FAILED = "failed"  # after them, if the operation did not succeed
ALWAYS = "always"  # last, whatever happened
CLOSING = (FAILED, ALWAYS)
PHASES = (PRE, POST, *CLOSING)
SCRIPT = "script"
FUNCTION = "function"
DECLARED = "declared"
CONTAINER = "container"  # declared, and runs in a container of a service
TABLES = (DECLARED, CONTAINER)  # their text is in a table
RETRYING = frozenset({"retries", "total_timeout"})  # keys of a table by which it may have several attempts
PAST = frozenset({"sources", "once"})  # keys of a table that compare with the last success
CONDITIONS = PAST | {"when"}  # keys of a table by which a hook may not run
RUN = "run"
SKIP = "skip"
REFUSE = "refuse"  # its event does not run: the hook is not safe, or can't be read or started


@record
class PlannedHook:
    """One hook of an event and what will be done to it."""

    event: str  # project.up.pre
    name: str  # 01-load.sh, hook_pre_up
    kind: str  # SCRIPT, FUNCTION, DECLARED or CONTAINER
    path: str
    action: str  # RUN, SKIP or REFUSE
    reason: str = ""  # why it is skipped, in a few words, or why it may not exist
    problem: Problem | None = None  # of a hook that can't run: a REFUSE, or a SKIP that the user did not ask for
    timeout: float = 0.0  # seconds; 0 is no limit
    line: int | None = None  # of a function in its hooks.sh, of a table in its file
    keys: Mapping[str, Any] = {}  # its table in the settings (settings/hook_keys.py)
    certain: bool = True  # False: only sourcing hooks.sh can tell whether the function exists
    trace: bool = False  # show each command as it runs (hookman test --trace)
    waits_for: str = ""  # of a hook that waits for review: which file of it
    kept: str = ""  # of a hook that waits for review: where its approved copy is
    text: bytes = b""  # of a hook that waits for review: what was read, to be shown and approved
    distrusted: tuple[Complaint, ...] = ()  # what others may change, of a REFUSE
    seen: tuple[object, ...] = ()  # what its file and directories were when it was planned

    @property
    def label(self) -> str:
        """Its name and when it runs: project.up.pre/01-load.sh."""
        return f"{self.event}/{self.name}"

    @property
    def phase(self) -> str:
        """One of PHASES."""
        return self.event.rpartition(".")[2]

    @property
    def is_parallel(self) -> bool:
        """Does it run side by side with its neighbours? One that wants a terminal runs alone."""
        return bool(self.keys.get("parallel")) and not self.keys.get("pty")

    @property
    def why(self) -> str:
        """Why it does not run, or may not exist; "" if it is ready."""
        return self.problem.what if self.problem and self.action == REFUSE else self.reason

    @property
    def limit(self) -> str:
        """Its time limit for people."""
        return f"{self.timeout:g} s" if self.timeout else "no limit"

    @property
    def place(self) -> str:
        """Where its text is: a path, with the line of a function."""
        return f"{self.path}:{self.line}" if self.line else self.path


def event_name(command: str, phase: str) -> str:
    """The event of one phase of an operation: up, pre → project.up.pre."""
    return f"project.{command}.{phase}"
