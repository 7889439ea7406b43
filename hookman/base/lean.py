"""The C halves of standard modules whose Python halves cost a run more than a hook does.

On the way from the shim to Compose an import is paid by every command (docs/how-it-works.md has
the numbers). To type checkers these are the modules themselves.
"""

from __future__ import annotations

import os
import sys

from hookman.base.system import PORTABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any
else:
    import _signal as signal  # `signal` makes enums of its numbers: 4 ms

__all__ = ["birth_time", "json_line", "json_value", "keyed_digest", "set_death_signal", "signal"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
# linux/fcntl.h, linux/stat.h
_AT_FDCWD = -100
_STATX_BTIME = 0x800
_NUMBERS = {None: "null", True: "true", False: "false"}


def set_death_signal(number: int) -> None:
    """Have the kernel send this process the signal `number` when its parent dies (Linux, prctl(2))."""
    try:
        import _ctypes  # `ctypes` makes types of all of C: 3 ms

        prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]  # None is the program
        _ctypes.call_function(prctl, (_PR_SET_PDEATHSIG, number, 0, 0, 0))
    except (ImportError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def birth_time(path: str) -> str:
    """When the file at `path` was created, as far as its file system knows and Python can ask; "" where not."""
    try:
        if sys.platform == "linux" and not PORTABLE:
            return _birth_time(path)
        return repr(os.stat(path).st_birthtime)  # type: ignore[attr-defined,unused-ignore]  # BSD, macOS
    except (OSError, ImportError, AttributeError):  # no such file; a libc without statx, a Python without ctypes
        return ""


def _birth_time(path: str) -> str:
    asked = (_AT_FDCWD, os.fsencode(path), 0, _STATX_BTIME)
    try:
        import _ctypes

        statx = _ctypes.dlsym(_ctypes.dlopen(None, 0), "statx")  # type: ignore[arg-type]  # None is the program
        byte = type("Byte", (_ctypes._SimpleCData,), {"_type_": "c"})  # noqa: SLF001 (what ctypes.c_char is)
        buffer = type("Statx", (_ctypes.Array,), {"_type_": byte, "_length_": 256})()
        failed = _ctypes.call_function(statx, (*asked, buffer))
    except (ImportError, AttributeError):
        import ctypes

        buffer = ctypes.create_string_buffer(256)
        failed = ctypes.CDLL(None).statx(*asked, buffer)
    known, seconds, nanoseconds = (
        int.from_bytes(bytes(buffer)[start:end], sys.byteorder) for start, end in ((0, 4), (80, 88), (88, 92))
    )
    return f"{seconds}.{nanoseconds:09}" if not failed and known & _STATX_BTIME else ""


def keyed_digest(data: bytes, key: bytes) -> str:
    """A digest of `data`. Nobody can compute it, or check a guess with it, without the `key`."""
    try:
        from _blake2 import blake2b  # `hashlib` loads OpenSSL: 7 ms
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, key=key, digest_size=8).hexdigest()


def json_line(value: Any) -> str:
    """`value` as JSON without blanks and in ASCII, as `json` writes it, which costs 5 ms to import."""
    kind = type(value)
    if kind is str:
        if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
            return f'"{value}"'
    elif kind is int or (kind is float and -1e300 < value < 1e300):  # no NaN, no infinity
        return repr(value)
    elif isinstance(value, dict):
        return f"{{{','.join([f'{_json_key(key)}:{json_line(item)}' for key, item in value.items()])}}}"
    elif isinstance(value, (list, tuple)):
        return f"[{','.join(map(json_line, value))}]"
    elif value is None or kind is bool:
        return _NUMBERS[value]
    import json

    return json.dumps(value)


def _json_key(key: str) -> str:
    return f'"{key}"' if key.isidentifier() and key.isascii() else json_line(key)


class _Plain:
    """How JSON is read: as Python's `json` does without options."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def json_value(text: bytes) -> Any:
    """What `text` says, which must be JSON in UTF-8. `json` loads `re` for that: 12 ms. Raises ValueError."""
    words = text.decode().strip(" \t\r\n")
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(words)
    try:
        value, end = make_scanner(_Plain)(words, 0)  # type: ignore[arg-type]  # all that it reads of it is there
    except StopIteration:
        raise ValueError("this is not JSON") from None
    if end != len(words):
        raise ValueError("something comes after the JSON")
    return value
