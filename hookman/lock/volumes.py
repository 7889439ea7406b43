"""What a lease asks the engine, as requests for volumes, and what the engine answers, as lease.py wants it."""

from __future__ import annotations

import os

from hookman.base.lean import json_line, keyed_digest
from hookman.base.records import record
from hookman.compose.engine_api import EngineError, filtered
from hookman.compose.round_trip import BAD, Request, RoundTrips
from hookman.lock.epochs import CLOSED, FREE, HELD, Answer, Volume
from hookman.lock.identity import volume_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.compose.endpoint import Endpoint
    from hookman.compose.engine_id import EngineNote
    from hookman.compose.round_trip import Response
    from hookman.lock.epochs import Ask

LABEL = "hookman."
REFUSALS = (401, 403, 404, 405, 501)
LONGEST_REASON = 200  # characters of a text that should have been JSON
NONCE = f"{LABEL}nonce"
LONGEST_LABEL = 500  # characters of what a label tells: a command line can be long
NO_VOLUMES = "let hookman create, list and remove volumes there"
LARGEST_EPOCH = 10**15  # nobody takes so many leases: who has it created the volume by hand


class NoVolumesError(Exception):
    """The engine can be reached, and refuses volumes or has none."""


@record
class Lessee:
    """Who has a lease, or gave it back, as its volume's labels tell."""

    run: str
    state: str
    user: str = ""
    host: str = ""
    pid: int = 0
    command: str = ""
    since: int = 0  # seconds since the epoch, on the clock of its machine
    place: str = ""  # tells the directory of one lock from that of another
    message: str = ""  # of CLOSED
    limit: float = 0.0  # of CLOSED: how many seconds it lasts; 0: for ever
    expiry: float = 0.0

    @classmethod
    def of(cls, volume: Volume) -> Lessee:
        """The one whom the labels of a volume name; what they lack or is no number is left out."""
        told = volume.labels
        words = {name: told.get(f"{LABEL}{name}", "") for name in ("user", "host", "command", "place", "message")}
        return cls(
            run=volume.run,
            state=volume.state,
            pid=int(_number(told, "pid")),
            since=int(_number(told, "since")),
            limit=_number(told, "limit"),
            expiry=volume.expiry,
            **words,
        )

    def labels(self) -> dict[str, str]:
        """The labels that tell it."""
        return {f"{LABEL}{name}": str(value)[:LONGEST_LABEL] for name, value in self.__dict__.items() if value}


