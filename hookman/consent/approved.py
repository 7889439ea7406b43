"""`review = true`: a hook runs only with the content that the user approved.

What was approved is kept as a copy of each hook, so that a change can be shown. Only the
hook's own file is looked at, not what it calls or sources. A file is read once: the bytes that
are compared are those that are shown, and those that are kept if the user says yes.
"""

from __future__ import annotations

import errno
import os

from hookman.base.files import read_regular, replace_file
from hookman.base.lean import keyed_digest
from hookman.base.paths import make_private_dir

NEW = "new, and you have not approved it"
CHANGED = "not what you approved: it has changed"
FIX = "hookman review"
LIMIT = 1 << 20  # bytes of a hook; nobody looks at more
# Printable by their class, but invisible: fillers, joiners, variation selectors.
_INVISIBLE = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)}
_INVISIBLE |= {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


def kept_copy(approved: str, event: str, name: str, path: str) -> str:
    """Where the approved copy of a hook is below the directory `approved`; functions share that of their file."""
    file = os.path.basename(path)
    return os.path.join(approved, f"{event}%{name}" if file == name else file)


def kept_settings(approved: str, path: str) -> str:
    """Where the approved copy of the file at `path`, which has tables of hooks, is below the directory `approved`."""
    return os.path.join(approved, f"{os.path.basename(path)[:100]}-{keyed_digest(os.fsencode(path), b'')}")


def read(path: str) -> bytes:
    """The content of the hook at `path`. Raises OSError, also where it is no regular file or longer than LIMIT."""
    try:
        return read_regular(path, LIMIT)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        raise OSError(errno.EFBIG, f"it is too long to review: more than {LIMIT >> 20} MiB", path) from error


def difference_in_words(text: bytes, kept: str) -> str:
    """NEW or CHANGED; "" if the `text` of a hook is what was approved."""
    try:
        approved = read(kept)
    except OSError:
        return NEW
    return "" if approved == text else CHANGED


def difference(path: str, text: bytes, kept: str) -> str:
    """What changed between the approved copy and the `text` of the hook at `path`, as a unified diff to be shown."""
    import difflib

    try:
        before = read(kept)
    except OSError:
        before = b""
    lines = difflib.unified_diff(_lines(before), _lines(text), "approved", visible(path), lineterm="")
    return "".join(f"{line}\n" for line in lines)


def visible(text: str) -> str:
    """`text` with an escape for each character that is not seen, or that makes a terminal show something else."""
    return "".join(char if _is_seen(char) else _escaped(char) for char in text)


def approve(text: bytes, kept: str) -> None:
    """Keep the `text` of a hook as what is approved. Raises OSError."""
    make_private_dir(os.path.dirname(kept))
    replace_file(kept, text)


def _lines(data: bytes) -> list[str]:
    """The lines of a hook as they are shown. Only a newline ends a line, as in a shell."""
    if not data:
        return []
    lines = [visible(line) for line in data.decode("utf-8", "surrogateescape").split("\n")]
    if lines[-1]:
        return [*lines, "\\ no newline at the end"]
    return lines[:-1]


def _is_seen(char: str) -> bool:
    return char == "\t" or (char.isprintable() and ord(char) not in _INVISIBLE)


def _escaped(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{number - 0xDC00:02x}"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
