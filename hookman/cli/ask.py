"""Asking the user a question whose answer is yes or no."""

from __future__ import annotations

import os
import select

import click

LOOK = 0.1  # seconds between two looks for Ctrl-C


def confirm(question: str) -> bool:
    """Ask, and ask again until the answer is yes or no; no answer means no. Raises click.Abort at Ctrl-C and Ctrl-D."""
    while True:
        click.echo(f"{question} [y/N]: ", nl=False)
        try:
            answer = _line()
        except (KeyboardInterrupt, EOFError):
            click.echo()
            raise click.Abort from None
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        click.echo("Type y or n.")


def _line() -> str:
    """The line that is typed. Raises EOFError where there is none.

    It does not wait in a read: Python loses a Ctrl-C that comes in the moment before that.
    """
    data = b""
    while not data.endswith(b"\n"):
        while not select.select([0], [], [], LOOK)[0]:
            pass
        byte = os.read(0, 1)
        if not byte:
            if not data:
                raise EOFError
            break
        data += byte
    return data.decode("utf-8", "replace").strip().lower()
