"""What hookman says. It goes to stderr, because stdout belongs to Compose."""

from __future__ import annotations

import os

from hookman.base.redact import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STDERR = 2
VERSION = 1  # of the shape of our JSON lines
# The redactor of this process. The entry points and the run tell it what must not be shown.
redactor = Redactor()


class Style:
    """How messages look: the command line may ask for JSON lines, for warnings only, or for no line that moves."""

    is_json = False
    is_quiet = False
    moves = True
    under: Callable[[], None] | None = None  # removes what is drawn below all that is said


style = Style()


def say(text: str) -> None:
    """Tell the user something, each line marked as ours, secrets masked."""
    data = redactor.text(text.encode("utf-8", "surrogateescape"))
    if style.is_json:
        event("message", {"text": data.decode("utf-8", "replace")})
        return
    if style.under:
        style.under()
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    write("".join(f"hookman: {one_line(line)}\n" for line in lines).encode("utf-8", "surrogateescape"))


def event(kind: str, facts: Mapping[str, object], at: float | None = None) -> None:
    """Say what happened as a line of JSON; `at` is when, if not now. Secrets in `facts` must be masked."""
    import time

    from hookman.base.lean import json_line

    seconds = round(time.time() if at is None else at, 3)
    head = {"version": VERSION, "source": "hookman", "time": seconds, "type": kind}
    write(f"{json_line({**head, **facts})}\n".encode())


def say_beside(text: str) -> None:
    """Say something while Compose has the terminal. Its menu is in the last line, and Compose draws it again."""
    if style.moves and os.isatty(STDERR):
        write(b"\r\x1b[K")
    say(text)


def shown(name: object) -> str:
    """A text that can be printed in one line. All except visible UTF-8 characters and tabs is escaped."""
    text = str(name)
    if text.isprintable():
        return text
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in text)


def one_line(text: str) -> str:
    """A text for a line on stderr: control characters are escaped. A letter that is not UTF-8 stays as it is."""
    if text.isprintable():
        return text
    kept = (
        char if char.isprintable() or char == "\t" or "\udca0" <= char <= "\udcff" else shown(char) for char in text
    )
    return "".join(kept)


def write(data: bytes) -> None:
    """Write all of `data` to stderr, byte for byte. A closed stderr is not an error."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(STDERR, view) :]
        except BlockingIOError:
            import select

            select.select([], [STDERR], [])
        except OSError:
            return
