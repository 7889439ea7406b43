from __future__ import annotations

import os
import pty
import re
import select
import time

from tests.support.box import PATIENCE, Project


class Terminal:
    """A command of a project in the foreground of a terminal of its own."""

    def __init__(self, project: Project, *argv: str, term: str = "dumb") -> None:
        self.seen = b""
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(project.path)
            os.execvpe(argv[0], list(argv), {**project.box.environ, "PWD": str(project.path), "TERM": term})

    def stop(self) -> None:
        """Type Ctrl-Z, and wait until the shell says that its job has stopped."""
        self.type(b"\x1a")
        self.expect(b"Stopped")

    def expect(self, text: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} did not come; seen: {self.seen!r}"
            self._read(deadline)

    def match(self, pattern: bytes) -> None:
        """Wait until something comes that the regular expression matches."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.seen):
            assert time.monotonic() < deadline, f"{pattern!r} did not come; seen: {self.seen!r}"
            self._read(deadline)

    def comes(self, text: bytes, seconds: float) -> bool:
        """Does `text` come within that time?"""
        deadline, start = time.monotonic() + seconds, len(self.seen)
        while text not in self.seen[start:]:
            if not select.select([self.end], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return False
            self._read(deadline)
        return True

    def type(self, keys: bytes) -> None:
        os.write(self.end, keys)

    def wait(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.end], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came; seen: {self.seen!r}"
        try:
            data = os.read(self.end, 4096)
        except OSError:  # what Linux says when the last process has left the terminal
            return False
        self.seen += data
        return bool(data)


def at_bash(project: Project, line: bytes) -> Terminal:
    """An interactive bash at which `line` has been typed. Its prompt is $> and is not in what was typed."""
    terminal = Terminal(project, "bash", "--norc", "--noprofile", "-i")
    terminal.type(b"PS1='$''> '; " + line + b"\n")
    return terminal
