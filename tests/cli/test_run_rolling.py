"""hookman run --rolling: one engine after the other."""

from __future__ import annotations

import re

import pytest

from tests.support.box import Project
from tests.support.edges import HOOK, Root
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for


class TestRolling:
    """--rolling N."""

    def test_it_goes_engine_by_engine(self, reached: Root) -> None:
        result = reached.run("--rolling", "1", "--context", "edge-2,edge-1", "*", "up", "-d")
        assert result.code == 0
        assert reached.trace() == ["blog edge-2 none", "web edge-2 none", "blog edge-1 none", "web edge-1 none"]
        begins = [line for line in result.err.splitlines() if " begins" in line]
        assert begins == ["hookman: edge-2 begins: engine 1 of 2", "hookman: edge-1 begins: engine 2 of 2"]

    def test_it_stops_at_the_first_engine_that_fails_and_says_how_far_it_came(self, reached: Root) -> None:
        reached.stacks["blog"].hooks_sh(HOOK + 'hook_post_up() { [ "$DOCKER_CONTEXT" != edge-2 ]; }\n')
        result = reached.run("--rolling", "1", "--context", "edge-1,edge-2,prod", "*", "up", "-d")
        assert result.code == 1
        assert reached.trace()[2:] == ["blog edge-2 none", "web edge-2 none"]
        assert "hookman: engines done: edge-1; failed: edge-2; not begun: prod\n" in result.err
        assert "hookman: web on prod     not run\n" in result.err
        assert "to go on: hookman run --rolling 1 --context edge-2,prod '*' up -d\n" in result.err

    def test_an_engine_that_cant_be_reached_has_failed(self, root: Root) -> None:
        result = root.run("--rolling", "1", "--context", "edge-1,edge-2", "web", "up", "-d")
        assert "hookman: engines failed: edge-1; not begun: edge-2\n" in result.err

    def test_after_ctrl_c_no_engine_begins_and_it_says_how_far_it_came(self, reached: Root) -> None:
        waits = '[ "$DOCKER_CONTEXT" = edge-1 ] || { : >../runs; exec sleep 1000; }'
        reached.stacks["blog"].hooks_sh(f"hook_pre_up() {{ {waits}; }}\n")
        words = ("--rolling", "1", "--context", "edge-1,edge-2,prod", "*", "up", "-d")
        terminal = Terminal(Project(reached.box, reached.path), "hookman", "run", *words)
        wait_for(reached.path / "runs")
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        said = terminal.seen.decode()
        assert re.search(r"blog on edge-2 +stopped +\d", said), said
        assert "engines done: edge-1; failed: edge-2; not begun: prod" in said
        assert "to go on: hookman run --rolling 1 --context edge-2,prod '*' up -d" in said

    def test_the_plan_is_shown_in_that_order(self, root: Root) -> None:
        shown = root.run("-n", "--rolling", "1", "--context", "edge-2,edge-1", "*", "up").out.splitlines()
        assert [line.partition(":")[0] for line in shown] == [
            *("blog on edge-2", "web on edge-2"),
            *("blog on edge-1", "web on edge-1"),
        ]

    def test_on_one_engine_it_changes_nothing_and_says_so(self, root: Root) -> None:
        result = root.run("--rolling", "2", "*", "up", "-d")
        assert result.code == 0
        assert "hookman: --rolling changes nothing, because everything runs on one engine\n" in result.err

    @pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
    def test_another_number_is_an_error(self, root: Root, number: str) -> None:
        result = root.run(f"--rolling={number}", "*", "up")
        assert (result.code, root.box.calls()) == (2, [])
        assert "run: --rolling must be a whole number of 1 or more" in result.err
