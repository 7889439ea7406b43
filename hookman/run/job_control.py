"""A hook that was stopped: by Ctrl-Z, or because it asked for the terminal while somebody else has it.

hookman does what a program of the user would do. It stops with its hook, so that the shell is there again, and goes on
at `fg` and `bg`. Few hooks are ever stopped, so only these load this file.
"""

from __future__ import annotations

import os

from hookman.base.lean import signal
from hookman.run import ctrl_c

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.hook_process import Running

ASKING = (signal.SIGTTIN, signal.SIGTTOU)  # what the kernel stops a group with that uses a terminal it does not have


def stopped(hook: Running, number: int) -> None:
    """Signal `number` has stopped the hook. Returns when it may go on, or when it must wait for somebody else."""
    if number not in ASKING and not hook.terminal.is_lent:
        return  # somebody has stopped it, and knows why
    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return  # the terminal is gone
    try:
        if _may_go_on(hook, number, tty):
            os.killpg(hook.pid, signal.SIGCONT)
    except OSError:
        pass  # the terminal is gone, or the hook
    finally:
        os.close(tty)


def _may_go_on(hook: Running, number: int, tty: int) -> bool:
    """Give the hook the terminal, at once or when the user says `fg`. May it go on? Raises OSError."""
    if not (number in ASKING and _may_have(tty, hook)):
        had_it = hook.terminal.is_lent
        hook.terminal.take_back()
        if not hook.is_ending and not _is_orphaned():
            os.killpg(0, signal.SIGSTOP if had_it else number)  # docker and we stop with it, until SIGCONT
        elif not _may_have(tty, hook):
            return False  # in the background for ever: nobody can give it the terminal
    if _may_have(tty, hook):
        hook.ctrl_c = hook.ctrl_c or ctrl_c.watch(hook.pid)
        hook.terminal.give(hook.pid, tty)
    return True


def _may_have(tty: int, hook: Running) -> bool:
    """Are we in the foreground, or is it the hook already? Otherwise the shell or another program has the terminal."""
    return os.tcgetpgrp(tty) in (os.getpgrp(), hook.pid)


def _is_orphaned() -> bool:
    """Is there no shell that could let our group go on? The kernel stops no such group at Ctrl-Z."""
    from hookman.base import processes

    try:
        process = processes.look(os.getpid())
        group = process.group
        while process.group == group:
            process = processes.look(process.parent)
        return os.getsid(process.pid) != os.getsid(0)
    except OSError:
        return True
