"""hookman test --trace: the commands of a hook and what they print, in their order."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.support.box import Project


class TestTracesOfPipelines:
    BODY = 'for i in 1 2 3 4 5 6; do\necho "a b" | tr a-z A-Z | sed "s/A/x/" | cat >/dev/null\ndone\n'
    COMMANDS = ("tr a-z A-Z", "sed s/A/x/", "cat")

    @pytest.mark.parametrize("first", ["#!/bin/sh", "#!/bin/sh -e", "#!/usr/bin/env sh", "#!/bin/bash", ""])
    def test_lines_are_complete(self, shop: Project, first: str) -> None:
        shop.script("up.pre", "a.sh", self.BODY, first=first)
        lines = shop.hookman("test", "a.sh", "--trace").err.splitlines()
        assert {re.sub(r"^\+ a.sh(:\d+)?: ", "", line) for line in lines} >= {*self.COMMANDS}
        assert [line for line in lines if not re.match(r"\+ a.sh(:\d+)?: (for|echo|tr|sed|cat)\b", line)] == []

    def test_lines_of_a_function_are_complete_and_nothing_of_the_driver_shows(self, shop: Project) -> None:
        shop.hooks_sh(f"hook_pre_up() {{\n{self.BODY}}}\n")
        lines = shop.hookman("test", "hook_pre_up", "--trace").err.splitlines()
        assert [line for line in lines if not re.match(r"\+ hooks.sh:\d: (for|echo|tr|sed|cat)\b", line)] == []

    def test_a_traced_script_ends_as_without_a_trace(self, shop: Project) -> None:
        body = "set -e\nfalse || code=$?\nx=$(exit 4) || code=$code$?\n( sleep 0 & )\necho $code >>trace\nexit 5\n"
        shop.script("up.pre", "a.sh", body)
        for words in ([], ["--trace"]):
            assert "failed, exit 5" in shop.hookman("test", "a.sh", *words).out
        assert shop.trace() == ["14", "14"]

    def test_stdout_and_trace_keep_their_order(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "echo one\necho two >&2\necho three\nprintf '%s' last")
        lines = shop.hookman("test", "a.sh", "--trace").err.splitlines()
        assert [re.sub(r"^\+ a.sh(:\d+)?: ", "+ ", line) for line in lines] == [
            "+ echo one",
            "one",
            "+ echo two",
            "two",
            "+ echo three",
            "three",
            "+ printf %s last",
            "last",
        ]

    def test_much_output_arrives_completely(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "head -c 3000000 /dev/zero | tr '\\0' x")
        assert shop.hookman("test", "a.sh", "--trace").err.count("x" * 3_000_000) == 1

    def test_a_script_that_opens_stderr_by_its_name_may_do_so(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "echo ran >/dev/stderr")
        result = shop.hookman("test", "a.sh", "--trace")
        assert (result.code, "ran\n" in result.err) == (0, True)

    def test_a_process_that_stays_does_not_hold_the_test_up(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "sleep 1000 &\necho $! >pid")
        assert shop.hookman("test", "a.sh", "--trace").code == 0
        os.kill(int((shop.path / "pid").read_text()), signal.SIGKILL)
