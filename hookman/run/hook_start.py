"""Starting the process of a hook: in a group of its own, with the signals that programs expect."""

from __future__ import annotations

import errno

from hookman.base.lean import signal
from hookman.base.spawn import spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def start_in_group(
    argv: list[str],
    environ: Mapping[str, str],
    descriptors: dict[int, int],
    *,
    background: bool,
) -> int:
    """Start `argv` in a process group of its own; `descriptors` as for `spawn`. Raises OSError.

    In the `background` it has no controlling terminal, because Compose has it. So a question to the user fails at once.
    With a terminal, the kernel would stop the hook for ever.
    """
    signals = (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTTOU)

    def start(program: str, argv: list[str]) -> int:
        return spawn(
            *(program, argv, environ, descriptors),
            group=not background,
            session=background,
            default_signals=signals,
        )

    try:
        return start(argv[0], argv)
    except OSError as error:
        if error.errno != errno.ENOEXEC:  # no `#!` line, so sh runs it (C56)
            raise
        return start("/bin/sh", ["/bin/sh", *argv])
