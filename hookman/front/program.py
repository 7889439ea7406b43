"""The way from the shim into hookman: its modules are loaded, or the real Compose takes over.

entry.py runs it with FORM REAL_COMPOSE DATA_DIR ARGV... FORM is how Compose is called: `plugin` (ARGV is all
that follows `docker`) or `standalone` (ARGV is all that follows `docker-compose`). `starts FILE TEXT` says `yes`,
and keeps TEXT in FILE as the proof: the shim asks so before it gives its process away.
"""

import gc
import marshal
import os
import sys

FRONT = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(FRONT)
ARCHIVE = f"{PACKAGE}/__pycache__/front.{sys.implementation.cache_tag}.archive"


def main() -> int:
    """Run the command line with its hooks, or prove that hookman starts. Returns the exit code."""
    form, compose, data, *argv = sys.argv[1:]
    open_standard_descriptors()
    try:
        sys.path.append(os.path.dirname(PACKAGE))  # started by path without site
        use_archive()
        from hookman.front.start import begin
    except BaseException as error:  # noqa: BLE001 (whatever is broken, Compose must run)
        return 1 if form == "starts" else without_us(compose, argv, f"{type(error).__name__}: {error}")
    return begin(form, compose, data, argv, without_us)


def open_standard_descriptors() -> None:
    """Open /dev/null if a caller closed 0, 1 or 2: otherwise one of our files gets that number. Compose does it too."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def use_archive() -> None:
    """Have our modules come from their archive, where there is one for this Python. Its first part reads the rest."""
    try:
        file = os.open(ARCHIVE, os.O_RDONLY)
    except OSError:
        return
    head = os.read(file, 16)
    if head[:4] != sys.modules["_frozen_importlib_external"].MAGIC_NUMBER:
        return
    reader = {"__name__": "hookman.front.archive", "__file__": f"{FRONT}/archive.py"}
    try:
        exec(marshal.loads(os.read(file, int.from_bytes(head[4:8], "little"))), reader)  # noqa: S102, S302 (as a .pyc is)
    except (ValueError, EOFError, TypeError):
        return  # it was cut off
    reader["use"](file, head)  # type: ignore[operator]


def without_us(compose: str, argv: list[str], reason: str) -> int:
    """Become the real Compose, and say in one line why hooks did not run."""
    tell(f"hooks did not run ({' '.join(reason.split())}). Fix: reinstall hookman-compose, or: hookman uninstall")
    try:
        os.execv(compose, [compose, *(arg for arg in argv if arg != "--skip-hooks")])
    except OSError as error:
        tell(f"{compose} could not be started ({error.strerror}). Fix: reinstall Docker Compose")
        return 126


def tell(line: str) -> None:
    """Write a line to stderr, where there is one."""
    try:
        os.write(2, f"hookman: {line}\n".encode("utf-8", "surrogateescape"))
    except OSError:
        pass


def end(exit_code: int) -> None:
    """End the process: the kernel takes our memory back faster than Python would."""
    for stream in (sys.stdout, sys.stderr):
        if stream:  # None where the caller had closed it
            stream.flush()
    os._exit(exit_code)


# Everything begins in the last line: a file that is cut off proves nothing and does nothing.
if __name__ == "__main__":
    gc.disable()  # the process ends before garbage could matter
    end(main())
