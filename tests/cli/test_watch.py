"""hookman watch in a real terminal: what it shows, and that it leaves the terminal as it was."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pyte
import pytest

from tests.support.box import BIN, PATIENCE, Box, Project
from tests.support.terminal import Terminal
from tests.support.waiting import HOLD, let_go, wait_for, wait_until

HOOKMAN = str(BIN / "hookman")
ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"  # the screen of full-screen programs, and the way back
HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"  # the cursor


class Watch(Terminal):
    """hookman watch in a terminal of a known size."""

    def __init__(self, project: Project, *options: str, columns: int = 80, lines: int = 24) -> None:
        super().__init__(project, "sh", "-c", 'read x; exec "$@"', "sh", HOOKMAN, "watch", *options, term="xterm")
        self.modes = termios.tcgetattr(self.end)
        self.resize(columns, lines)
        self.type(b"\n")

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def screen(self) -> list[str]:
        """The lines that are on the screen now."""
        screen = pyte.Screen(self.columns, self.lines)
        pyte.ByteStream(screen).feed(self.seen.rpartition(ALTERNATE)[2])
        return [line.rstrip() for line in screen.display]

    def until(self, pattern: str) -> list[str]:
        """Wait until a line of the screen matches; the screen then."""

        def is_there() -> bool:
            self.comes(b"\x1b[H", 0.05)
            return any(re.search(pattern, line) for line in self.screen())

        wait_until(is_there, f"{pattern} did not come")
        return self.screen()

    def assert_restored(self) -> None:
        assert self.seen.count(ALTERNATE) == self.seen.count(BACK) > 0
        assert self.seen.rindex(HIDDEN) < self.seen.rindex(SHOWN)
        assert termios.tcgetattr(self.end)[:4] == self.modes[:4]


@pytest.fixture
def busy(shop: Project) -> tuple[Project, subprocess.Popen[bytes]]:
    """A project whose second pre hook runs, and goes on until it is let go."""
    shop.script("up.pre", "01-check.sh")
    shop.script("up.pre", "02-migrate.sh", f"printf 'one\\rtwo\\nlast \\033[31mline\\033]0;title\\007\\n'; {HOLD}")
    process = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    return shop, process


def test_it_shows_hooks_with_clocks_and_what_they_print_and_q_leaves(
    busy: tuple[Project, subprocess.Popen[bytes]],
) -> None:
    shop, process = busy
    watch = Watch(shop)
    screen = "\n".join(watch.until("last line"))
    assert "1 run under way" in screen
    assert re.search(r"^shop  docker compose up -d  [\d.]+ m?s  \w{6}$", screen, re.MULTILINE)
    assert re.search(r"^  ✔ +\d+ ms  project.up.pre/01-check.sh$", screen, re.MULTILINE)
    assert re.search(
        r"^  … +[\d.]+ m?s  project.up.pre/02-migrate.sh\n    │ two\n    │ last line$", screen, re.MULTILINE
    )
    assert b"title" not in watch.seen
    let_go(shop, process)
    watch.until("nothing runs now")
    watch.until(r"✔ \w{6}  shop  up  .* 2 hooks")
    watch.type(b"q")
    assert watch.wait() == 0
    watch.assert_restored()


def test_who_waits_for_the_lock_is_shown(busy: tuple[Project, subprocess.Popen[bytes]]) -> None:
    shop, process = busy
    watch = Watch(shop)
    waiter = shop.start("docker", "compose", "down")
    screen = "\n".join(watch.until("waits for the lock of this project"))
    assert re.search(r"⧗ +`down` waits since [\d:]{8} \(pid \d+\)", screen)
    assert "1 waiting for a lock" in screen
    let_go(shop, process)
    assert waiter.wait(PATIENCE) == 0
    watch.type(b"q")
    assert watch.wait() == 0


def test_runs_of_all_projects_are_shown_and_fit_at_80_and_200_columns(
    box: Box, busy: tuple[Project, subprocess.Popen[bytes]]
) -> None:
    shop, process = busy
    blog = box.project("blog")
    blog.script("up.pre", f"{'long-' * 30}.sh", f"seq 100; {HOLD}")
    other = blog.start("docker", "compose", "up", "-d")
    wait_for(blog.path / "held")
    watch = Watch(shop)
    screen = watch.until("│ 100$")
    assert any("last line" in line for line in screen)
    watch.resize(200, 50)
    watch.until(f"project.up.pre/{'long-' * 30}.sh")
    watch.resize(30, 8)
    watch.until("^shop")
    for project, one in ((shop, process), (blog, other)):
        let_go(project, one)
    watch.type(b"q")
    assert watch.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_leaves_the_terminal_as_it_was(shop: Project, number: signal.Signals) -> None:
    watch = Watch(shop)
    watch.until("nothing runs now")
    os.kill(watch.pid, number)
    assert watch.wait() == 128 + number
    watch.assert_restored()


def test_ctrl_c_leaves_it_too(shop: Project) -> None:
    watch = Watch(shop)
    watch.until("nothing runs now")
    watch.type(b"\x03")
    assert watch.wait() == 130
    watch.assert_restored()


def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(shop: Project) -> None:
    watch = Watch(shop)
    watch.until("nothing runs now")
    os.kill(watch.pid, signal.SIGTSTP)
    os.waitpid(watch.pid, os.WUNTRACED)
    watch.expect(BACK)
    watch.assert_restored()
    os.kill(watch.pid, signal.SIGCONT)
    wait_until(lambda: watch.comes(ALTERNATE, 0.1) or watch.seen.count(ALTERNATE) == 2, "it does not go on")
    watch.type(b"q")
    assert watch.wait() == 0
    watch.assert_restored()


def test_without_a_terminal_it_prints_one_frame(busy: tuple[Project, subprocess.Popen[bytes]]) -> None:
    shop, process = busy
    wait_until(lambda: "last line" in shop.hookman("watch").out, "no output")
    result = shop.hookman("watch")
    assert (result.code, "\x1b" in result.out, "q quits" in result.out) == (0, False, False)
    assert "project.up.pre/02-migrate.sh" in result.out
    let_go(shop, process)


def test_as_json_it_prints_what_runs(busy: tuple[Project, subprocess.Popen[bytes]]) -> None:
    shop, process = busy
    found = json.loads(shop.hookman("watch", "--json").out)
    assert (found["version"], len(found["runs"])) == (1, 1)
    run = found["runs"][0]
    assert (run["result"], run["waiting"]) == ("running", [])
    assert [(hook["name"], hook["result"]) for hook in run["hooks"]] == [
        ("01-check.sh", "ok"),
        ("02-migrate.sh", "running"),
    ]
    let_go(shop, process)


def test_without_colours_there_are_none(busy: tuple[Project, subprocess.Popen[bytes]]) -> None:
    shop, process = busy
    watch = Watch(shop, "--color", "never")
    watch.until("02-migrate.sh")
    assert re.findall(rb"\x1b\[[0-9;]+m", watch.seen.replace(b"\x1b[0m", b"")) == []
    let_go(shop, process)
    watch.type(b"q")
    assert watch.wait() == 0


def test_without_rich_it_says_how_to_get_it(shop: Project, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['rich'] = None; sys.modules['rich.console'] = None\n"
        "sys.argv = ['hookman', 'watch']\nfrom hookman.cli import main\nmain()\n"
    )
    terminal = Terminal(shop, sys.executable, "-c", code, term="xterm")
    assert terminal.wait() == 1
    assert b"hookman: the live view needs the library rich" in terminal.seen
    assert f"Fix: {sys.executable} -m pip install rich\r\n".encode() in terminal.seen
    assert terminal.seen.count(b"\n") == 1
