"""One POST, with limits: nothing that a server does keeps us, and no redirect takes our headers elsewhere."""

from __future__ import annotations

import http.client
import signal
import ssl
import urllib.error
import urllib.request
from contextlib import contextmanager

from hookman.base.records import record
from hookman.export.destination import NotSentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

PATIENCE = 10.0  # seconds that all of a request may take
LONGEST_ANSWER = 64 * 1024  # bytes of an answer that are read
LONGEST_WAIT = 3600.0  # seconds that a server may have us wait


@record
class Answer:
    """What the server said."""

    status: int
    kind: str  # its content type
    body: bytes
    headers: Mapping[str, str]


def post(url: str, body: bytes, headers: Mapping[str, str], ca: str = "", patience: float = PATIENCE) -> Answer:
    """Send `body`, and return what the server says, whatever its status. Raises NotSentError if it says nothing.

    `ca` is the file with the certificates that its own must be signed with, in place of the system's. Main thread only.
    """
    request = urllib.request.Request(url, body, dict(headers), method="POST")  # noqa: S310 (http and https alone)
    try:
        with _within(patience):
            return _answer(_opener(ca), request, patience)
    except TimeoutError:
        raise NotSentError(f"no answer in {patience:g} s") from None
    except urllib.error.URLError as error:
        raise NotSentError(_why(error.reason, patience)) from None
    except ssl.SSLError as error:
        raise NotSentError(_why(error, patience)) from None
    except http.client.RemoteDisconnected:
        raise NotSentError("it closed the connection without an answer") from None
    except http.client.HTTPException:
        raise NotSentError("what answers there does not speak HTTP") from None
    except OSError as error:
        raise NotSentError(_why(error, patience)) from None
    except ValueError as error:  # a URL that http.client refuses
        raise NotSentError(f"can't be used: {error}") from None


def wait_of(answer: Answer) -> float:
    """The seconds that the server asks us to wait (Retry-After: seconds, or a date)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    from email.utils import parsedate_to_datetime
    from time import time

    try:
        return max(0.0, min(parsedate_to_datetime(text).timestamp() - time(), LONGEST_WAIT)) if text else 0.0
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _answer(opener: urllib.request.OpenerDirector, request: urllib.request.Request, patience: float) -> Answer:
    with opener.open(request, timeout=patience) as reply:
        return Answer(
            status=int(reply.status),
            kind=reply.headers.get_content_type() if reply.headers.get("content-type") else "",
            body=reply.read(LONGEST_ANSWER),
            headers={name.lower(): value for name, value in reply.headers.items()},
        )


def _opener(ca: str) -> urllib.request.OpenerDirector:
    """What opens http and https, also through a proxy that the environment names. It follows no redirect."""
    opener = urllib.request.OpenerDirector()
    opener.addheaders = [("User-Agent", "hookman")]
    opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(urllib.request.HTTPHandler())
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except (ssl.SSLError, OSError) as error:
        raise NotSentError(f"{ca} has no certificates in it ({error.strerror or error})") from None
    opener.add_handler(urllib.request.HTTPSHandler(context=context))
    return opener


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after `seconds`: a server that sends a byte now and then keeps nobody for ever."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _why(reason: object, patience: float) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(reason, TimeoutError):
        return f"no answer in {patience:g} s"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {reason.verify_message}"
    if isinstance(reason, ssl.SSLError):
        return f"no TLS there ({reason.reason or reason})"
    if isinstance(reason, OSError):
        return reason.strerror or str(reason) or type(reason).__name__
    return str(reason)
