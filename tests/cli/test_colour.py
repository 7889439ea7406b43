from __future__ import annotations

import pytest

from hookman.cli.colour import is_wanted
from hookman.cli.table import cut, rows
from tests.support.box import BIN, Project
from tests.support.terminal import Terminal

RED = "\x1b[31m"
COMMANDS = [("log",), ("list",), ("test",), ("doctor",), ("status",)]


@pytest.mark.parametrize(
    ("choice", "environ", "is_terminal", "wanted"),
    [
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {}, True, False),
        ("auto", {"TERM": "xterm", "CLICOLOR": "0"}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1", "TERM": "xterm"}, True, False),
    ],
)
def test_when_colours_are_wanted(choice: str, environ: dict[str, str], is_terminal: bool, wanted: bool) -> None:
    assert is_wanted(choice, environ, is_terminal=is_terminal) is wanted


@pytest.fixture
def broken(shop: Project) -> Project:
    """A project with a hook that fails, that ran once, and one that does not parse."""
    shop.script("up.pre", "a.sh", "exit 1")
    shop.compose("up", "-d")
    shop.script("up.post", "b.sh", "if")
    return shop


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_prints_colours_when_it_is_asked_to(broken: Project, command: tuple[str]) -> None:
    assert "\x1b[3" in broken.hookman(*command, "--color", "always").out


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_terminal_no_command_prints_colours(broken: Project, command: tuple[str]) -> None:
    assert "\x1b" not in broken.hookman(*command).out


def test_what_failed_is_red_on_a_terminal(broken: Project) -> None:
    terminal = Terminal(broken, str(BIN / "hookman"), "log", term="xterm")
    terminal.expect(f"{RED}✘".encode())
    assert terminal.wait() == 0


def test_a_wrong_choice_names_the_right_ones(shop: Project) -> None:
    result = shop.hookman("list", "--color", "sometimes")
    assert (result.code, "always" in result.err) == (2, True)


def test_colours_take_no_room_in_a_table() -> None:
    assert rows([[f"{RED}ab\x1b[0m", "c"], ["abc", "d"]]) == [f"{RED}ab\x1b[0m   c", "abc  d"]


def test_a_cut_line_ends_its_colours() -> None:
    assert cut(f"{RED}abcdef\x1b[0m", 4) == f"{RED}abc\x1b[0m…"
