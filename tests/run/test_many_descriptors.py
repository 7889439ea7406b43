"""A caller that has more than a thousand files open, which all that it starts inherits."""

from __future__ import annotations

import sys

from tests.support.box import Project
from tests.support.terminal import Terminal

MANY = """
import os, sys
for _ in range(1100):
    os.set_inheritable(os.dup(0), True)
os.execvp(sys.argv[1], sys.argv[1:])
"""
START = ("sh", "-c", 'ulimit -n 4096; exec "$@"', "sh", sys.executable, "-c", MANY)
UP = ("docker", "compose", "up", "-d")


def test_hooks_run_at_a_terminal(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo script >>trace")
    shop.hooks_sh("hook_post_up() { echo function >>trace; }\n")
    assert Terminal(shop, *START, *UP).wait() == 0
    assert shop.trace() == ["script", "function"]


def test_a_hook_is_tried_again_after_its_delay(shop: Project) -> None:
    shop.write(
        "hookman.toml",
        """
        [hooks.again]
        on = "up.pre"
        run = "echo try >>trace; test $(wc -l <trace) = 2"
        retries = 1
        delay = 0.01
        """,
    )
    result = shop.box.run(*START, *UP, cwd=shop.path)
    assert (result.code, shop.trace()) == (0, ["try", "try"]), result


def test_a_run_that_waits_for_the_lock_gets_it(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo ready; read line; echo "$line" >>trace')
    first = Terminal(shop, *UP)
    first.expect(b"ready")
    second = Terminal(shop, *START, "docker", "compose", "stop")
    second.expect(b"waiting for")
    first.type(b"go\n")
    assert (first.wait(), second.wait()) == (0, 0)
    assert shop.box.calls() == ["<compose><up><-d>", "<compose><stop>"]
