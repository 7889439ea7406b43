"""Declared hooks whose table has `service`: they run in a container of it.

What starts here is what runs *in* the container. How that gets there: run/containers.py.
"""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.hooks.declared_kind import DeclaredKind
from hookman.hooks.planned import CONTAINER
from hookman.settings.of_containers import RUN, mode_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook

NOT_EXECUTED = (126, 127)  # exit codes of `docker exec` and of shells, where a program did not start
# What docker, and podman, say of a program that they can't start. They may say it on stdout.
DOCKERS_WORDS = (b"OCI runtime", b"executable file", b"unable to find user", b"Error response from daemon")
NOT_FOUND = (b"executable file", b"no such file or directory")


class NotInContainerError(OSError):
    """The hook can't get into a container; `problem` says why. `known`: there is such a service."""

    def __init__(self, problem: Problem, *, known: bool = True) -> None:
        super().__init__(problem.what)
        self.problem = problem
        self.known = known


class ContainerKind(DeclaredKind):
    """Declared hooks that run in a container. DeclaredKind plans them, for they are in order with its own."""

    name = CONTAINER

    def argv(self, hook: PlannedHook, args: list[str], search_path: str) -> list[str]:
        """The image's sh with the text, or the words."""
        run = hook.keys["run"]
        if isinstance(run, str):
            return ["sh", *(["-x"] if hook.trace else []), "-c", run, hook.name]
        return [*run]

    def why_not_started(self, hook: PlannedHook, error: OSError) -> Problem:
        """No container was found, or docker can't be started."""
        if isinstance(error, NotInContainerError):
            return error.problem
        return Problem(what=f"docker could not be started: {error.strerror}", where=hook.place, fix="install docker")


def why_not_executed(hook: PlannedHook, exit_code: int, said: bytes) -> Problem | None:
    """The problem of a hook that did not start in its container: what ended with `exit_code` and `said` that last."""
    run, service = hook.keys["run"], hook.keys["service"]
    last = said.rstrip().rpartition(b"\n")[2].strip()
    not_started = exit_code in NOT_EXECUTED or mode(hook) == RUN
    if not not_started or not any(sign in last for sign in DOCKERS_WORDS):
        return None
    if not any(sign in last for sign in NOT_FOUND) or b"chdir" in last:
        return Problem(what=last.decode("utf-8", "replace"), where=hook.place, fix=f"look at {hook.place}")
    if isinstance(run, str):
        what = f"the image of {service} has no sh, which a text in run needs"
        return Problem(what=what, where=hook.place, fix='write the words of a program: run = ["/app", "migrate"]')
    what = f"there is no program {run[0]} in the image of {service}"
    return Problem(what=what, where=hook.place, fix=f"change run in {hook.place}")


def mode(hook: PlannedHook) -> str:
    """In which container a hook runs: one that runs already (exec), or a new one (run)."""
    return mode_at(hook.phase, hook.keys)


def in_words(hook: PlannedHook) -> str:
    """Where a hook runs: in web, in a new container of web, in each web."""
    service = hook.keys["service"]
    if mode(hook) == RUN:
        return f"in a new container of {service}"
    return f"in every container of {service}" if hook.keys.get("replicas") == "all" else f"in {service}"


def key(hook: PlannedHook) -> dict[str, str]:
    """For JSON: where a hook runs; nothing for one that runs on the host."""
    if hook.kind != CONTAINER:
        return {}
    return {"service": hook.keys["service"], "mode": mode(hook), "replicas": hook.keys.get("replicas", "first")}
