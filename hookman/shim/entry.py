"""What the shim starts, as `python -I -S entry.py FORM REAL_COMPOSE DATA_DIR ARGV...`.

FORM is how Compose is called: `plugin` (ARGV is all that follows `docker`) or `standalone`
(ARGV is all that follows `docker-compose`).

Never break `docker compose`: whatever is wrong with us, as long as no hook has run the
real Compose takes over, with one line that says what to do.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the command line with its hooks. Returns the exit code."""
    _open_standard_descriptors()
    form, real, data, argv = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    environ = dict(os.environ)  # noqa: TID251 (the one place where a run takes its environment)
    try:
        # Started by path without site: the package lies two directories up.
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        from hookman.errors import BrokenRunError, HookmanError
        from hookman.messages import say
        from hookman.shim import front
    except Exception as error:  # noqa: BLE001 (whatever is broken, Compose must run)
        return _without_us(real, argv, environ, f"{type(error).__name__}: {error}")
    try:
        code = front.main(form, real, argv, environ, data)
    except HookmanError as error:
        say(error.message)
        if error.mend:
            say(error.mend)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenRunError:
        say(f"internal error, stopped. Please report it with this file: {_report(argv, environ, data)}")
        return 1
    except Exception:  # noqa: BLE001 (whatever is broken, Compose must run)
        where = _report(argv, environ, data)
        return _without_us(real, argv, environ, f"internal error; please report it with this file: {where}")
    if code < 0:  # a signal killed Compose: so docker must see it
        from hookman.lean import signal

        if -code != signal.SIGKILL:  # which nobody can catch, nor reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _open_standard_descriptors() -> None:
    """Open /dev/null where a caller closed 0, 1 or 2, or a file of ours would be taken for it. Compose does so too."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _report(argv: list[str], environ: dict[str, str], data: str) -> str:
    from hookman.report import write_report

    return write_report(argv, environ, data)


def _without_us(real: str, argv: list[str], environ: dict[str, str], reason: str) -> int:
    """Hand over to the real Compose, saying in one line why hooks did not run."""
    reason = " ".join(reason.split())
    line = f"hookman: hooks did not run ({reason}). Fix: reinstall hookman, or: hookman uninstall\n"
    try:
        os.write(2, line.encode("utf-8", "surrogateescape"))
    except OSError:
        pass
    os.execve(real, [real, *(arg for arg in argv if arg != "--skip-hooks")], environ)


if __name__ == "__main__":
    gc.disable()  # we do not live long enough to make garbage
    exit_code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(exit_code)  # the kernel takes our memory back faster than Python would
