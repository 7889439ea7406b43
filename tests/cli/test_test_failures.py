"""What hookman test says of a hook that fails."""

from __future__ import annotations

import re

import pytest

from tests.support.box import Project


class TestFailures:
    @pytest.fixture
    def failing(self, shop: Project) -> Project:
        shop.script("up.post", "a.sh", "echo out\necho trouble >&2\nexit 3")
        return shop

    def test_what_a_hook_printed_is_shown_once(self, failing: Project) -> None:
        result = failing.hookman("test", "a.sh")
        assert result.err == "out\ntrouble\n"
        assert re.fullmatch(
            r"✘ project.up.post/a.sh  failed, exit 3, [\d.]+ m?s\n"
            r"docker compose up would have ended with exit code 0\n",
            result.out,
        )

    def test_there_was_no_up_that_succeeded(self, failing: Project) -> None:
        result = failing.hookman("test", "up")
        assert "succeeded" not in result.out + result.err
        failing.write("hookman.toml", 'post_failure = "fail"\n')
        assert failing.hookman("test", "up").out.endswith("docker compose up would have ended with exit code 1\n")

    def test_a_timeout_says_its_limit(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "exec sleep 100")
        shop.write("hookman.toml", "timeout = 0.2\n")
        result = shop.hookman("test", "a.sh")
        assert result.code == 124
        assert "    timed out after 0.2 s\n" in result.out
        assert result.err == ""

    def test_repeated_it_says_why_it_stopped(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "echo >>trace\n[ $(wc -l <trace) -lt 3 ] || exit 4")
        result = shop.hookman("test", "a.sh", "--repeat", "9")
        assert result.code == 1
        assert "\nstopped after run 3 of 9: project.up.pre/a.sh failed with exit code 4\n" in result.out
        assert "project.up.pre/a.sh  3 times: min" in result.out

    @pytest.mark.parametrize(
        ("body", "why"), [("exec sleep 100", "took too long"), ("kill $PPID; sleep 100", "was interr")]
    )
    def test_repeated_it_says_what_ended_it(self, shop: Project, body: str, why: str) -> None:
        shop.script("up.pre", "a.sh", body)
        shop.write("hookman.toml", "timeout = 0.5\n")
        assert (
            f"stopped after run 1 of 2: project.up.pre/a.sh {why}" in shop.hookman("test", "a.sh", "--repeat", "2").out
        )

    def test_a_script_that_cannot_work_is_not_run(self, shop: Project) -> None:
        shop.script("up.pre", "c.sh", "echo ran >>trace\nif true\n")
        result = shop.hookman("test", "c.sh")
        assert (result.code, shop.trace()) == (1, [])
        assert '✘ project.up.pre/c.sh: c.sh:4: Syntax error: end of file unexpected (expecting "then")\n' in result.out
        assert result.out.endswith("project.up.pre/c.sh was not run\n")
