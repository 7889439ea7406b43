"""Headers that settings name for a request."""

from __future__ import annotations

from hookman import __version__
from hookman.base.redact import without_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Headers that the request has by itself.
OURS = ("content-type", "content-length", "content-encoding", "host", "connection", "transfer-encoding")
_TOKEN = frozenset("!#$%&'*+-.^_`|~")  # of RFC 9110, beside letters and digits


def mistake(name: str, value: str) -> str:
    """What is wrong with a header; "" if nothing is. The value is not in it: it may be a secret."""
    if not name or not name.isascii() or not all(char.isalnum() or char in _TOKEN for char in name):
        return f"{without_values(name)!r} is not the name of a header"
    if name.lower() in OURS:
        return f"{name} is set by hookman itself"
    if not all(char == "\t" or char.isprintable() for char in value) or not value.isascii():
        return f"the value of {name} has characters that a header can't have"
    return ""


def complete(own: Mapping[str, str], given: Mapping[str, str], user: str) -> dict[str, str]:
    """The headers of a request: its `own`, those that are `given`, and the user:password of its URL."""
    found = {"User-Agent": f"hookman/{__version__}", **own, **given}
    if user and "authorization" not in map(str.lower, found):
        import base64
        from urllib.parse import unquote

        found["Authorization"] = f"Basic {base64.b64encode(unquote(user).encode()).decode()}"
    return found