class Volumes:
    """The volumes of one project's lease on one engine. It connects when it is asked, and again after an error."""

    def __init__(self, endpoint: Endpoint, environ: Mapping[str, str], project: str) -> None:
        self.endpoint = endpoint
        self.project = project
        self.prefix = volume_prefix(project)
        self.note: EngineNote | None = None  # asks the engine who it is as well, once
        self._environ = environ
        self._connection: RoundTrips | None = None

    @property
    def identity(self) -> str:
        """What tells these volumes from those of another project or engine. An address may have a password in it.

        Also the machine: several may have one home, on a file system where locks of one keep nobody out on another.
        """
        words = f"{self.endpoint.host} {self.prefix} {os.uname().nodename}"
        return keyed_digest(words.encode("utf-8", "surrogateescape"), b"lease")

    def fileno(self) -> int:
        """The descriptor of the connection; -1 if there is none."""
        return self._connection.fileno() if self._connection else -1

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def ask(self, ask: Ask, who: Lessee, patience: float) -> Answer:
        """Ask the engine, in one round trip, for `who`. Raises EngineError, and NoVolumesError."""
        requests = [Request(method="DELETE", path=f"/volumes/{self.prefix}{epoch}") for epoch in ask.remove]
        if ask.create:
            if ask.create > LARGEST_EPOCH:
                name = f"{self.prefix}{ask.create - 1}"
                what = f"somebody created the volume {name}, after which there is none (docker volume rm)"
                raise NoVolumesError(what)
            told = {"Name": f"{self.prefix}{ask.create}", "Labels": {**who.labels(), NONCE: ask.nonce}}
            requests.append(Request(method="POST", path="/volumes/create", body=json_line(told).encode()))
        requests.append(Request(method="GET", path=f"/volumes?{filtered({'name': [self.prefix]})}"))
        note = self.note if ask.create and self.note and not self.note.is_fresh else None
        requests += [Request(method="GET", path="/info")] if note else []
        try:
            if self._connection is None:
                self._connection = self._connect(patience)
            responses = self._connection.ask(requests, patience, optional=1 if note else 0)
            if note:
                self._note_engine(note, responses.pop())
            return self._answer(responses, len(ask.remove), len(requests) - (1 if note else 0))
        except (EngineError, NoVolumesError):
            self.close()
            raise

    def _note_engine(self, note: EngineNote, told: Response) -> None:
        """Take what the engine told of itself. One that did not is not asked again."""
        self.note = None
        if not told.status:
            self.close()  # the answer may still come
        elif told.status < BAD:
            note.take(b"", told.body)

    def _answer(self, responses: list[Response], removed: int, asked: int) -> Answer:
        """What the engine answered to as many removals, a creation (or not) and the list."""
        if len(responses) < asked:
            raise _failed(responses[-1]) if len(responses) > removed else EngineError("it has ended the connection")
        created = responses[removed] if asked > removed + 1 else None
        return Answer(made=self._made(created), volumes=self._listed(responses[-1]))

    def why(self, error: EngineError | NoVolumesError, patience: float) -> tuple[str, str]:
        """What is wrong where the engine gave no lease, and how to fix it."""
        from hookman.compose.unreachable import fix_of, why

        if isinstance(error, NoVolumesError):
            return str(error), fix_of(str(error), self.endpoint, NO_VOLUMES)
        return why(self.endpoint, error, self._environ, patience)

    def _connect(self, patience: float) -> RoundTrips:
        return RoundTrips(self.endpoint, self._environ, patience)

    def _made(self, response: Response | None) -> Volume | None:
        """The volume that was created, or was there; None if nothing was asked, or somebody was faster."""
        if response is None:
            return None
        if response.status >= 400:
            why = _message(response)
            if response.status in (409, 500) and "exist" in why:  # Podman, where two create it at once
                return None
            raise _failed(response)
        return self._volume(_table(response.parsed()), response.date)

    def _listed(self, response: Response) -> tuple[Volume, ...]:
        if response.status >= 400:
            raise _failed(response)
        found = _table(response.parsed()).get("Volumes") or []
        if not isinstance(found, list):
            raise EngineError("the engine did not return a list of volumes")
        volumes = (self._volume(one, response.date) for one in found if isinstance(one, dict))
        return tuple(one for one in volumes if one)

    def _volume(self, found: dict[str, Any], date: str) -> Volume | None:
        """One epoch; None for a volume whose name only looks like one."""
        name, labels = found.get("Name"), found.get("Labels")
        number = name.removeprefix(self.prefix) if isinstance(name, str) and name.startswith(self.prefix) else ""
        if not (number.isascii() and number.isdigit() and number[0] != "0" and int(number) <= LARGEST_EPOCH):
            return None
        told = {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
        state = told.get(f"{LABEL}state", HELD)  # of one that somebody created by hand: until it expires
        return Volume(
            epoch=int(number),
            run=told.get(f"{LABEL}run", ""),
            nonce=told.get(NONCE, ""),
            state=state if state in (FREE, CLOSED) else HELD,
            expiry=min(_number(told, "expiry"), 600.0),
            is_over=state == CLOSED and _is_over(found.get("CreatedAt"), date, _number(told, "limit")),
            labels=told,
        )


def _is_over(created: object, date: str, limit: float) -> bool:
    """Has a lock for maintenance lasted for its `limit`? Both times are from the engine's clock."""
    if not limit:
        return False
    from datetime import datetime
    from email.utils import parsedate_to_datetime

    try:
        return (parsedate_to_datetime(date) - datetime.fromisoformat(str(created))).total_seconds() >= limit
    except (ValueError, TypeError):
        return False


def _failed(response: Response) -> EngineError | NoVolumesError:
    """The error that an answer with a status of 400 or more stands for: who does not refuse may do better later."""
    kind = NoVolumesError if response.status in REFUSALS else EngineError
    return kind(f"{_message(response)} (HTTP {response.status})")


def _message(response: Response) -> str:
    try:
        told = str(_table(response.parsed()).get("message", ""))
    except EngineError:
        told = response.body.decode("utf-8", "replace")
    return "no reason given" if not told or "<" in told[:1] else " ".join(told.split())[:LONGEST_REASON]


def _table(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise EngineError("the engine's answer is not what was asked for")
    return found


def _number(told: Mapping[str, str], name: str) -> float:
    try:
        number = float(told.get(f"{LABEL}{name}", "0"))
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e12 else 0.0
