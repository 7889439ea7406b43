"""The first step of a run: descriptors, environment, and what happens where hookman itself is broken.

program.py starts this. As long as no hook has run, the real Compose takes over whatever is wrong with us, with one
line that says what to do.
"""

from __future__ import annotations

import os

from hookman.base.errors import BrokenRunError, HookmanError
from hookman.base.messages import say
from hookman.front import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    WithoutUs = Callable[[str, list[str], str], int]  # (the real Compose, its arguments, why) → its exit code

PROVE = "starts"  # in place of a form


def _begin(form: str, compose: str, data: str, argv: list[str], without_us: WithoutUs) -> int:
    """Run the command line with its hooks. Returns the exit code."""
    if form == PROVE:
        return _prove(compose, data)
    environ = dict(os.environ)  # noqa: TID251 (the one place where a run takes its environment)
    try:
        code = int(main.main(form, compose, argv, environ, data))  # cut off within, it did nothing and returns None
    except HookmanError as error:
        say(error.text)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenRunError:
        say(f"internal error, stopped. {_report(argv, environ, data)}")
        return 1
    except BaseException:  # noqa: BLE001 (whatever is broken, Compose must run)
        return without_us(compose, argv, f"internal error. {_report(argv, environ, data)}")
    if code < 0:  # a signal killed Compose: so docker must see it
        from hookman.base.lean import signal

        if -code != signal.SIGKILL:  # which nobody can catch, nor reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _report(argv: list[str], environ: dict[str, str], data: str) -> str:
    """Write the bug report, and say where it is, or why there is none."""
    try:
        from hookman.base.bug_report import write_report

        return f"Please report it with this file: {write_report(argv, environ, data)}"
    except BaseException as error:  # noqa: BLE001 (an error while an error is handled must not win)
        return f"Please report it; the file for it could not be written ({type(error).__name__}: {error})"


def _prove(path: str, text: str) -> int:
    """Tell the shim that this program is complete and starts; keep the proof at `path` where that can be written."""
    print("yes")  # noqa: T201 (the shim reads it)
    fresh = f"{path}.{os.getpid()}"
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        os.write(file, f"{text}\n".encode("utf-8", "surrogateescape"))
        os.close(file)
        os.replace(fresh, path)
    except OSError:
        pass  # the shim asks again next time
    return 0


# Everything begins in the last line: a file that is cut off proves nothing and does nothing.
begin = _begin
