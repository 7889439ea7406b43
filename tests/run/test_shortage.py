"""A system that has run out of something: a clear error, and no hook that was begun runs on."""

from __future__ import annotations

import pytest

from tests.support.box import Project
from tests.support.terminal import Terminal


@pytest.mark.parametrize("at_terminal", [False, True])
@pytest.mark.parametrize("files", range(13, 24))
def test_without_descriptors_it_says_so(shop: Project, files: int, at_terminal: bool) -> None:
    shop.script("up.pre", "a.sh", "echo script >>trace")
    shop.hooks_sh("hook_post_up() { echo function >>trace; }\n")
    argv = ("sh", "-c", f"ulimit -n {files}; exec {shop.box.shim} compose up -d")
    if at_terminal:
        terminal = Terminal(shop, *argv)
        code, said = terminal.wait(), terminal.seen.decode()
    else:
        result = shop.box.run(*argv, cwd=shop.path)
        code, said = result.code, result.err
    well = shop.trace() == ["script", "function"] and code == 0
    assert well or "Too many open files. Fix: allow more open files (ulimit -n)" in said
    assert "internal error" not in said
