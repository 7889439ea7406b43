"""What the answer of a server means: it took what was sent, it may take the same later, or never."""

from __future__ import annotations

from hookman.base.messages import one_line, redactor
from hookman.base.records import record
from hookman.export import http, url
from hookman.export.destination import NotSentError, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from hookman.export.http import Answer

LONGEST_TEXT = 200  # characters of what somebody says that are shown
REDIRECTS = range(300, 400)


@record
class Statuses:
    """What the statuses of a kind of server mean, beside 200 to 299: it took it. What is in no list is doubtful."""

    later: Container[int]  # it may take the same later
    refused: Container[int]  # it never takes the same; what is in `later` as well is not
    fixes: tuple[tuple[Container[int], str], ...]  # how to fix what these say
    refusal: str = ""  # what is told beside a refusal


def judged(answer: Answer, statuses: Statuses) -> str:
    """What a server says that took what was sent. Raises NotSentError and RefusedError."""
    status, said = answer.status, _said(answer)
    told = f"it says {status}" + (f": {said}" if said else "")
    if 200 <= status < 300:
        return told
    if status in REDIRECTS:
        told = f"it redirects to {_server_of(answer)}"
    fix = next((fix for those, fix in statuses.fixes if status in those), "")
    wait = http.wait_of(answer)
    if status in statuses.later:
        raise NotSentError(told, fix=fix, wait=wait)
    if status in statuses.refused:
        raise RefusedError(told + statuses.refusal, fix=fix)
    raise NotSentError(told, fix=fix, wait=wait, doubtful=True)


def short(text: str) -> str:
    """What a server or a program says, for people: one line, masked, and not too long."""
    return redactor.shown(one_line(" ".join(text.split())))[:LONGEST_TEXT]


def _said(answer: Answer) -> str:
    """The reason that an answer gives."""
    import json

    if answer.kind == "text/html":
        return ""
    text = answer.body.decode("utf-8", "replace").strip()
    try:
        found = json.loads(text)
        text = str(found.get("message") or found.get("error") or text) if isinstance(found, dict) else text
    except (ValueError, RecursionError):
        pass
    return short(text)


def _server_of(answer: Answer) -> str:
    """Where a redirect leads, without what may be secret."""
    try:
        return url.checked(answer.headers.get("location", "")).server
    except url.WrongUrlError:
        return "another place"
