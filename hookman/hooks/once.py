"""`once`: what a hook is bound to: the project, the engine, containers, a volume. It runs again for another one."""

from __future__ import annotations

import json
from urllib.parse import quote

from hookman.base.errors import Problem
from hookman.base.suggestion import did_you_mean
from hookman.compose.engine_api import Connection, docker_command
from hookman.consent.identity import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

PROJECT = "com.docker.compose.project"
VOLUME = "volume:"
# What a hook that ran already ran for, in words.
WORDS = {"project": "this project", "engine": "this engine", "containers": "these containers"}


class NoVolumeError(Exception):
    """The project has no such volume on the engine; `problem` says which it has."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def words(once: str) -> str:
    """What a hook with this `once` is bound to, in words."""
    return WORDS.get(once) or f"the volume {once.removeprefix(VOLUME)}"


def bound_to(
    once: str, services: list[str], invocation: Invocation, project: Project, environ: Mapping[str, str]
) -> str:
    """What tells the thing that a hook is bound to from any other; containers are those of `services`, if given.

    Raises EngineError, NoVolumeError, and OSError.
    """
    if once == "project":
        return repr(sorted(identity(project.directory).items()))
    engine = Connection(docker_command(invocation), environ)
    try:
        if once == "engine":
            return str(engine.get("/info").get("ID"))
        if once == "containers":
            return _containers(engine, project.name, services)
        return _volume(engine, project.name, once.removeprefix(VOLUME))
    finally:
        engine.close()


def _containers(engine: Connection, project: str, services: list[str]) -> str:
    found = engine.containers({"label": [f"{PROJECT}={project}", "com.docker.compose.oneoff=False"]})
    labels = [(str(one.get("Id")), one.get("Labels", {}).get("com.docker.compose.service")) for one in found]
    return " ".join(sorted(number for number, service in labels if not services or service in services))


def _volume(engine: Connection, project: str, name: str) -> str:
    """The volume that the compose file calls `name`, or else of that name on the engine."""
    answer = engine.get(f"/volumes?filters={quote(json.dumps({'label': [f'{PROJECT}={project}']}))}")
    own = {one["Labels"].get("com.docker.compose.volume"): one for one in answer.get("Volumes") or ()}
    found = own.get(name)
    if found is None:
        every = engine.get(f"/volumes?filters={quote(json.dumps({'name': [name]}))}").get("Volumes") or ()
        found = next((one for one in every if one.get("Name") == name), None)
    if found is None:
        fix = did_you_mean(name, [*filter(None, own)], "docker volume ls shows those that there are")
        raise NoVolumeError(Problem(what=f"the project has no volume {name}", where=name, fix=fix))
    return f"{found.get('Name')} {found.get('CreatedAt')}"
