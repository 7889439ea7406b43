"""Which volume is there: facts by which a later look tells whether the volume was made anew meanwhile.

No engine gives a volume an id, and CreatedAt can't serve as one: Docker before 23.0 tells when the top directory of the
volume last changed. So only what is sure counts as a sign of another volume. If nothing is sure, it counts as the same
one, because a hook that runs again on a full database can destroy it.
"""

from __future__ import annotations

import json
import os

from hookman.base.errors import Problem
from hookman.base.lean import birth_time, keyed_digest
from hookman.base.suggestion import did_you_mean
from hookman.compose.engine_api import filtered
from hookman.compose.labels import PROJECT, VOLUME
from hookman.hooks.not_known import NoVolumeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.engine_api import Connection

LOCAL = "local"  # the driver that all engines have
KEEPS_TIME = 23  # the first Docker whose CreatedAt stays as it is
LOOKS = 3  # at a directory whose engine writes to it meanwhile
# What is noted of a volume.
NAME, MADE, CONTAINERS, BORN, BESIDE, CREATED = "volume", "made", "containers", "born", "beside", "created"


def is_podman(info: Mapping[str, Any]) -> bool:
    """Is the engine that says `info` Podman?"""
    return "BuildahVersion" in info


def facts(engine: Connection, info: Mapping[str, Any], project: str, name: str) -> dict[str, str]:
    """What is to be noted of the volume that the compose file calls `name`, or else of that name on the engine.

    Raises NoVolumeError and EngineError.
    """
    found = _found(engine, project, name)
    keeps_time = found.get("Driver") == LOCAL and _keeps_time(info)
    born, beside = _births(found, info)
    for _ in range(LOOKS):
        if born:
            break
        found = _found(engine, project, name)
        born, beside = _births(found, info)
    made = json.dumps([found.get("Driver"), found.get("Options") or {}, found.get("Labels") or {}], sort_keys=True)
    volume = str(found.get("Name"))
    mounting = engine.containers({"volume": [volume]})
    return {
        NAME: volume,
        MADE: keyed_digest(made.encode("utf-8", "surrogateescape"), b""),
        CONTAINERS: " ".join(sorted(str(one.get("Id")) for one in mounting if _mounts(one, volume))),
        BORN: born,
        BESIDE: beside,
        CREATED: str(_instant(found.get("CreatedAt")) or "") if keeps_time else "",
    }


def made_anew(noted: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Was the volume removed and created again since it was `noted`? False if that is not certain."""
    if set(noted.get(CONTAINERS, "").split()) & set(now[CONTAINERS].split()):
        return False  # no engine removes a volume that a container mounts
    if noted.get(MADE) != now[MADE]:
        return True  # nothing changes the labels of a volume
    if noted.get(BORN) and now[BORN]:
        # If the directory of all volumes is another one too, the engine's files were copied to another place.
        return noted[BORN] != now[BORN] and noted.get(BESIDE) == now[BESIDE]
    return bool(noted.get(CREATED) and now[CREATED]) and noted[CREATED] != now[CREATED]


def there(engine: Connection, names: list[str]) -> set[str] | None:
    """Which of the volumes are there; None if the engine can't tell for sure. Raises EngineError."""
    answer = engine.get(f"/volumes?{filtered({'name': names})}")
    if answer.get("Warnings"):  # one of its volume drivers does not answer
        return None
    return {str(one.get("Name")) for one in answer.get("Volumes") or ()}


def _found(engine: Connection, project: str, name: str) -> dict[str, Any]:
    """What the engine says of the volume. Raises NoVolumeError and EngineError."""
    answer = engine.get(f"/volumes?{filtered({'label': [f'{PROJECT}={project}']})}")
    own = {(one.get("Labels") or {}).get(VOLUME): one for one in answer.get("Volumes") or ()}
    found = own.get(name)
    if found is None:
        every = engine.get(f"/volumes?{filtered({'name': [name]})}").get("Volumes") or ()
        found = next((one for one in every if one.get("Name") == name), None)
    if found is None:
        fix = did_you_mean(name, [*filter(None, own)], "docker volume ls shows those that there are")
        raise NoVolumeError(Problem(what=f"the project has no volume {name}", where=name, fix=fix))
    return dict(found)


def _mounts(container: Mapping[str, Any], volume: str) -> bool:
    return any(mount.get("Name") == volume for mount in container.get("Mounts") or ())


def _keeps_time(info: Mapping[str, Any]) -> bool:
    major = str(info.get("ServerVersion", "")).partition(".")[0]
    return is_podman(info) or (major.isascii() and major.isdigit() and int(major) >= KEEPS_TIME)


def _births(found: Mapping[str, Any], info: Mapping[str, Any]) -> tuple[str, str]:
    """When the directories of the volume and of all volumes were created; "" if they are not on this machine.

    An engine elsewhere may name a directory that this machine has too. The engine's time of the volume is that of
    a change of one of its directories, so that tells.
    """
    content = str(found.get("Mountpoint") or "")
    if found.get("Driver") != LOCAL or os.path.basename(content) != "_data":
        return "", ""
    directory = os.path.dirname(content)
    try:
        seen = os.stat(directory if _keeps_time(info) else content).st_ctime
    except OSError:
        return "", ""
    created = _instant(found.get("CreatedAt"))
    if created is None or abs(int(seen) - created) > (1 if is_podman(info) else 0):
        return "", ""
    born, beside = birth_time(directory), birth_time(os.path.dirname(directory))
    return (born, beside) if born and beside else ("", "")


def _instant(text: object) -> int | None:
    """A time of the engine, in seconds. It writes them in its own time zone, which may change."""
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except (ValueError, OverflowError):
        return None
