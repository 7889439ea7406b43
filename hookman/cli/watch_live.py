"""The terminal of `hookman watch`: frames, keys, and leaving it as it was, whatever ends the view."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hookman.base.errors import EXIT_SIGNAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Frame = Callable[[int, int], list[str]]

LOOK_AGAIN = 0.25  # seconds between two frames
LEAVE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
KEYS_TO_LEAVE = b"qQ\x03\x04"  # also Ctrl-C and Ctrl-D, where they are only keys
STDIN = 0


class LiveView:
    """Shows frames until q or a signal. A signal is only noted: the loop acts on it, between two frames."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._received: list[int] = []
        self._console = Console(file=sys.stdout, highlight=False)
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        self._has_keys = os.isatty(STDIN)
        self._modes: list[Any] | None = None

    def run(self) -> int:
        """Show frames; the exit code."""
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (*LEAVE, signal.SIGTSTP, signal.SIGWINCH):
            signal.signal(number, self._note)
        while True:
            code = self._shown()
            if code is not None:
                return code
            os.kill(os.getpid(), signal.SIGSTOP)  # Ctrl-Z; from here on after `fg`

    def _note(self, number: int, _: Any) -> None:
        self._received.append(number)

    def _shown(self) -> int | None:
        """Show frames until the view is left: the exit code, or None if it is only to stop for a while."""
        live = Live(
            console=self._console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        try:
            self._enter()
            live.start()
            return self._loop(live)
        except OSError:  # the terminal is gone
            return EXIT_SIGNAL + signal.SIGHUP
        finally:
            try:
                live.stop()
            except OSError:
                pass
            self._restore()

    def _loop(self, live: Live) -> int | None:
        while True:
            for number in self._received:
                if number in LEAVE:
                    return EXIT_SIGNAL + number
            stop = signal.SIGTSTP in self._received
            self._received.clear()
            if stop:
                return None
            size = self._console.size
            text = Text.from_ansi("\n".join(self._frame(size.width, size.height)), no_wrap=True, overflow="crop")
            live.update(text, refresh=True)
            if self._is_left():
                return 0

    def _is_left(self) -> bool:
        """Wait a moment; has somebody typed what leaves the view?"""
        sources = [self._woken, STDIN] if self._has_keys else [self._woken]
        ready = select.select(sources, [], [], LOOK_AGAIN)[0]
        if self._woken in ready:
            os.read(self._woken, 4096)
        if STDIN not in ready:
            return False
        key = os.read(STDIN, 1)  # what is typed after q is for the shell
        self._has_keys = bool(key)
        return bool(key) and key in KEYS_TO_LEAVE

    def _enter(self) -> None:
        """Have each key come at once, and not be shown."""
        if self._has_keys:
            self._modes = termios.tcgetattr(STDIN)
            tty.setcbreak(STDIN, termios.TCSANOW)

    def _restore(self) -> None:
        if self._modes is not None:
            try:
                termios.tcsetattr(STDIN, termios.TCSADRAIN, self._modes)
            except termios.error:
                pass
            self._modes = None
