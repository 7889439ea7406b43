"""`review = true`: a hook runs only with the content that the user approved.

What was approved is kept as a copy of each hook, so that a change can be shown. Only the
hook's own file is looked at, not what it calls or sources.
"""

from __future__ import annotations

import os

from hookman.files import replace_file
from hookman.paths import make_private_dir

NEW = "new, and you have not approved it"
CHANGED = "not what you approved: it has changed"
MEND = "Look at what changed, and approve it: hookman review"


def kept_copy(approved: str, event: str, name: str, path: str) -> str:
    """Where the approved copy of a hook lies below the directory `approved`; functions share that of their file."""
    file = os.path.basename(path)
    return os.path.join(approved, f"{event}%{name}" if file == name else file)


def difference_in_words(path: str, kept: str) -> str:
    """NEW or CHANGED; "" if the hook's file at `path` is what was approved."""
    try:
        approved = _read(kept)
    except OSError:
        return NEW
    return "" if approved == _read(path) else CHANGED


def difference(path: str, kept: str) -> str:
    """What changed since the hook was approved, as a unified diff. Raises OSError."""
    import difflib

    try:
        before = _read(kept)
    except OSError:
        before = b""
    old, new = (data.decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (before, _read(path)))
    lines = difflib.unified_diff(old, new, "approved", path)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def approve(path: str, kept: str) -> None:
    """Keep the hook's file at `path` as what is approved. Raises OSError."""
    make_private_dir(os.path.dirname(kept))
    replace_file(kept, _read(path))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
