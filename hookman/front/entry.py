"""What the shim starts, as `python -I -S entry.py FORM REAL_COMPOSE DATA_DIR ARGV...`.

FORM is how Compose is called: `plugin` (ARGV is all that follows `docker`) or `standalone`
(ARGV is all that follows `docker-compose`). `entry.py starts FILE TEXT` says `yes`, and keeps TEXT in
FILE as the proof: the shim asks so before it gives its process away.

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
    form, compose, data, argv = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    environ = dict(os.environ)  # noqa: TID251 (the one place where a run takes its environment)
    try:
        # Started by path without site: the package is two directories up.
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        from hookman.front import archive

        archive.use()
        from hookman.base.errors import BrokenRunError, HookmanError
        from hookman.base.messages import say
        from hookman.front import main as front
    except BaseException as error:  # noqa: BLE001 (whatever is broken, Compose must run)
        return _without_us(compose, argv, environ, f"{type(error).__name__}: {error}")
    try:
        code = int(front.main(form, compose, argv, environ, data))  # cut off within, it did nothing and returns None
    except HookmanError as error:
        say(error.text)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenRunError:
        say(f"internal error, stopped. {_report(argv, environ, data)}")
        return 1
    except BaseException:  # noqa: BLE001 (whatever is broken, Compose must run)
        return _without_us(compose, argv, environ, f"internal error. {_report(argv, environ, data)}")
    if code < 0:  # a signal killed Compose: so docker must see it
        from hookman.base.lean import signal

        if -code != signal.SIGKILL:  # which nobody can catch, nor reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _open_standard_descriptors() -> None:
    """Open /dev/null if a caller closed 0, 1 or 2: otherwise one of our files gets that number. Compose does it too."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _report(argv: list[str], environ: dict[str, str], data: str) -> str:
    """Write the bug report, and say where it is, or why there is none."""
    try:
        from hookman.base.bug_report import write_report

        return f"Please report it with this file: {write_report(argv, environ, data)}"
    except BaseException as error:  # noqa: BLE001 (an error while an error is handled must not win)
        return f"Please report it; the file for it could not be written ({type(error).__name__}: {error})"


def _without_us(compose: str, argv: list[str], environ: dict[str, str], reason: str) -> int:
    """Become the real Compose, and say in one line why hooks did not run."""
    line = f"hooks did not run ({' '.join(reason.split())}). Fix: reinstall hookman-compose, or: hookman uninstall"
    _tell(line)
    try:
        os.execve(compose, [compose, *(arg for arg in argv if arg != "--skip-hooks")], environ)
    except OSError as error:
        _tell(f"{compose} could not be started ({error.strerror}). Fix: reinstall Docker Compose")
        return 126


def _tell(line: str) -> None:
    try:
        os.write(2, f"hookman: {line}\n".encode("utf-8", "surrogateescape"))
    except OSError:
        pass


def _prove(path: str, text: str) -> int:
    """Tell the shim that this program is complete and starts; keep the proof at `path` where that can be written.

    It does not use base/files.py: it must prove this file also where the rest of the package is broken.
    """
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


def _end(exit_code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(exit_code)  # the kernel takes our memory back faster than Python would


# Everything begins in the last line: a file that is cut off proves nothing and does nothing.
if __name__ == "__main__":
    gc.disable()  # the process ends before garbage could matter
    _end(_prove(sys.argv[2], sys.argv[3]) if sys.argv[1] == "starts" else main())
