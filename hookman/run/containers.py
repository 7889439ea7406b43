"""A hook in a container: which container, what starts it there, and what it sees. The rest is as for every hook.

It is started by `docker exec`, whose stdout, stderr and exit code are its own.
"""

from __future__ import annotations

import time

from hookman.base.errors import Problem
from hookman.base.messages import say
from hookman.base.quoting import shell_quoted
from hookman.base.records import record, replaced
from hookman.compose.engine_api import Connection, EngineError, docker_command
from hookman.consent.dotenv_names import reserved
from hookman.hooks import environment
from hookman.hooks.container_kind import NotInContainerError, mode, why_not_executed
from hookman.hooks.kinds import kind_of
from hookman.run.container_guard import ContainerGuard
from hookman.run.guardian import HOOK_ID
from hookman.settings.of_containers import RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hookman.hooks.planned import PlannedHook
    from hookman.lock.local import ProjectLock
    from hookman.run.event_loop import Steps
    from hookman.run.hook_process import Ended
    from hookman.run.operation import Operation

    Start = Callable[[list[str], dict[str, str], float, ContainerGuard], Steps[Ended]]

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
ONE_OFF, NUMBER = "com.docker.compose.oneoff", "com.docker.compose.container-number"
TAIL = 1000  # bytes
# What a hook in a container is told. HOOKMAN_ENV and other paths of the host mean nothing there.
TOLD = (
    *("HOOKMAN_EVENT", "HOOKMAN_PHASE", "HOOKMAN_COMMAND", "HOOKMAN_RUN_ID", "HOOKMAN_ARGS", "HOOKMAN_SERVICES"),
    *("HOOKMAN_EXIT_CODE", "HOOKMAN_RESULT", "HOOKMAN_FAILED_HOOK", "COMPOSE_PROJECT_NAME", "stack"),
    *("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"),
)
# Names by which docker itself goes: their values are on its command line, and not in its environment.
DOCKERS_OWN = (
    *("PATH", "HOME", "TMPDIR", "LD_", "SSH_", "XDG_", "GODEBUG", "COMPOSE_", "OTEL_", HOOK_ID),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_", "DOCKER_TLS", "DOCKER_API_", "DOCKER_CLI_"),
)


@record
class Launch:
    """One process of a hook in a container."""

    argv: list[str]
    environ: dict[str, str]  # of docker, with the values that it hands on
    container: str  # its name
    image: str
    guard: ContainerGuard


