"""Names and texts as one can type them into a shell."""

from __future__ import annotations

import os

PLAIN = str.maketrans(dict.fromkeys("/.-_", "0"))


def shell_quoted(text: str) -> str:
    """`text` as one word for the shell, safe to print whatever is in the name."""
    if text.isascii() and text.translate(PLAIN).isalnum():
        return text
    if not text.isprintable():
        return f"$'{''.join(map(_in_dollar_quotes, text))}'"
    import shlex

    return shlex.quote(text)


def _in_dollar_quotes(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in os.fsencode(char))
