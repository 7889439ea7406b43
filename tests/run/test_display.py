"""What the user sees of hooks: lines on a pipe, a running clock on a terminal; quiet and verbose."""

from __future__ import annotations

import re

import pytest

from hookman.run.display import Display
from tests.support.box import Project
from tests.support.terminal import Terminal

CLOCK = rb" [^ ]+ project.up.pre/a.sh +\d\.\ds"


def test_elsewhere_than_on_a_terminal_there_is_a_plain_line_for_each_hook(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo one; printf two")
    result = shop.compose("up", "-d")
    assert re.fullmatch(r"one\ntwo\n ✔ project.up.pre/a.sh  \d\.\ds\n", result.err)


def test_a_failure_is_marked_and_the_total_names_the_run(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.script("up.pre", "b.sh", "exit 3")
    err = shop.compose("up", "-d").err
    assert re.search(r" ✘ project.up.pre/b.sh  \d\.\ds\nhookman: Hook \"b.sh\" failed with exit code 3\n", err)
    (run,) = shop.box.runs()
    assert err.endswith(f"hookman: More: hookman log {run['run'].rpartition('-')[2]}\n")


def test_hooks_that_take_long_have_a_total(capfd: pytest.CaptureFixture[str]) -> None:
    display = Display(["results", "total"])
    for label, seconds in (("project.up.pre/a.sh", 9.0), ("project.up.pre/b.sh", 1.5)):
        display.begin(label)
        display.end("ok", seconds)
    display.total("up", "20260101-000000-abcdef", wrong=False)
    total = "hookman: the hooks of up took 10.5 s (slowest: project.up.pre/a.sh, 9.0 s). More: hookman log abcdef\n"
    assert capfd.readouterr().err == f" ✔ project.up.pre/a.sh  9.0s\n ✔ project.up.pre/b.sh  1.5s\n{total}"


@pytest.mark.parametrize("way", ["environment", "config"])
def test_quiet_shows_only_what_went_wrong_and_what_failed_hooks_printed(shop: Project, way: str) -> None:
    shop.box.environ["HOOKMAN_QUIET"] = "1" if way == "environment" else "0"
    if way == "config":
        shop.write("hookman.toml", "output = []\n")
    shop.script("up.pre", "a.sh", "echo silent")
    good = shop.compose("up", "-d")
    assert (good.code, good.err) == (0, "")
    shop.script("up.pre", "b.sh", "echo reason; exit 3")
    bad = shop.compose("up", "-d")
    assert (bad.code, bad.err.splitlines()[:2]) == (1, ["reason", 'hookman: Hook "b.sh" failed with exit code 3'])
    assert "silent" not in bad.err


def test_verbose_says_why_each_hook_runs_or_not(shop: Project) -> None:
    path = shop.script("up.pre", "a.sh")
    shop.script("up.pre", "b.sh")
    err = shop.compose("up", "-d", HOOKMAN_VERBOSE="1", HOOKMAN_SKIP="b.sh").err
    assert f"hookman: project.up.pre/a.sh runs: {path}, 300 s\n" in err
    assert " - project.up.pre/b.sh  skipped: HOOKMAN_SKIP\n" in err


class TestTerminal:
    def test_a_clock_runs_below_the_output_and_settles(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "mkfifo go on; echo one; read x <go; echo two; read x <on")
        terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
        terminal.expect(b"one\r\n")
        terminal.match(rb"one\r\n" + CLOCK + rb"\x1b7\r" + CLOCK + rb"\x1b8")
        (shop.path / "go").write_text("\n")
        terminal.match(CLOCK + rb"\x1b8\r\x1b\[Ktwo\r\n" + CLOCK)
        (shop.path / "on").write_text("\n")
        assert terminal.wait() == 0
        assert re.search(rb"\r\x1b\[K \x1b\[32m\xe2\x9c\x94\x1b\[0m project.up.pre/a.sh  \d\.\ds\r\n", terminal.seen)

    def test_no_color_means_none(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "exit 1")
        shop.box.environ["NO_COLOR"] = "1"
        terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
        assert terminal.wait() == 1
        assert b" \xe2\x9c\x98 project.up.pre/a.sh" in terminal.seen
        assert b"\x1b[3" not in terminal.seen

    def test_a_prompt_is_not_written_over(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "printf 'name? '; read name; echo \"[$name]\"")
        terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
        terminal.expect(b"name? ")
        seen = len(terminal.seen)
        assert not terminal.comes(b"project.up.pre", seconds=1.0)
        terminal.type(b"me\n")
        terminal.expect(b"[me]")
        assert terminal.wait() == 0
        assert terminal.seen[seen:].startswith(b"me\r\n")

    def test_nothing_is_drawn_while_a_password_is_typed(self, shop: Project) -> None:
        """A program that asks on the terminal itself, as sudo does."""
        asks = "printf 'password: ' >/dev/tty; stty -echo </dev/tty; read x </dev/tty; stty echo </dev/tty"
        shop.script("up.pre", "a.sh", asks)
        terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
        terminal.expect(b"password: ")
        assert not terminal.comes(b"project.up.pre", seconds=1.0)
        terminal.type(b"secret\n")
        assert terminal.wait() == 0
        assert b"secret" not in terminal.seen


@pytest.mark.parametrize("shown", [["output", "results"], ["results"]])
def test_beside_compose_a_line_says_whose_output_follows(capfd: pytest.CaptureFixture[str], shown: list[str]) -> None:
    display = Display(shown)
    display.begin("project.up.post/a.sh", beside=True)
    display.output(b"one\n")
    display.output(b"two\n")
    display.end("failed", 0.1)
    expected = " ▸ project.up.post/a.sh prints:\none\ntwo\n ✘ project.up.post/a.sh  0.1s\n"
    assert capfd.readouterr().err == expected


def test_a_silent_hook_beside_compose_has_only_its_result(capfd: pytest.CaptureFixture[str]) -> None:
    display = Display(["output", "results"])
    display.begin("project.up.post/a.sh", beside=True)
    display.end("ok", 0.1)
    assert capfd.readouterr().err == " ✔ project.up.post/a.sh  0.1s\n"
