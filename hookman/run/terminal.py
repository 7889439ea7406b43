"""The terminal of the user, which a hook gets while it runs."""

from __future__ import annotations

import os
import select

from hookman.base.errors import InterruptedRunError
from hookman.base.lean import signal
from hookman.base.messages import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.base.signals import Signals


def confirm(question: str, signals: Signals) -> bool:
    """Ask a question whose answer is yes or no; no where there is no terminal to ask at.

    Raises InterruptedRunError at a signal.
    """
    if not (Terminal().ours and os.isatty(2)):
        return False
    write(question.encode("utf-8", "surrogateescape"))
    while not select.select([0], [], [], 0.1)[0]:
        if number := signals.look():
            raise InterruptedRunError(number)
    return os.read(0, 1024).strip().lower() in (b"y", b"yes")


class Terminal:
    """The terminal on stdin, if there is one and we are in its foreground (`ours`, else 0).

    While a hook runs its group is the foreground group, so that it may prompt and Ctrl-C
    reaches it as under a shell; afterwards the terminal is taken back, whatever happened.
    Without `lend` there is none to give: Compose has it. A hook that asks for the terminal when it
    is not on our stdin gets it then (job_control.py).
    """

    def __init__(self, *, lend: bool = True) -> None:
        self.ours = 0
        self.is_lent = False
        if not lend:
            return
        try:
            if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp():
                self.ours = os.getpgrp()
        except OSError:
            pass

    def give(self, group: int, end: int = 0) -> None:
        """Make `group` the foreground group of the terminal at `end`."""
        self.is_lent = True
        _set(end, group)

    def take_back(self) -> None:
        """Make our own group the foreground group again, unless a shell has taken the terminal from the hook (`bg`)."""
        if not self.is_lent:
            return
        self.is_lent = False
        try:
            end = 0 if self.ours else os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return  # the terminal is gone
        try:
            if os.tcgetpgrp(end) != os.getpgid(os.getsid(0)):
                _set(end, os.getpgrp())
        except OSError:
            _set(end, os.getpgrp())  # who began the session has ended
        finally:
            if end:
                os.close(end)


def _set(end: int, group: int) -> None:
    # Setting it from a background group raises SIGTTOU, which would stop us.
    old = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(end, group)
    except OSError:
        pass  # the group is gone already, or the terminal is
    finally:
        signal.signal(signal.SIGTTOU, old)
