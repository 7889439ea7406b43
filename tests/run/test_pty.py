"""`pty = true`: a hook whose output is a terminal, at one and without one."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import termios

import pytest

from tests.support.box import Box, Project
from tests.support.terminal import Terminal, at_bash
from tests.support.waiting import alive, number_in, wait_for

SEES = "for i in 0 1 2; do test -t $i && printf '%s ' $i; done; echo end"
KINDS = {
    "a.sh": lambda shop, body: shop.script("up.pre", "a.sh", body),
    "hook_pre_up": lambda shop, body: shop.hooks_sh(f"hook_pre_up() {{\n{body}\n}}\n"),
}


def resize(terminal: Terminal, lines: int, columns: int) -> None:
    fcntl.ioctl(terminal.end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def with_pty(shop: Project, name: str, body: str, more: str = "") -> None:
    KINDS[name](shop, body)
    shop.write("hookman.toml", f'output = ["output"]\ngrace = 0.5\n[hooks."{name}"]\npty = true\n{more}')


@pytest.mark.parametrize("name", KINDS)
class TestWithoutATerminal:
    def test_all_three_are_one_and_the_output_is_shown_as_it_is(self, shop: Project, name: str) -> None:
        with_pty(shop, name, f"{SEES}; printf 'no end' >&2")
        result = shop.compose("up", "-d", STUB_OUT="x")
        assert (result.code, result.out, result.err) == (0, "x", "0 1 2 end\nno end")

    def test_reading_is_at_its_end_at_once(self, shop: Project, name: str) -> None:
        with_pty(shop, name, 'read x; echo "[$x] $?"; cat; echo end')
        assert shop.compose("up", "-d", stdin=b"not for hooks\n").err == "[] 1\nend\n"

    def test_it_has_a_size_and_a_name_of_a_terminal(self, shop: Project, name: str) -> None:
        with_pty(shop, name, 'stty size; echo "$TERM"')
        assert shop.compose("up", "-d").err == "24 80\ndumb\n"

    def test_the_log_keeps_what_it_printed_and_masks_it(self, shop: Project, name: str) -> None:
        shop.box.environ["MY_TOKEN"] = "s3cr3t-value"  # noqa: S105 (made up)
        with_pty(shop, name, 'echo "token $MY_TOKEN"; exit 3')
        result = shop.compose("up", "-d")
        assert result.code == 1
        assert f'Hook "{name}" failed with exit code 3: token ***' in result.err
        (kept,) = shop.box.data.rglob("output/*/*")
        assert kept.read_text() == "token ***\n"

    def test_any_amount(self, shop: Project, name: str) -> None:
        with_pty(shop, name, "head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2")
        result = shop.compose("up", "-d")
        assert (result.code, len(result.stderr)) == (0, 4000000)

    def test_what_it_leaves_running_lives_on_and_may_print(self, shop: Project, name: str) -> None:
        with_pty(
            shop, name, "(mkfifo go; read x <go; echo late; echo alive >survived; exec sleep 1000) & echo $! >left"
        )
        assert shop.compose("up", "-d").code == 0
        wait_for(shop.path / "go")
        (shop.path / "go").write_text("\n")
        wait_for(shop.path / "survived")
        left = number_in(shop.path / "left")
        assert alive(left)
        os.kill(left, signal.SIGKILL)

    def test_its_time_limit_counts(self, shop: Project, name: str) -> None:
        with_pty(shop, name, "sleep 1000", "timeout = 0.3\n")
        assert shop.compose("up", "-d").code == 124


@pytest.mark.parametrize("name", KINDS)
class TestAtATerminal:
    def test_it_has_the_terminals_size_and_learns_of_a_new_one(self, shop: Project, name: str) -> None:
        # The user's terminal tells it first, and then its own has the new size and tells it again.
        shop.box.environ["TOLD"] = 's=$(stty size <&2); echo "$s"; if test "$s" = "44 122"; then exit; fi'
        with_pty(shop, name, 'stty size <&2; trap "$TOLD" WINCH; echo ready; while :; do sleep 0.02; done')
        terminal = Terminal(shop, "sh", "-c", "read go; docker compose up -d")
        resize(terminal, 33, 111)
        terminal.type(b"\n")
        terminal.expect(b"33 111\r\n")
        terminal.expect(b"ready")
        resize(terminal, 44, 122)
        assert terminal.wait() == 0
        assert b"44 122" in terminal.seen

    def test_it_may_ask(self, shop: Project, name: str) -> None:
        with_pty(
            shop, name, "printf 'name? '; read name; echo \"[$name]\"; printf 'more? ' >/dev/tty; read more </dev/tty"
        )
        terminal = Terminal(shop, "docker", "compose", "up", "-d")
        terminal.expect(b"name? ")
        terminal.type(b"me\n")
        terminal.expect(b"[me]")
        terminal.expect(b"more? ")
        terminal.type(b"no\n")
        assert terminal.wait() == 0

    def test_ctrl_c_stops_it_and_the_run(self, box: Box, shop: Project, name: str) -> None:
        with_pty(shop, name, "trap 'echo tidy >>trace; exit 0' INT; echo ready; sleep 1000 & wait")
        terminal = Terminal(shop, "docker", "compose", "up", "-d")
        terminal.expect(b"ready")
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        assert (shop.trace(), box.calls()) == (["tidy"], [])

    def test_ctrl_z_gives_the_shell_back(self, shop: Project, name: str) -> None:
        with_pty(shop, name, 'echo ready; read line; echo "$line" >>trace')
        terminal = at_bash(shop, b"docker compose up -d")
        terminal.expect(b"ready")
        terminal.stop()
        terminal.type(b"echo shell is $((40 + 2))\n")
        terminal.match(rb"shell is 42\r\n")
        terminal.type(b"fg\n")
        terminal.match(rb"shell is 42\r\n(?s:.*)docker compose up -d\r\n")
        terminal.type(b"typed\n")
        terminal.match(rb"typed(?s:.*)> $")
        terminal.type(b"exit\n")
        assert terminal.wait() == 0
        assert shop.trace() == ["typed"]


def test_without_the_key_there_is_none(shop: Project) -> None:
    shop.write("hookman.toml", 'output = ["output"]\n[hooks."b.sh"]\npty = true\n')
    shop.script("up.pre", "a.sh", SEES)
    shop.script("up.pre", "b.sh", SEES)
    assert shop.compose("up", "-d").err == "end\n0 1 2 end\n"


def test_a_declared_hook_may_have_one_too(shop: Project) -> None:
    shop.write("hookman.toml", f"output = ['output']\n[hooks.look]\non = 'up.post'\nrun = '''{SEES}'''\npty = true\n")
    assert shop.compose("up", "-d").err == "0 1 2 end\n"


def test_a_wrong_value_is_an_error(shop: Project) -> None:
    path = shop.write("hookman.toml", '[hooks."a.sh"]\npty = "yes"\n')
    result = shop.compose("up", "-d")
    assert result.code == 78
    assert f"{path}:2: pty: must be true or false" in result.err


def test_the_hooks_of_a_terminal_are_hung_up_by_nothing(shop: Project) -> None:
    """What a hook left running beside its terminal goes on after the run, as without `pty`."""
    with_pty(shop, "a.sh", "sleep 1000 & echo $! >left")
    terminal = Terminal(shop, "sh", "-c", "docker compose up -d; echo over; read x")
    terminal.expect(b"over")
    left = number_in(shop.path / "left")
    assert alive(left)
    os.kill(left, signal.SIGKILL)
    terminal.type(b"\n")
    assert terminal.wait() == 0
