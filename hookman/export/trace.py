"""Trace ids (W3C Trace Context): those of a run and its hooks follow from the run's id, so nobody has to keep them."""

from __future__ import annotations

from hookman.base.lean import keyed_digest

VARIABLE = "TRACEPARENT"
_KEY = b"hookman trace"
_LENGTHS = (2, 32, 16, 2)
_HEX = frozenset("0123456789abcdef")


def parts(text: str) -> tuple[str, str] | None:
    """The trace and the span in a TRACEPARENT; None if it is not valid."""
    fields = text.split("-")
    if len(fields) < 4 or (fields[0] == "00" and len(fields) > 4) or fields[0] == "ff":
        return None
    if any(len(field) != length or not _HEX.issuperset(field) for field, length in zip(fields, _LENGTHS, strict=False)):
        return None
    return (fields[1], fields[2]) if fields[1].strip("0") and fields[2].strip("0") else None


class Trace:
    """The ids of the run `run`. `given` is the TRACEPARENT that it was started with, "" if there was no valid one."""

    def __init__(self, run: str, given: str = "") -> None:
        found = parts(given)
        self.given = given if found else ""
        self._run = run
        self.id, self.parent = found or (_digest(f"{run} 1") + _digest(f"{run} 2"), "")
        self.root = self.span("run")

    def span(self, *what: str) -> str:
        """The id of a span of the run: `what` names it."""
        return _digest("\0".join((self._run, *what)))

    def attempt(self, event: str, name: str, number: int) -> str:
        """The id of the span of an attempt of a hook; of all its attempts, if the number is 0."""
        return self.span("hook", event, name, str(number))

    def variables(self, event: str, name: str, number: int) -> dict[str, str]:
        """What an attempt of a hook gets: what it sends itself is below its span."""
        return {VARIABLE: self.parent_of(self.attempt(event, name, number))}

    def parent_of(self, span: str) -> str:
        """The TRACEPARENT for what goes on below a span."""
        return f"00-{self.id}-{span}-01"


def _digest(text: str) -> str:
    return keyed_digest(text.encode("utf-8", "surrogateescape"), _KEY)
