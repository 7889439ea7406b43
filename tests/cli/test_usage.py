"""Mistakes on our own command lines: one line, `hookman: WHAT. Fix: COMMAND`."""

from __future__ import annotations

import pytest

from tests.support.box import Project

MISTAKES = [
    (["lst"], "there is no command 'lst'. Did you mean 'list'? Fix: hookman list"),
    (["zzzzzz"], "there is no command 'zzzzzz'. Fix: hookman --help"),
    (["config", "st"], "there is no command 'config st'. Did you mean 'set'? Fix: hookman config set"),
    (["list", "--jsn"], "list has no option --jsn. Did you mean --json? Fix: hookman list --help"),
    (["-x"], "hookman has no option -x. Fix: hookman --help"),
    (["config", "set", "timeout"], "config set: VALUE is missing. Fix: hookman config set [OPTIONS] KEY VALUE"),
    (["up", "web"], "up: there are too many arguments: web. Fix: hookman up [OPTIONS]"),
    (["run", "--jobs", "many"], "run: --jobs must be a whole number of 1 or more. Fix: hookman run --help"),
    (["run", "--jobs", "0"], "run: --jobs must be a whole number of 1 or more. Fix: hookman run --help"),
    (["log", "--since"], "log: option '--since' requires an argument. Fix: hookman log --help"),
    (
        ["completion", "install", "tcsh"],
        "completion install: SHELL must be one of bash, zsh, fish. Fix: hookman completion install --help",
    ),
    (["init", "--future"], "--future is for a root of stacks. Fix: leave it out, or add --root"),
    (["enable", "none"], "{}/none is not a directory. Fix: name a directory, or leave it out for this one"),
]


@pytest.mark.parametrize(("words", "says"), MISTAKES)
def test_a_mistake_is_one_line_with_its_fix(shop: Project, words: list[str], says: str) -> None:
    result = shop.hookman(*words)
    assert (result.code, result.out, result.err) == (2, "", f"hookman: {says.format(shop.path)}\n")


def test_an_error_of_a_run_and_one_of_a_command_have_the_same_form(shop: Project) -> None:
    shop.write("hookman.toml", "timeuot = 5\n")
    shop.script("up.pre", "a.sh")
    told = f"hookman: {shop.path}/hookman.toml:1: timeuot: unknown key. Fix: Did you mean 'timeout'?\n"
    assert shop.hookman("list").err == told
    assert shop.compose("up", "-d").err == f"{told}hookman: up was not run. To go without hooks: --skip-hooks\n"
