"""What hookman says while it stands in front of Compose: on stderr, for stdout is Compose's."""

from __future__ import annotations

import os

from hookman.redact import Redactor

STDERR = 2
# The one of this process, which the entry points and the run tell what must not be shown.
redactor = Redactor()


def say(text: str) -> None:
    """Tell the user something, each line marked as ours, secrets masked."""
    data = redactor.text(text.encode("utf-8", "surrogateescape"))
    write(b"".join(b"hookman: " + line + b"\n" for line in data.split(b"\n")))


def shown(name: object) -> str:
    """A name as it can be printed: what is not UTF-8 or no visible character is escaped."""
    text = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def write(data: bytes) -> None:
    """Write all of `data` to stderr, byte for byte. A closed stderr is nobody's fault: it is passed over."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(STDERR, view) :]
        except BlockingIOError:
            import select

            select.select([], [STDERR], [])
        except OSError:
            return
