"""A message as each kind of server wants it: the body and the headers of a POST."""

from __future__ import annotations

import json

from hookman.export.message import TEST, cut
from hookman.export.verdict import FAILED, INTERRUPTED, OK, RECOVERED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.export.message import Message

LONGEST_SLACK = 3500  # characters; it cuts after 4,000
LONGEST_NTFY = 3500  # bytes; more than 4,096 become a file
JSON = "application/json"
# https://docs.ntfy.sh/publish: emojis by their names, and 4 is "high".
TAGS = {FAILED: "x", RECOVERED: "white_check_mark", OK: "white_check_mark", INTERRUPTED: "warning", TEST: "wave"}
SIGNS = {FAILED: "❌", RECOVERED: "✅", OK: "✅", INTERRUPTED: "⚠️", TEST: "👋"}
PRIORITIES = {FAILED: "4"}


def written(message: Message, kind: str) -> tuple[bytes, dict[str, str]]:
    """The body of a message in the format `kind`, and its headers."""
    return {"json": _json, "slack": _slack, "ntfy": _ntfy}[kind](message)


def _json(message: Message) -> tuple[bytes, dict[str, str]]:
    return document(message), {"Content-Type": JSON}


def document(message: Message) -> bytes:
    """The facts of a message. Names that are not UTF-8 are as in the log."""
    return json.dumps(message.facts).encode() + b"\n"


def _slack(message: Message) -> tuple[bytes, dict[str, str]]:
    """Text alone: nothing in it is a link, a mention (<!channel>) or bold."""
    text = _utf8(cut(f"{SIGNS[message.event]} {message.text}", LONGEST_SLACK))
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, name)
    return json.dumps({"text": text, "mrkdwn": False}).encode(), {"Content-Type": JSON}


def _ntfy(message: Message) -> tuple[bytes, dict[str, str]]:
    body = _utf8("\n".join(message.lines) or message.title).encode()
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Title": _header(message.title),
        "Tags": TAGS[message.event],
        "Priority": PRIORITIES.get(message.event, "3"),
    }
    return body[:LONGEST_NTFY].decode("utf-8", "ignore").encode(), headers


def _header(text: str) -> str:
    """A text that a header can have: one line, and all but ASCII encoded (RFC 2047)."""
    import base64

    if text.isascii() and text.isprintable():
        return text
    return f"=?UTF-8?B?{base64.b64encode(_utf8(text).encode()).decode()}?="


def _utf8(text: str) -> str:
    """A text without what UTF-8 can't say."""
    return text.encode("utf-8", "replace").decode()
