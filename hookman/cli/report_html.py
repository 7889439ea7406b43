"""Pieces of HTML that the page of `hookman log --report` is made of. What comes from the log is escaped here."""

from __future__ import annotations

import html
import re
import shlex

from hookman.base.messages import shown
from hookman.base.redact import MASK
from hookman.log.screen import last_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIGNS = {
    **dict.fromkeys(("ok", "compose"), "✔"),
    **dict.fromkeys(("failed", "timeout", "aborted", "interrupted", "cancelled"), "✘"),
    "warned": "!",
    "running": "…",
    "lock": "…",
    "skipped": "○",
    "not reached": "-",
}
# Characters that are not seen, or that change the order of those around them.
HIDDEN = re.compile(r"[\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# What a word must not have if it is to be copied into a terminal as it is.
NOT_TYPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def text(anything: object) -> str:
    """A text of anybody's for one line."""
    return html.escape(shown(anything))


def output(written: bytes) -> list[str]:
    """What a hook wrote, as lines of HTML: each in its last state, and nothing in it is hidden."""
    lines = last_state(written.decode("utf-8", "replace"))
    return [html.escape(HIDDEN.sub(lambda found: shown(found[0]), line)) for line in lines]


def joined(lines: list[str]) -> str:
    """Lines for a <pre>. They begin with one line end, which a browser ignores."""
    return "\n" + "\n".join(lines)


def paragraph(anything: str, look: str = "") -> str:
    """A text of one or more lines."""
    lines = "<br>".join(map(text, anything.split("\n")))
    return f'<p class="{look}">{lines}</p>' if look else f"<p>{lines}</p>"


def sign(result: object) -> str:
    """The sign of a result, in its colour. The word for it is beside it."""
    return f'<span class="sign {kind(result)}" aria-hidden="true">{SIGNS.get(str(result), "?")}</span>'


def kind(result: object) -> str:
    """The class of a result: one of those that the page has a colour for."""
    return str(result).replace(" ", "-") if result in SIGNS else "unknown"


def count(number: int, thing: str, things: str = "") -> str:
    """A number of things: 1 run, 2 runs."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def command(words: list[str], directory: object = "") -> str:
    """A command to copy, for a shell in any directory."""
    line = " ".join(map(quoted, words))
    if directory:
        line = f"cd {quoted(str(directory))} && {line}"
    masked = MASK.decode() in line
    note = '<p class="note">*** is a secret that hookman masked. Type it again.</p>' if masked else ""
    button = '<button type="button" class="copy" hidden>Copy</button>'
    return f'<div class="command"><code>{html.escape(line)}</code>{button}</div>{note}'


def quoted(word: str) -> str:
    """A word for a shell. One with characters that a terminal does not show is written as bash and zsh read it."""
    if not NOT_TYPED.search(word):
        return shlex.quote(word)
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if not NOT_TYPED.match(char):
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def result_of(hook: dict[str, Any]) -> str:
    """How a hook ended, in words."""
    result = str(hook.get("result"))
    if result == "failed":
        return f"failed with exit code {hook['exit_code']}" if hook.get("exit_code") is not None else "failed"
    return {"timeout": "took too long", "interrupted": "was interrupted", "cancelled": "was stopped"}.get(
        result, result
    )
