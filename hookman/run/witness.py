"""The witness: tells that the terminal sent Ctrl-C to a hook's group, which nobody else is told."""

from __future__ import annotations

import os

from hookman.base.lean import signal


def begin(group: int) -> tuple[int, int]:
    """A process of ours in the hook's `group`, killed by the Ctrl-C that the terminal sends to that group alone.

    It is ready when this returns: until the group has the terminal, Ctrl-C reaches us. Returns its pid, and the
    end of a pipe that only we hold: when that is closed, by whatever end of ours, it goes.
    """
    ready, its_end = os.pipe()
    theirs, ours = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            signal.signal(signal.SIGQUIT, signal.SIG_IGN)  # its default leaves a core dump
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.setpgid(0, group)
            os.dup2(theirs, 0)
            os.closerange(1, 1024)  # no output, no lock is held open by it; and so it says that it is ready
            os.read(0, 1)
        finally:
            os._exit(0)
    os.close(theirs)
    os.close(its_end)
    os.read(ready, 1)
    os.close(ready)
    return pid, ours


def testimony(pid: int, end: int) -> int:
    """Let the witness go: SIGINT if the terminal sent it to its group, else 0."""
    os.kill(pid, signal.SIGKILL)  # one that was killed before keeps its first signal
    os.close(end)
    number = os.WTERMSIG(os.waitpid(pid, 0)[1])
    return number if number == signal.SIGINT else 0
