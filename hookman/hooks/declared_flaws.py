"""Finds what is wrong with a declared hook: a missing program, a text that does not parse. It runs nothing."""

from __future__ import annotations

import subprocess

from hookman.base.errors import Problem
from hookman.hooks.interpreter import Flaw
from hookman.hooks.kinds import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook


def flaw(hook: PlannedHook, search_path: str) -> Flaw | None:
    """What is wrong with a declared hook whose program is looked for on the PATH `search_path`; None if nothing is."""
    kind = kind_of(hook)
    try:
        argv = kind.argv(hook, [], hook.keys.get("env", {}).get("PATH", search_path))
    except OSError as error:
        return Flaw(state="no program", problem=kind.why_not_started(hook, error))
    if not isinstance(hook.keys["run"], str):
        return None
    environ = {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [argv[0], "-n", *argv[1:]], env=environ, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if not done.returncode:
        return None
    said = done.stderr.decode("utf-8", "replace").partition("\n")[0]
    return Flaw(state="syntax error", problem=Problem(what=said, where=hook.place, fix=f"correct run in {hook.place}"))
