"""What a terminal shows in the end of what was written to it: each progress line in its last state, no colours."""

from __future__ import annotations

import re

TAB = 8
FARTHEST = 1000  # columns: no movement of the cursor goes beyond them
# Text; a line end and the like; a control sequence (ECMA-48); titles and links (OSC), other strings, other escapes.
TOKENS = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)|(?P<move>[\r\n\b\t])"
    r"|(?:\x1b\[|\x9b)(?P<numbers>[0-?]*)[ -/]*(?P<final>[@-~]?)"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x1f\x7f-\x9f]"
)
PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*\Z")  # nothing that moves the cursor back, nothing to leave out


def last_state(text: str) -> list[str]:
    """The lines of the text as a terminal shows them when all of it was written."""
    if PLAIN.match(text):
        lines = text.split("\n")
    else:
        screen = _Screen()
        for token in TOKENS.finditer(text):
            if token["text"]:
                screen.write(token["text"])
            elif token["move"]:
                screen.control(token["move"])
            elif token["final"]:
                screen.sequence(token["numbers"], token["final"])
        lines = screen.lines()
    return lines[:-1] if lines[-1] == "" else lines


class _Screen:
    """Rows of text, and where the cursor is. It is as wide and as high as the text needs."""

    def __init__(self) -> None:
        self._rows: list[str] = [""]  # the row of the cursor is the one in `_cells`
        self._cells: list[str] = []
        self._row = 0
        self._column = 0

    def lines(self) -> list[str]:
        """The rows, without the spaces at their ends."""
        self._go(self._row)
        return [row.rstrip() for row in self._rows]

    def write(self, text: str) -> None:
        """Put text where the cursor is, over what is there."""
        if len(self._cells) < self._column:
            self._cells += " " * (self._column - len(self._cells))
        self._cells[self._column : self._column + len(text)] = text
        self._column += len(text)

    def control(self, char: str) -> None:
        """A line end, a carriage return, a backspace or a tab."""
        if char == "\n":
            if self._row + 1 == len(self._rows):
                self._rows.append("")
            self._go(self._row + 1)
            self._column = 0  # as the terminal driver has it
        elif char == "\r":
            self._column = 0
        elif char == "\b":
            self._column = max(0, self._column - 1)
        else:
            self._forward(TAB - self._column % TAB)

    def sequence(self, numbers: str, final: str) -> None:
        """A control sequence: the cursor moves, or something is erased. Colours and all others change nothing."""
        first = numbers.partition(";")[0][:5]
        number = int(first) if first.isdecimal() else 0
        if final in "ABEFCDG":
            self._move(max(number, 1), final)
        elif final == "K":
            self._erase_in_row(number)
        elif final == "J" and number == 0:
            self._erase_in_row(0)
            del self._rows[self._row + 1 :]
        elif final == "J":  # a cleared screen: what was there has scrolled away, but it was shown
            self._rows.append("")
            self._go(len(self._rows) - 1)
            self._column = 0

    def _go(self, row: int) -> None:
        self._rows[self._row] = "".join(self._cells)
        self._row = row
        self._cells = list(self._rows[row])

    def _forward(self, by: int) -> None:
        self._column = max(self._column, min(self._column + by, FARTHEST))

    def _move(self, by: int, final: str) -> None:
        if final in "AF":
            self._go(max(0, self._row - by))
        elif final in "BE":
            self._go(min(len(self._rows) - 1, self._row + by))
        elif final == "C":
            self._forward(by)
        elif final == "D":
            self._column = max(0, self._column - by)
        if final in "EF":
            self._column = 0
        elif final == "G":
            self._column = min(by - 1, FARTHEST)

    def _erase_in_row(self, number: int) -> None:
        if number == 0:
            del self._cells[self._column :]
        elif number == 1:
            self._cells[: self._column + 1] = " " * min(self._column + 1, len(self._cells))
        else:
            self._cells.clear()
