"""Every legal setting works, however large or small: none ends in an internal error."""

from __future__ import annotations

import pytest

from tests.support.box import Project

LARGE = ("1" + "0" * 400, "1e300", "9223372036854775808", "2592000")
NUMBERS = ("timeout", "function_timeout", "grace", "lock_timeout")
WHOLE = ("keep_runs", "output_limit")


def test_large_numbers(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shop.hooks_sh("hook_post_up() { echo ran >>trace; }\n")
    for number in LARGE:
        lines = [f"{key} = {number}\n" for key in NUMBERS]
        lines += [f"{key} = {number if number.isdigit() else 7}\n" for key in WHOLE]
        shop.write("hookman.toml", "".join(lines) + f'[hooks."a.sh"]\ntimeout = {number}\n')
        result = shop.compose("up", "-d")
        assert (result.code, "internal error" in result.err) == (0, False), result
        assert shop.hookman("list").code == 0
    assert shop.trace() == ["ran"] * 2 * len(LARGE)


@pytest.mark.parametrize("number", ["1e-320", "1e-9"])
def test_small_numbers(shop: Project, number: str) -> None:
    shop.write("hookman.toml", "".join(f"{key} = {number}\n" for key in NUMBERS))
    shop.script("up.pre", "a.sh", "exec sleep 1000")
    result = shop.compose("up", "-d")
    assert (result.code, "internal error" in result.err) == (124, False), result


def test_a_large_limit_in_the_environment(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.compose("up", "-d", HOOKMAN_TIMEOUT="1e308").code == 0


@pytest.mark.parametrize(
    "line", ['redact = [""]', 'skip = [""]', 'redact = ["("]', 'skip = ["\\u0000"]', "output = []"]
)
def test_odd_lists(shop: Project, line: str) -> None:
    shop.write("hookman.toml", f"{line}\n")
    shop.write(".env", "TAG=1.25.3\n")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, "internal error" in result.err, shop.trace()) == (0, False, ["ran"])
