"""What a hook prints, line by line, so that the lines of several hooks never mix."""

from __future__ import annotations

LONGEST = 8 * 1024  # bytes of a line that is held back until it ends; a longer one comes in parts
# What moves the cursor or rings the bell; a carriage return is looked at before, and escapes may be colours.
MOVING = bytes(number for number in range(32) if number not in b"\t\x1b") + b"\x7f"
END_OF_COLOUR = b"\x1b[0m"


class WholeLines:
    """Takes pieces and gives lines, each as a terminal shows it in the end: a progress bar in its last state."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take a piece, and return the lines that are complete now."""
        text = self._rest + data
        *lines, rest = text.split(b"\n")
        if len(rest) > LONGEST:
            rest = _last_state(rest, open_end=True)
        if len(rest) > LONGEST:
            cut = _before_letter(rest)
            lines.append(rest[:cut])
            rest = rest[cut:]
        self._rest = rest
        return lines if _is_plain(text) else [_shown(line) for line in lines]

    def end(self) -> list[bytes]:
        """The line that was not ended, if there is one."""
        rest, self._rest = self._rest, b""
        return [_shown(rest)] if rest else []


def _is_plain(text: bytes) -> bool:
    """Is there nothing in it that has to be left out? That is so for nearly all output."""
    return b"\x1b" not in text and len(text.translate(None, MOVING)) == len(text) - text.count(b"\n")


def _shown(line: bytes) -> bytes:
    """The line without what moves the cursor. Colours stay in it, and end with it."""
    line = _last_state(line.rstrip(b"\r"))
    if b"\x1b" not in line:
        return line.translate(None, MOVING)
    import re

    other = rb"\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]?"
    line = re.sub(rb"(\x1b\[[0-9;:]*m)|" + other, lambda found: found[1] or b"", line).translate(None, MOVING)
    return line + END_OF_COLOUR if b"\x1b" in line else line


def _last_state(line: bytes, *, open_end: bool = False) -> bytes:
    """What is after the last carriage return. At an `open_end` one in the last place does not count yet."""
    end = len(line) - 1 if open_end and line.endswith(b"\r") else len(line)
    return line[line.rfind(b"\r", 0, end) + 1 :]


def _before_letter(line: bytes) -> int:
    """Where to cut `line`, so that no letter of several bytes is cut if it ends in one."""
    cut = len(line)
    while cut > len(line) - 4 and line[cut - 1] & 0xC0 == 0x80:
        cut -= 1
    return cut - 1 if line[cut - 1] >= 0xC0 else len(line)
