"""Bug reports: a traceback goes into a file, never to the user."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def write_report(argv: list[str], environ: Mapping[str, str], data: str) -> str:
    """Write the exception being handled, secrets masked, to a file below `data` and return its path."""
    import tempfile
    import traceback

    from hookman import __version__
    from hookman.base import paths
    from hookman.base.messages import redactor

    redactor.learn(environ)
    redactor.learn_arguments(argv)
    text = "\n".join(
        [
            f"hookman {__version__}, Python {sys.version.split()[0]}, {' '.join(os.uname())}",
            f"arguments: {[redactor.shown(arg) for arg in argv]!r}",
            "",
            traceback.format_exc(),
        ]
    )
    masked = redactor.text(text.encode("utf-8", "surrogateescape"))
    name = time.strftime("%Y%m%d-%H%M%S-")
    folder = os.path.join(data, "reports")
    try:
        paths.make_private_dir(folder)
        handle, path = tempfile.mkstemp(".txt", name, folder)
    except OSError:
        handle, path = tempfile.mkstemp(".txt", f"hookman-{name}")
    os.write(handle, masked)
    os.close(handle)
    return path