class InContainers:
    """A hook that is to see `environ` and runs in containers of its service, one after the other.

    `asks` says that it may read the terminal. `lock` is held until nothing of it runs. Raises NotInContainerError.
    """

    def __init__(
        self,
        hook: PlannedHook,
        op: Operation,
        environ: Mapping[str, str],
        exports: Mapping[str, str | None],
        lock: ProjectLock | None,
        *,
        asks: bool,
    ) -> None:
        if mode(hook) == RUN:
            what = "a hook can't have a container of its own yet"
            raise NotInContainerError(Problem(what=what, where=hook.place, fix='set mode = "exec"'))
        self._hook = hook
        self._lock = lock
        self._environ = environ
        self._docker = docker_command(op.lookup.invocation)
        self._own = environment.for_compose(op.surroundings, exports)
        for name in environment.PLUGIN_VARIABLES:
            self._own.pop(name, None)
        self._values = variables(hook, environ, exports)
        self.problem: Problem | None = None  # if more is known than how it ended
        self._said = b""  # the last of what docker and the hook printed
        every = self._containers(op.surroundings.project.name)
        mine = _of_service(hook, every)
        others = [str(one["Image"]) for one in every if one.get("Image") not in {each.get("Image") for each in mine}]
        self._launches = [self._exec(container, number, others, asks=asks) for number, container in enumerate(mine)]

    @property
    def facts(self) -> dict[str, str]:
        """Where it runs, for the log."""
        names = ", ".join(launch.container for launch in self._launches)
        return {"service": self._hook.keys["service"], "container": names, "image": self._launches[0].image}

    def run(self, timeout: float, grace: float, start: Start, show: Callable[[bytes, int], None]) -> Steps[Ended]:
        """Run it in each container; the first failure ends that. The `timeout` is for all. Yields what it waits for."""
        end = time.monotonic() + timeout
        seconds = 0.0
        for launch in self._launches:
            if len(self._launches) > 1:
                show(f"{launch.container}:\n".encode(), 2)
            launch.guard.begin(grace, self._lock.descriptor if self._lock else -1)
            try:
                left = max(end - time.monotonic(), 0.1) if timeout else 0.0
                ended = yield from start(launch.argv, launch.environ, left, launch.guard)
            finally:
                launch.guard.end()
            seconds += ended.seconds
            if launch.guard.may_live:
                self._tell_what_may_live(launch)
            if ended.result != "ok":
                self.problem = self.problem or why_not_executed(self._hook, ended.exit_code, self._said)
                break
        return replaced(ended, seconds=seconds)

    def printed(self, data: bytes) -> None:
        """It printed this. Docker says on stdout too what it could not start."""
        self._said = (self._said + data)[-TAIL:]

    def _tell_what_may_live(self, launch: Launch) -> None:
        what = f"what {self._hook.name} started in {launch.container} may still run: it could not be ended"
        fix = f"docker restart {shell_quoted(launch.container)}"
        self.problem = Problem(what=what, where=self._hook.place, fix=fix)
        say(self.problem.line)

    def _exec(self, container: dict[str, Any], number: int, helpers: list[str], *, asks: bool) -> Launch:
        keys, identity = self._hook.keys, str(container["Id"])
        token = f"{self._environ[HOOK_ID]}.{number}"
        words, handed_on = _for_docker({**self._values, HOOK_ID: f"{token}/"})
        flags = [*(["-i"] if asks and not keys.get("pty") else []), *(["-t"] if keys.get("pty") else [])]
        flags += [f"--{key}={keys[key]}" for key in ("user", "workdir") if key in keys]
        return Launch(
            argv=[*self._docker, "exec", *flags, *words, identity, *kind_of(self._hook).argv(self._hook, [], "")],
            environ={**self._own, **handed_on, HOOK_ID: self._environ[HOOK_ID]},
            container=_name(container),
            image=str(container.get("Image", "")),
            guard=ContainerGuard(
                *(self._docker, self._own),
                token=token,
                container=identity,
                user=keys.get("user", ""),
                helpers=helpers,
            ),
        )

    def _containers(self, project: str) -> list[dict[str, Any]]:
        """The containers of the project, as the engine lists them. Raises NotInContainerError."""
        try:
            engine = Connection(self._docker, self._own)
            try:
                return engine.containers({"label": [f"{PROJECT}={project}", f"{ONE_OFF}=False"]})
            finally:
                engine.close()
        except EngineError as error:
            what = f"the engine can't be asked for the containers of {self._hook.keys['service']}: {error}"
            problem = Problem(what=what, where=self._hook.place, fix="docker version says more")
            raise NotInContainerError(problem) from error


def variables(hook: PlannedHook, environ: Mapping[str, str], exports: Mapping[str, str | None]) -> dict[str, str]:
    """What a hook sees beside what its container has: what it is told, what hooks exported, its `env`."""
    told = {name: environ[name] for name in TOLD if name in environ}
    exported = {
        name: value
        for name, value in exports.items()
        if value is not None and name.isascii() and name.isidentifier() and not reserved(name)
    }
    traced = kind_of(hook).traced(hook) if hook.trace else {}
    return {**told, **exported, **hook.keys.get("env", {}), **traced}


def _for_docker(values: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The words that hand `values` on, and what docker's environment needs: the list of processes shows no value."""
    words, handed_on = [], {}
    for name, value in values.items():
        if name.startswith(DOCKERS_OWN) and name != "COMPOSE_PROJECT_NAME":
            words.append(f"--env={name}={value}")
        else:
            words.append(f"--env={name}")
            handed_on[name] = value
    return words, handed_on


def _of_service(hook: PlannedHook, every: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The containers in which the hook runs, in order. Raises NotInContainerError."""
    service = hook.keys["service"]
    of_it = [one for one in every if _label(one, SERVICE) == service]
    running = sorted((one for one in of_it if one.get("State") == "running"), key=_number)
    if running:
        return running if hook.keys.get("replicas") == "all" else running[:1]
    states = ", ".join(f"{_name(one)} is {one.get('State')}" for one in sorted(of_it, key=_number))
    what = f"no container of {service} runs" + (f": {states}" if states else "")
    fix = f"docker compose up -d {shell_quoted(service)}"
    raise NotInContainerError(Problem(what=what, where=hook.place, fix=fix))


def _label(container: Mapping[str, Any], label: str) -> str:
    labels = container.get("Labels")
    return str(labels.get(label, "")) if isinstance(labels, dict) else ""


def _number(container: Mapping[str, Any]) -> tuple[int, str]:
    text = _label(container, NUMBER)
    return int(text) if text.isdigit() else 0, str(container.get("Id"))


def _name(container: Mapping[str, Any]) -> str:
    names = container.get("Names")
    return str(names[0]).lstrip("/") if isinstance(names, list) and names else str(container.get("Id", ""))[:12]
