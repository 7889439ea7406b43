"""Hooks that do not run at each command: `sources` and `once`."""

from __future__ import annotations

from tests.support.box import Project


def declare(shop: Project, keys: str, run: str = "echo ran >>trace", event: str = "up.post") -> None:
    """Declare the hook x with `keys`."""
    shop.write("hookman.toml", f'[hooks.x]\non = "{event}"\nrun = "{run}"\n{keys}\n')


def runs(shop: Project, *words: str) -> bool:
    """Does a hook that writes the trace run at this command (up -d)?"""
    before = len(shop.trace())
    shop.compose(*(words or ("up", "-d")))
    return len(shop.trace()) > before
