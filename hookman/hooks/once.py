"""`once`: a hook runs once for the project, the engine, the containers or a volume, and again for a new one."""

from __future__ import annotations

from hookman.base.lean import keyed_digest
from hookman.base.records import record
from hookman.compose.engine_api import Connection, EngineError, engine_of
from hookman.compose.labels import of_project, service_of
from hookman.consent.identity import identity
from hookman.hooks import volume
from hookman.hooks.not_known import UnknownError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

VOLUME = "volume:"
# What a hook that ran already ran for, in words.
WORDS = {"project": "this project", "engine": "this engine", "containers": "these containers"}


@record
class Bound:
    """What a hook is bound to now."""

    place: str  # there can be one such thing in each place, with a note of its own: an engine, a project on it
    thing: Mapping[str, str]  # tells the thing from another one in its place


def words(once: str) -> str:
    """What a hook with this `once` is bound to, in words."""
    return WORDS.get(once) or f"the volume {once.removeprefix(VOLUME)}"


def connected(invocation: Invocation, environ: Mapping[str, str]) -> Connection:
    """A connection to the engine that the command line means. Raises EngineError."""
    return Connection(engine_of(invocation, environ), environ)


def bound_to(
    once: str, services: list[str], invocation: Invocation, project: Project, environ: Mapping[str, str]
) -> Bound:
    """What a hook is bound to; containers are those of `services`, if given.

    Raises NoVolumeError and OSError: UnknownError if it is the engine that does not tell.
    """
    if once == "project":
        return Bound(place="", thing=_thing(repr(sorted(identity(project.directory).items()))))
    try:
        engine = connected(invocation, environ)
        try:
            return _on_engine(engine, once, services, project.name)
        finally:
            engine.close()
    except EngineError as error:
        raise UnknownError(str(error)) from error


def _on_engine(engine: Connection, once: str, services: list[str], project: str) -> Bound:
    """What a hook is bound to on the engine. Raises NoVolumeError and EngineError."""
    info = engine.get("/info")
    which = engine_id(info)
    if once == "engine":
        return Bound(place=which, thing={})
    if once == "containers":
        return Bound(place=f"{which}\0{project}", thing=_thing(_containers(engine, project, services)))
    facts = volume.facts(engine, info, project, once.removeprefix(VOLUME))
    return Bound(place=f"{which}\0{project}\0{facts[volume.NAME]}", thing={"engine": digest(which), **facts})


def engine_id(info: Mapping[str, Any]) -> str:
    """What tells the engine that says `info` from others. Podman has another `ID` in each answer."""
    return repr([info.get("Name"), info.get("DockerRootDir")]) if volume.is_podman(info) else str(info.get("ID"))


def digest(text: str) -> str:
    """A short text in the place of one that may be long or private."""
    return keyed_digest(text.encode("utf-8", "surrogateescape"), b"")


def _thing(text: str) -> dict[str, str]:
    return {"thing": digest(text)}


def _containers(engine: Connection, project: str, services: list[str]) -> str:
    found = engine.containers(of_project(project))
    labels = [(str(one.get("Id")), service_of(one)) for one in found]
    return " ".join(sorted(number for number, service in labels if not services or service in services))
