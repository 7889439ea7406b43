"""Was Ctrl-C typed while a hook had the terminal? The terminal tells only the hook's group.

At any other moment hookman gets the signal itself (base/signals.py). In both cases hook_kill.py ends the hook.
"""

from __future__ import annotations

import os

from hookman.base.lean import signal


def watch(group: int) -> tuple[int, int] | None:
    """Start a process in the hook's `group`, which a Ctrl-C kills. Returns its pid and the end of a pipe.

    None if the system has no process or descriptor left: then Ctrl-C ends the hook alone, which has started already.

    It is ready when this returns: until the group has the terminal, Ctrl-C reaches us. Only we hold that end of the
    pipe. When it is closed, even because we were killed, the process ends.
    """
    ends: list[int] = []
    try:
        for _ in range(2):
            ends += os.pipe()
        pid = os.fork()
    except OSError:
        for end in ends:
            os.close(end)
        return None
    ready, its_end, theirs, ours = ends
    if not pid:
        try:
            signal.signal(signal.SIGQUIT, signal.SIG_IGN)  # its default leaves a core dump
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(theirs, 0)
            os.dup2(its_end, 1)
            for end in (theirs, its_end, ours):
                os.close(end)
            os.closerange(2, 1024)  # it holds no output and no lock open
            os.close(1)  # this says that it is ready
            os.read(0, 1)
        finally:
            os._exit(0)
    os.close(theirs)
    os.close(its_end)
    os.read(ready, 1)
    os.close(ready)
    try:
        # Not earlier: the hook may stop its group at any moment (it reads before it has the terminal), and a process
        # that was stopped would never get ready.
        os.setpgid(pid, group)
    except OSError:
        pass  # the group is gone already
    return pid, ours


def was_typed(pid: int, end: int) -> int:
    """End the process that `watch` started: SIGINT if the terminal sent it to its group, else 0."""
    os.kill(pid, signal.SIGKILL)  # one that was killed before keeps its first signal
    os.close(end)
    number = os.WTERMSIG(os.waitpid(pid, 0)[1])
    return number if number == signal.SIGINT else 0
