"""A pseudo terminal for the output of a hook that asks for one (`pty = true`).

It is nobody's controlling terminal. So questions, Ctrl-C and Ctrl-Z stay with the terminal that the user sits at, if
there is one. And when the hook ends, what it left running gets no SIGHUP.
"""

from __future__ import annotations

import os
import termios

STANDARD = (2, 1, 0)  # where our own terminal may be
USUAL = (24, 80)  # lines and columns where there is none


class PseudoTerminal:
    """`theirs` is the hook's end, `ours` shows what is written there, byte for byte."""

    LOOK = 0.1  # seconds between two looks at the size of our own

    def __init__(self) -> None:
        self.ours, self.theirs = os.openpty()
        modes = termios.tcgetattr(self.theirs)
        modes[1] &= ~termios.OPOST  # "\n" stays "\n": our own terminal makes "\r\n" of it, and files need none
        # A hook that reads from it gets the end of the file at once, as from all its input (C67).
        modes[3] &= ~(termios.ICANON | termios.ECHO)
        modes[6][termios.VMIN] = modes[6][termios.VTIME] = 0
        termios.tcsetattr(self.theirs, termios.TCSANOW, modes)
        self._size = (0, 0)
        self._is_told = True  # the hook knows the size
        self.resize()
        self._is_told = True

    def resize(self) -> bool:
        """Give it the size of our own terminal. Returns whether the hook must be told, which is one look later.

        The user's terminal tells the hook at once, and then it may have read the old size from this one. A bash that
        still acts on that signal would lose another.
        """
        size = _own_size()
        if size == self._size:
            must_tell, self._is_told = not self._is_told, True
            return must_tell
        self._size = size
        self._is_told = False
        try:
            termios.tcsetwinsize(self.ours, size)
        except (OSError, termios.error):  # the hook and all that it started have closed it
            pass
        return False


def _own_size() -> tuple[int, int]:
    for descriptor in STANDARD:
        try:
            columns, lines = os.get_terminal_size(descriptor)
        except OSError:
            continue
        if columns and lines:
            return lines, columns
    return USUAL
