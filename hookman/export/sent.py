"""What became of the last attempts to send, server by server: for the next sender, and for `hookman doctor`."""

from __future__ import annotations

import time

from hookman.base.messages import redactor
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from hookman.export.destination import NotSentError
    from hookman.export.spool import Spool


@record
class Trouble:
    """Why a server did not take what was sent last."""

    server: str
    what: str
    where: str
    fix: str
    at: float
    until: float  # when it may be asked again


class Account:
    """The state of the spool, read at the beginning of a `with` and kept at its end."""

    def __init__(self, spool: Spool, failed: set[str]) -> None:
        self._spool = spool
        self._state: dict[str, Any] = {}
        self._failed = failed  # the servers that took nothing from this sender

    def __enter__(self) -> Self:
        self._state = self._spool.state()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.keep_state(self._state)

    def is_to_wait(self, server: str) -> bool:
        """Is nothing to be sent there for now?"""
        until = _number(_table(_table(self._state, "servers"), server).get("until"))
        return server in self._failed or until > time.time()

    def failed(self, server: str, error: NotSentError) -> None:
        """Note that a server took nothing. What was not sent is kept."""
        self._failed.add(server)
        self._note(server, error, until=time.time() + error.wait if error.wait else 0.0)

    def refused(self, server: str, error: NotSentError) -> None:
        """Note that a server refused a run, which is not sent there again."""
        self._state["refused"] = self.refusals + 1
        self._note(server, error, refused=True)

    def nothing_waits(self) -> None:
        """Forget why servers took nothing: all of it is elsewhere now. What was refused stays known."""
        servers = _table(self._state, "servers")
        self._state["servers"] = {
            name: facts for name, facts in servers.items() if _table(servers, name).get("refused")
        }

    def took(self, server: str) -> None:
        """Note that a server took a run."""
        servers = _table(self._state, "servers")
        self._state["servers"] = {name: facts for name, facts in servers.items() if name != server}
        self._state["sent"] = round(time.time(), 3)

    def dropped(self) -> None:
        """Note that a run was dropped unsent."""
        self._state["dropped"] = self.drops + 1

    @property
    def drops(self) -> int:
        """How many runs were dropped unsent, because too many waited, or for too long."""
        return int(_number(self._state.get("dropped")))

    @property
    def refusals(self) -> int:
        """How many runs were refused."""
        return int(_number(self._state.get("refused")))

    @property
    def troubles(self) -> list[Trouble]:
        """The servers that did not take what was sent last."""
        servers = _table(self._state, "servers")
        return [
            Trouble(
                server=server,
                what=str(facts.get("what", "")),
                where=str(facts.get("where", "")),
                fix=str(facts.get("fix", "")),
                at=_number(facts.get("at")),
                until=_number(facts.get("until")),
            )
            for server, facts in servers.items()
            if isinstance(facts, dict)
        ]

    def _note(self, server: str, error: NotSentError, until: float = 0.0, *, refused: bool = False) -> None:
        facts: dict[str, Any] = {
            "what": redactor.shown(error.what),
            "where": error.where,
            "fix": redactor.shown(error.fix),
            "at": round(time.time(), 3),
            "until": round(until, 3),
            **({"refused": True} if refused else {}),
        }
        self._state["servers"] = {**_table(self._state, "servers"), server: facts}


def account_of(spool: Spool) -> Account:
    """What the state says, to read."""
    return Account(spool, set()).__enter__()


def _table(state: dict[str, Any], key: str) -> dict[str, Any]:
    found = state.get(key)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
