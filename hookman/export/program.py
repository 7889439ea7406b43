"""A program that is told: it is started as it is written, without a shell, and must end in time."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time

from hookman.base.errors import shell_code
from hookman.base.messages import redactor
from hookman.base.process_tree import HOOK_ID, ProcessTree
from hookman.export.answers import short
from hookman.export.destination import NotSentError, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATER = 75  # the exit code that asks to be told again (EX_TEMPFAIL)
GRACE = 2.0  # seconds between SIGTERM and SIGKILL
LOOK = 0.02  # seconds between two looks at what still runs
LONGEST = 4096  # bytes of what it says that are looked at


def tell(run: Sequence[str], document: bytes, directory: str, environ: Mapping[str, str], timeout: float) -> None:
    """Start the program `run` in `directory` with `document` on its stdin, and wait. Raises NotSentError."""
    token = f"notify-{os.getpid()}-{time.monotonic_ns()}"
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(document)
        stdin.seek(0)
        try:
            program = subprocess.Popen(
                list(run),
                cwd=directory,
                env={**environ, HOOK_ID: token},
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise RefusedError(f"can't be started in {directory}: {why}") from None
        code = _code(program, token, timeout)
        if code is None:
            raise RefusedError(f"took more than {timeout:g} s, and was ended")
        if code:
            said = _last_line(stderr.fileno())
            what = f"ended with exit code {shell_code(code)}" + (f": {said}" if said else "")
            raise NotSentError(what, wait=60.0) if code == LATER else RefusedError(what)


def _code(program: subprocess.Popen[bytes], token: str, timeout: float) -> int | None:
    """The exit code of the program; None if it had to be ended with all that it started, by their HOOK_ID `token`."""
    try:
        return program.wait(timeout)
    except subprocess.TimeoutExpired:
        pass
    tree = ProcessTree(program.pid, token, outside=True)
    for number in (signal.SIGTERM, signal.SIGKILL):
        tree.look()
        tree.signal_group(number)
        tree.signal_outside(number)
        end = time.monotonic() + GRACE
        while tree.lives() and time.monotonic() < end:
            time.sleep(LOOK)
            program.poll()  # one that has ended is in its group until then
            tree.look()
    return None


def _last_line(file: int) -> str:
    size = os.fstat(file).st_size
    data = redactor.text(os.pread(file, LONGEST, max(0, size - LONGEST)), cut_before=size > LONGEST)
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return short(lines[-1]) if lines else ""
