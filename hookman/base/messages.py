"""What hookman says in front of Compose. It goes to stderr, for stdout belongs to Compose."""

from __future__ import annotations

import os

from hookman.base.redact import Redactor

STDERR = 2
# The redactor of this process. The entry points and the run tell it what must not be shown.
redactor = Redactor()


def say(text: str) -> None:
    """Tell the user something, each line marked as ours, secrets masked."""
    data = redactor.text(text.encode("utf-8", "surrogateescape"))
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    write("".join(f"hookman: {one_line(line)}\n" for line in lines).encode("utf-8", "surrogateescape"))


def say_beside(text: str) -> None:
    """Say something while Compose has the terminal: its menu is in the last line, and draws itself anew."""
    if os.isatty(STDERR):
        write(b"\r\x1b[K")
    say(text)


def shown(name: object) -> str:
    """A text as it can be printed in one line: what is not UTF-8 or no visible character is escaped, but for tabs."""
    text = str(name)
    if text.isprintable():
        return text
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in text)


def one_line(text: str) -> str:
    """A text for a line on stderr: control characters are escaped; a letter that is not UTF-8 stays as it is."""
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
