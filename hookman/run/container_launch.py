"""The command that starts a hook in a container, and the variables of the hook there.

container_exec.py makes it for a container that runs, container_run.py for a new one.
"""

from __future__ import annotations

from hookman.base.process_tree import HOOK_ID
from hookman.base.records import record
from hookman.compose.endpoint import docker_with
from hookman.consent.dotenv_names import reserved
from hookman.hooks import environment
from hookman.hooks.kinds import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.hooks.planned import PlannedHook
    from hookman.run.container_check import ContainerCheck
    from hookman.run.container_guard import ContainerGuard
    from hookman.run.operation import Operation

# What a hook in a container is told. HOOKMAN_ENV and other paths of the host mean nothing there.
TOLD = (
    *("HOOKMAN_EVENT", "HOOKMAN_PHASE", "HOOKMAN_COMMAND", "HOOKMAN_RUN_ID", "HOOKMAN_ARGS", "HOOKMAN_SERVICES"),
    *("HOOKMAN_EXIT_CODE", "HOOKMAN_RESULT", "HOOKMAN_FAILED_HOOK", "COMPOSE_PROJECT_NAME", "stack"),
    *("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"),
)


@record
class Launch:
    """One process of a hook in a container."""

    argv: list[str]
    environ: dict[str, str]  # of docker, with the values that it hands on
    container: str  # its name; "" for one of its own
    image: str
    guard: ContainerGuard
    check: ContainerCheck | None = None  # of a container that was there before
    file: str = ""  # that is there for it, and is removed when it has ended


@record
class Context:
    """A hook that is to run in a container, and in what."""

    hook: PlannedHook
    op: Operation
    environ: Mapping[str, str]  # that it would see on the host
    exports: Mapping[str, str | None]  # of earlier hooks
    asks: bool  # it may read the terminal

    @property
    def docker(self) -> list[str]:
        """How docker is called."""
        return docker_with(self.op.lookup.invocation.docker_flags)

    @property
    def token(self) -> str:
        """What its processes on the host have in their environment."""
        return self.environ[HOOK_ID]

    def clients(self) -> dict[str, str]:
        """The environment of docker: that of Compose, for both have to mean the same engine."""
        values = environment.for_compose(self.op.surroundings, self.exports)
        for name in environment.PLUGIN_VARIABLES:
            values.pop(name, None)
        return values

    def words(self) -> list[str]:
        """What runs in the container."""
        return kind_of(self.hook).argv(self.hook, [], "")

    def told(self) -> dict[str, str]:
        """What the hook is told, beside what its container has: of this run, and of earlier hooks."""
        told = {name: self.environ[name] for name in TOLD if name in self.environ}
        parent = self.environ.get("TRACEPARENT")
        if parent and parent != self.op.surroundings.process.get("TRACEPARENT"):  # that of its own span
            told["TRACEPARENT"] = parent
        exported = {
            name: value
            for name, value in self.exports.items()
            if value is not None and name.isascii() and name.isidentifier() and not reserved(name)
        }
        return {**told, **exported}

    def own(self) -> dict[str, str]:
        """Its own variables."""
        traced = kind_of(self.hook).traced(self.hook) if self.hook.trace else {}
        return {**self.hook.keys.get("env", {}), **traced}
