"""The bytecode of hookman, made at install: Python's own for each module, and the archive of front/archive.py."""

from __future__ import annotations

import importlib.util
import marshal
import os

from hookman.base.files import replace_file
from hookman.front.archive import MAGIC, PACKAGE, PATH

# The rooms on the way from the shim to Compose.
ROOMS = ("", "base", "compose", "consent", "settings", "hooks", "lock", "log", "run", "front")
PYC_HEAD = 16  # bytes before the code: magic number, flags, time of change, size (PEP 552)


def write_bytecode() -> None:
    """Have all bytecode ready: some installers leave that to the first run, and to who may write. Never fails."""
    import compileall

    compileall.compile_dir(PACKAGE, quiet=2)
    try:
        fresh = archive()
        if not (os.path.isfile(PATH) and _bytes_of(PATH) == fresh):
            replace_file(PATH, fresh, mode=0o644)
    except OSError:
        pass  # nobody may write there: Python's own way is taken


def remove_archive() -> None:
    """Remove the archive, if this user may."""
    try:
        os.unlink(PATH)
    except OSError:
        pass


def archive() -> bytes:
    """The archive of the modules as they are compiled now. Raises OSError where one is not."""
    index: dict[str, list[object]] = {}
    parts: list[bytes] = []
    offset = 0
    for room in ROOMS:
        for file in sorted(os.listdir(os.path.join(PACKAGE, room))):
            if not file.endswith(".py"):
                continue
            path = os.path.join(PACKAGE, room, file)
            status = os.stat(path)
            code = _bytes_of(importlib.util.cache_from_source(path))[PYC_HEAD:]
            words = [word for word in ("hookman", room, file.removesuffix(".py")) if word and word != "__init__"]
            facts = [os.path.join(room, file), file == "__init__.py", status.st_mtime_ns, status.st_size]
            index[".".join(words)] = [*facts, offset, len(code)]
            parts.append(code)
            offset += len(code)
    head = marshal.dumps(index)
    return MAGIC + len(head).to_bytes(4, "little") + offset.to_bytes(4, "little") + head + b"".join(parts)


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
