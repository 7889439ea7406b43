"""hookman without its start: a process in which hookman is loaded forks for each command.

So each command is a process of its own, with its own arguments, directory, environment and standard streams, and it
runs hookman's `main`. What it leaves out is what is the same each time, and takes five times as long as most commands:
`bin/hookman`, the start of Python, the imports, and freeing all that at the end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import pickle
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

LANG = "C.UTF-8"  # Python reads it when it starts
HERE = Path(__file__).resolve()
# What hookman imports only in a branch, but many commands come to such a branch.
LATER = ("_ctypes", "click._textwrap", "compileall", "difflib", "dotenv", "encodings.utf_8_sig", "yaml")


class Warm:
    """The process that is loaded."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", HERE, str(theirs.fileno())],  # isolated, as bin/hookman starts it
                env={"LANG": LANG, "PATH": os.defpath},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def hookman(
        self, args: Sequence[str | Path], cwd: Path, environ: Mapping[str, str], patience: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `hookman ARGS...` with an empty stdin. Returns what `subprocess.run` would return."""
        assert environ.get("LANG") == LANG, "a process that is loaded has its language: start a real one"
        argv = ["hookman", *(os.fspath(arg) for arg in args)]
        ours, theirs = socket.socketpair()
        stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
        given = (theirs.detach(), stdin[0], stdout[1], stderr[1])
        socket.send_fds(self._requests, [b"."], given)
        for end in (*given, stdin[1]):
            os.close(end)
        with ours, ours.makefile("rb") as answers:
            ours.sendall(pickle.dumps((argv, str(cwd), dict(environ), _umask())))
            ours.shutdown(socket.SHUT_WR)
            pid = int(answers.readline())
            try:
                out, err = _read_all(stdout[0], stderr[0], patience)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(argv, patience) from None
            return subprocess.CompletedProcess(argv, int(answers.readline()), out, err)

    def stop(self) -> None:
        """End it."""
        self._requests.close()
        self._process.wait()


@cache
def warm() -> Warm:
    """The one of these tests."""
    return Warm()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _read_all(out: int, err: int, patience: float) -> tuple[bytes, bytes]:
    """All that comes from the two pipes until nobody has their other ends any more."""
    deadline = time.monotonic() + patience
    read: dict[int, list[bytes]] = {out: [], err: []}
    waiting = [out, err]
    while waiting:
        ready, _, _ = select.select(waiting, [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        for end in ready:
            data = os.read(end, 1 << 16)
            read[end].append(data)
            if not data:
                waiting.remove(end)
                os.close(end)
    return b"".join(read[out]), b"".join(read[err])


# What follows runs in the process that is loaded, and in its forks.


def _load() -> None:
    import hookman

    for module in pkgutil.walk_packages(hookman.__path__, "hookman."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # or each fork would write to, and so copy, all of our memory


def _next_command(requests: socket.socket) -> tuple[socket.socket, list[int]]:
    """Fork for each request. It returns only in the forks: the connection to the caller, and the standard streams."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([requests.fileno(), wake], [], [])
        if wake in ready:
            os.read(wake, 1000)
            _tell_how_they_ended(running)
        if requests.fileno() in ready:
            _, received, _, _ = socket.recv_fds(requests, 1, 4)
            if not received:
                raise SystemExit
            connection, standard = socket.socket(fileno=received[0]), received[1:]
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (wake, woken, requests.detach(), *(other.detach() for other in running.values())):
                    os.close(end)
                return connection, standard
            connection.sendall(f"{pid}\n".encode())
            running[pid] = connection
            for end in standard:
                os.close(end)


def _tell_how_they_ended(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with running.pop(pid) as connection:
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(connection: socket.socket, standard: list[int]) -> None:
    """Take the arguments, directory, environment and streams of the request."""
    with connection, connection.makefile("rb") as file:
        sys.argv, cwd, environ, mask = pickle.load(file)  # noqa: S301 (from our own tests)
    for number, end in enumerate(standard):
        os.dup2(end, number)
        os.close(end)
    os.chdir(cwd)
    os.umask(mask)
    os.environ.clear()  # noqa: TID251 (this process's own)
    os.environ.update(environ)  # noqa: TID251
    time.tzset()


def _run() -> NoReturn:
    """Run the command, and end as Python ends, without freeing each object first."""
    from hookman.cli import main

    code: object = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 (what Python itself would print)
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 (waits for threads, as at the end of Python)
    atexit._run_exitfuncs()  # noqa: SLF001 (the same)
    sys.stdout.flush()
    os._exit(int(str(code)))


if __name__ == "__main__":
    _load()
    _become(*_next_command(socket.socket(fileno=int(sys.argv[1]))))
    _run()
