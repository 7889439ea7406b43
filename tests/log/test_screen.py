"""What a terminal shows of a text in the end."""

from __future__ import annotations

import pytest

from hookman.log.screen import last_state

SHOWN = {
    "no line": ("", []),
    "plain lines": ("one\n\ttwo  \n", ["one", "\ttwo  "]),
    "an empty line between": ("one\n\ntwo", ["one", "", "two"]),
    "windows line ends": ("one\r\ntwo\r\n", ["one", "two"]),
    "a percentage": ("\r 10 %\r 50 %\r100 %\ndone\n", ["100 %", "done"]),
    "a shorter text over a longer one": ("downloading\rdone\n", ["doneloading"]),
    "a line that is erased first": ("downloading\r\x1b[Kdone\n", ["done"]),
    "a spinner": ("wait |\b/\b-\b\\\b done\n", ["wait  done"]),
    "colours": ("\x1b[1;31mred\x1b[0m\x1b(B and \x9b32mgreen\x9b0m\n", ["red and green"]),
    "a title and a link": ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["alink"]),
    "lines drawn again": ("web  wait\ndb   wait\n\x1b[2A\x1b[2Kweb  up\n\x1b[2Kdb   up\n", ["web  up", "db   up"]),
    "what was below is erased": ("a\nb\nc\n\x1b[3A\x1b[Jd\n", ["d"]),
    "up and to the beginning": ("one\ntwo\n\x1b[2FONE\x1b[ETWO\n", ["ONE", "TWO"]),
    "to a column": ("abc\x1b[2GX\x1b[CY\x1b[2DZ\n", ["aXZY"]),
    "a tab moves and erases nothing": ("0123456789\r\tX\n", ["01234567X9"]),
    "the beginning of a line is erased": ("abcdef\x1b[3D\x1b[1K\n", ["    ef"]),
    "a cleared screen keeps what was shown": ("before\n\x1b[2J\x1b[Hafter\n", ["before", "", "after"]),
    "a sequence that is cut off": ("text\x1b[3", ["text"]),
    "an escape at the end": ("text\x1b", ["text"]),
    "zero bytes and bells": ("a\0b\x07c\n", ["abc"]),
    "up beyond the top": ("\x1b[99999999999999999Aa\n", ["a"]),
    "right beyond all screens": ("\x1b[99999999999999999Ca\n", [" " * 1000 + "a"]),
}


@pytest.mark.parametrize(("text", "lines"), SHOWN.values(), ids=SHOWN.keys())
def test_the_last_state_is_shown(text: str, lines: list[str]) -> None:
    assert last_state(text) == lines


def test_far_movements_in_many_lines_take_no_more_room_than_lines_of_a_terminal() -> None:
    lines = last_state("\x1b[9999C\x1b[9999CX\n" * 1000)
    assert {len(line) for line in lines} == {1001}


def test_a_megabyte_of_one_progress_line_is_one_line() -> None:
    text = "".join(f"\r{number:7d} of 100000" for number in range(60_000))
    assert last_state(text) == ["  59999 of 100000"]
