"""Rules with lists and numbers in them, each entry by itself: which commands count, which words, how many lines."""

from __future__ import annotations

import re
import signal

import pytest

from hookman.compose.commandline import LOCKING
from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import wait_for

CHANGING = (
    *("up", "down", "start", "stop", "restart", "build", "pull", "push", "create", "kill", "pause", "unpause", "rm"),
    *("scale", "watch"),
)
LOOKING = ("logs", "ps", "exec", "run", "port", "top", "cp", "attach", "wait", "commit", "export", "publish")


@pytest.mark.parametrize("command", CHANGING + LOOKING)
def test_every_command_that_acts_has_hooks_and_what_changes_something_locks(shop: Project, command: str) -> None:
    shop.script(f"{command}.pre", "a.sh", "echo ran >>trace")
    assert shop.compose(command, *(["a"] if command == "publish" else ["a", "b"])).code == 0
    assert shop.trace() == ["ran"]
    assert (command in LOCKING) == (command in CHANGING)


@pytest.mark.parametrize("stated", ["1", "true", "yes", "all", "True", "YES", " all "])
def test_each_word_for_yes_skips_all(shop: Project, stated: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    assert shop.compose("up", "-d", HOOKMAN_SKIP=stated).code == 0
    assert shop.trace() == []


@pytest.mark.parametrize("stated", ["0", "false", "no", "No", "FALSE", " no "])
def test_each_word_for_no_skips_nothing_and_is_not_taken_for_a_name(shop: Project, stated: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = shop.compose("up", "-d", HOOKMAN_SKIP=stated)
    assert (result.code, shop.trace()) == (0, ["ran"])
    assert "HOOKMAN_SKIP" not in result.err


def test_script_dir_without_a_root_is_the_directory_above(box: Box) -> None:
    project = box.project("deep/below/shop")
    project.script("up.pre", "a.sh", 'echo "$SCRIPT_DIR" >trace')
    assert project.compose("up", "-d").code == 0
    assert project.trace() == [str(box.base / "deep/below")]


def test_a_failure_repeats_the_last_ten_lines_of_stderr(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "seq -f 'line %02g' 1 30 >&2; exit 1")
    shop.compose("up", "-d")
    shown = shop.compose("up", "-d").err.partition("failed with exit code 1")[2]
    assert re.findall(r"line \d\d", shown) == [f"line {number}" for number in range(21, 31)]


def test_a_sigint_that_the_caller_ignores_stays_ignored(shop: Project) -> None:
    """As in a script's background job: the run goes on, as Compose's would."""
    shop.script("up.pre", "a.sh", "touch began; mkfifo go; read x <go; echo done >>trace")
    process = shop.start("sh", "-c", "trap '' INT; exec \"$@\"", "-", shop.box.shim, "compose", "up", "-d")
    wait_for(shop.path / "began")
    process.send_signal(signal.SIGINT)
    wait_for(shop.path / "go")
    (shop.path / "go").write_text("\n")
    assert (process.wait(PATIENCE), shop.trace()) == (0, ["done"])
