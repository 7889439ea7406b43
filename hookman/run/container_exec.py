"""A hook in containers that run: `docker exec`, whose stdout, stderr and exit code are the hook's own."""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.base.process_tree import HOOK_ID
from hookman.base.quoting import shell_quoted
from hookman.compose.engine_api import Connection, EngineError, engine_of
from hookman.compose.labels import NUMBER, label_of, name_of, of_project, service_of
from hookman.hooks.container_kind import NotInContainerError
from hookman.run.container_check import ContainerCheck
from hookman.run.container_guard import ContainerGuard
from hookman.run.container_launch import Launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.hooks.planned import PlannedHook
    from hookman.run.container_launch import Context

# Names by which docker itself goes: their values are on its command line, and not in its environment.
DOCKERS_OWN = (
    *("PATH", "HOME", "TMPDIR", "LD_", "SSH_", "XDG_", "GODEBUG", "COMPOSE_", "OTEL_", HOOK_ID),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_", "DOCKER_TLS", "DOCKER_API_", "DOCKER_CLI_"),
)


def launches(context: Context) -> tuple[list[Launch], Connection]:
    """How to start the hook in each of its containers, and a connection to the engine. Raises NotInContainerError."""
    project = context.op.surroundings.project.name
    try:
        environ = context.clients()
        engine = Connection(engine_of(context.op.lookup.invocation, environ), environ)
        try:
            every = engine.containers(of_project(project))
            mine = _of_service(context.hook, every)
            images = {one.get("Image") for one in mine}
            helpers = list(dict.fromkeys(str(one["Image"]) for one in every if one.get("Image") not in images))
            return [_launch(context, engine, one, number, helpers) for number, one in enumerate(mine)], engine
        except BaseException:
            engine.close()
            raise
    except EngineError as error:
        what = f"the engine can't be asked for the containers of {context.hook.keys['service']}: {error}"
        problem = Problem(what=what, where=context.hook.place, fix="docker version says more")
        raise NotInContainerError(problem) from error


def _launch(context: Context, engine: Connection, container: dict[str, Any], number: int, helpers: list[str]) -> Launch:
    keys, identity, docker, environ = context.hook.keys, str(container["Id"]), context.docker, context.clients()
    token = f"{context.token}.{number}"
    words, handed_on = for_docker({**context.told(), **context.own(), HOOK_ID: f"{token}/"})
    flags = ["-t"] if keys.get("pty") else ["-i"] if context.asks else []
    flags += [f"--{key}={keys[key]}" for key in ("user", "workdir") if key in keys]
    return Launch(
        argv=[*docker, "exec", *flags, *words, identity, *context.words()],
        environ={**environ, **handed_on, HOOK_ID: context.token},
        container=name_of(container),
        check=ContainerCheck(engine, identity, name_of(container), context.words()),
        image=str(container.get("Image", "")),
        guard=ContainerGuard(
            docker, environ, token=token, container=identity, user=keys.get("user", ""), helpers=helpers
        ),
    )


def for_docker(values: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The words that pass `values` on, and what docker's environment needs. So the list of processes shows no value."""
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
    of_it = sorted((one for one in every if service_of(one) == service), key=_number)
    running = [one for one in of_it if one.get("State") == "running"]
    if running:
        return running if hook.keys.get("replicas") == "all" else running[:1]
    states = ", ".join(f"{name_of(one)} is {one.get('State')}" for one in of_it)
    what = f"no container of {service} runs" + (f": {states}" if states else "")
    fix = f"docker compose up -d {shell_quoted(service)}"
    raise NotInContainerError(Problem(what=what, where=hook.place, fix=fix), known=bool(of_it))


def _number(container: Mapping[str, Any]) -> tuple[int, str]:
    text = label_of(container, NUMBER)
    return int(text) if text.isdigit() else 0, str(container.get("Id"))
