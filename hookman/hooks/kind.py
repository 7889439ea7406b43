"""What differs between the kinds of hook. A new kind is one more class like those in script_kind.py (see kinds.py)."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.records import record, replaced
from hookman.consent import trust
from hookman.hooks.planned import REFUSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hookman.consent.trust import Complaint
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips
    from hookman.settings.hookman_toml import Settings


COMMAND_NOT_FOUND = 127  # the shells' exit code where a program, or an interpreter, is missing
BEGUN = b"found\0"  # what the report of a hook's process begins with, once it is certain that there is such a hook


@record
class Verdict:
    """What the end of a hook's process says, as its kind reads it."""

    exit_code: int
    name: str = ""  # what failed, where it is not certain that it was the hook
    exports: Mapping[str, str | None] = {}  # what it exported or unset (None); the values may be secrets
    takes_effect: bool = True  # do its exports reach the hooks that follow, and Compose?
    absent: bool = False  # there is no such hook after all


class Kind:
    """One kind of hook. The methods here are those of a plain program."""

    name = ""
    fails_operation = False  # does its failure in a post phase count, where `post_failure` leaves it to the kind?
    report_descriptor = 0  # where its process reports to us; 0: it does not

    def plan(self, scope: Scope, event: str, skip: Skips) -> Iterator[PlannedHook]:
        """The hooks of this kind at `event`, in order. Of a skipped hook nothing is read or checked (C74)."""
        raise NotImplementedError

    def directories(self, project_dir: str, event: str) -> list[str]:
        """The directories that lead to the hooks of this kind, the project's first."""
        raise NotImplementedError

    def sees_dotenv(self, settings: Settings) -> bool:
        """Does it get the values of .env?"""
        return settings.dotenv == "all"

    def argv(self, hook: PlannedHook, args: list[str], search_path: str) -> list[str]:
        """What starts it; `args` are what functions get, `search_path` is the PATH. Raises HookmanError, OSError."""
        raise NotImplementedError

    def traced(self, hook: PlannedHook) -> dict[str, str]:
        """The additional variables that make it show each command (`hook.trace`)."""
        raise NotImplementedError

    def at_start(
        self, surroundings: Surroundings, environ: dict[str, str], exports: Mapping[str, str | None]
    ) -> dict[str, str]:
        """What its process starts with, where the hook is to see `environ`; `exports` are those of earlier hooks."""
        raise NotImplementedError

    def verdict(
        self, hook: PlannedHook, exit_code: int, report: bytes, environ: Mapping[str, str], *, own_end: bool
    ) -> Verdict:
        """Read the end of its process, which saw `environ`; not its `own_end` if a signal or a timeout ended it."""
        raise NotImplementedError

    def why_not_started(self, hook: PlannedHook, error: OSError) -> Problem:
        """Why the kernel refused to start it."""
        raise NotImplementedError

    def why_not_found(self, hook: PlannedHook) -> Problem | None:
        """What is wrong with a hook that ended with 127 (command not found), if its file tells."""
        raise NotImplementedError


def trusted(hook: PlannedHook, above: list[Complaint], status: os.stat_result | None, scope: Scope) -> PlannedHook:
    """The hook, refused if others may change it (its `status`) or what is `above` it."""
    own = trust.complaint(hook.path, status, scope.settings.trust) if status else None
    if not above and not own:
        return hook
    found = tuple([*above, own] if own else above)
    first = found[-1] if own else found[0]
    what, fix = f"{first}, so its hooks do not run", trust.fixes(found, scope.project.directory)
    problem = Problem(what=what, where=first.path, fix=fix)
    return replaced(hook, action=REFUSE, reason="not safe", problem=problem, distrusted=found)


def directory_led_to(link: str, scope: Scope) -> list[Complaint]:
    """What others may change of the directory that a link leads to; nothing if `link` is not a link."""
    if not os.path.islink(link):
        return []
    return trust.complaints([os.path.dirname(os.path.realpath(link))], scope.settings.trust)


def status_of(path: str) -> os.stat_result | None:
    """The status of the file at `path`; None where there is none."""
    try:
        return os.stat(path)
    except OSError:
        return None


def table_of(settings: Settings, event: str, name: str) -> dict[str, Any]:
    """The table of the hook `name` of `event`. What [hooks."EVENT/NAME"] says replaces what [hooks.NAME] says."""
    if not settings.hooks:
        return {}
    return {**settings.hooks.get(name, {}), **settings.hooks.get(f"{event}/{name}", {})}


def time_limit(settings: Settings, event: str, name: str, default: float) -> float:
    """The time limit of the hook `name` of `event`, in seconds; `default` where none is set for it."""
    return float(table_of(settings, event, name).get("timeout", default))
