"""Hooks at a terminal: CONTRACT C67, C70, C104, on a real pty."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.terminal import Terminal, at_bash
from tests.support.waiting import alive


def test_a_hook_may_ask_a_question(shop: Project) -> None:  # C67
    shop.hooks_sh('hook_pre_down() { read -r -p "Sure? " answer; [[ $answer == yes ]]; }\n')
    terminal = Terminal(shop, "docker", "compose", "down", "-v")
    terminal.expect(b"Sure? ")
    terminal.type(b"yes\n")
    assert terminal.wait() == 0
    terminal = Terminal(shop, "docker", "compose", "down", "-v")
    terminal.expect(b"Sure? ")
    terminal.type(b"no\n")
    assert terminal.wait() == 1
    assert shop.box.calls() == ["<compose><down><-v>"]


def test_a_script_may_ask_on_the_controlling_terminal(shop: Project) -> None:  # C70
    shop.script("up.pre", "a.sh", 'echo ask >/dev/tty; read answer </dev/tty; echo "$answer" >trace')
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"ask")
    terminal.type(b"secret\n")
    assert terminal.wait() == 0
    assert shop.trace() == ["secret"]


def test_compose_has_the_terminal_on_all_three_and_in_its_foreground(box: Box, shop: Project) -> None:  # C70
    shop.script("up.pre", "a.sh", "true")
    shop.script("up.post", "a.sh", "true")
    run = "test -t 0 && test -t 1 && test -t 2 && read -r line && echo got $line >trace"
    box.environ["STUB_RUN"] = run
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.type(b"hello\n")
    assert terminal.wait() == 0
    assert shop.trace() == ["got hello"]


def test_ctrl_c_during_a_pre_hook_reaches_the_hook_and_aborts(shop: Project) -> None:  # C104
    shop.script("up.pre", "a.sh", "trap 'echo tidy >>trace; exit 1' INT; echo ready; sleep 1000 & wait")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    assert terminal.wait() != 0
    assert (shop.trace(), shop.box.calls()) == (["tidy"], [])


def test_ctrl_c_wins_over_a_pre_hook_that_tidies_up_and_ends_well(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "trap 'echo tidy >>trace; exit 0' INT; echo ready; sleep 1000 & wait")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    assert (shop.trace(), shop.box.calls()) == (["tidy"], [])
    assert [run["result"] for run in shop.box.runs()] == ["interrupted"]


def test_ctrl_c_kills_a_hook_that_does_not_care_and_leaves_nothing_behind(shop: Project) -> None:  # C104
    # The child says that it is ready: bash itself loses a Ctrl-C between its fork and its exec.
    shop.hooks_sh("hook_pre_up() { sh -c 'echo $$ >pid; echo ready; exec sleep 1000'; }\n")
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    assert shop.box.calls() == []
    assert not alive(int((shop.path / "pid").read_text()))


def test_ctrl_z_gives_the_shell_back_and_fg_goes_on(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo ready; read line; echo "$line" >>trace')
    terminal = at_bash(shop, b"docker compose up -d")
    terminal.expect(b"ready")
    terminal.stop()
    terminal.type(b"echo shell is $((40 + 2))\n")
    terminal.expect(b"shell is 42")
    terminal.type(b"fg\n")
    terminal.expect(b"docker compose up -d\r\n")
    terminal.type(b"typed\n")
    terminal.type(b"exit\n")
    assert terminal.wait() == 0
    assert (shop.trace(), shop.box.calls()) == (["typed"], ["<compose><up><-d>"])


ASKS = 'echo ready; read line </dev/tty; echo "$line" >>trace'


def test_ctrl_z_and_bg_leave_the_terminal_with_the_shell(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "mkfifo go; echo ready; read _ <go; echo went on >>trace")
    shop.script("up.post", "b.sh", "echo b >>trace")
    terminal = at_bash(shop, b"docker compose up -d")
    terminal.expect(b"ready")
    terminal.stop()
    terminal.type(b"bg; echo >go; wait; echo shell is $((40 + 2))\n")
    terminal.expect(b"shell is 42")
    terminal.type(b"read -r line; echo got $line; exit\n")
    terminal.type(b"typed\n")
    terminal.expect(b"got typed")
    assert terminal.wait() == 0
    assert (shop.trace(), shop.box.calls()) == (["went on", "b"], ["<compose><up><-d>"])


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_hook_in_the_background_that_asks_stops_its_job_and_fg_lets_it_ask(shop: Project, is_moved: bool) -> None:
    shop.script("up.pre", "a.sh", f"mkfifo go; echo begun; read _ <go; {ASKS}")
    terminal = at_bash(shop, b"docker compose up -d" + (b"" if is_moved else b" &"))
    terminal.expect(b"begun")
    if is_moved:
        terminal.stop()
        terminal.type(b"bg\n")
    terminal.type(b"echo >go; until jobs | grep -q Stopped; do sleep 0.02; done; echo shell is $((40 + 2))\n")
    terminal.expect(b"shell is 42")
    terminal.type(b"fg\n")
    terminal.expect(b"docker compose up -d\r\n")
    terminal.type(b"typed\n")
    terminal.type(b"exit\n")
    assert terminal.wait() == 0
    assert (shop.trace(), shop.box.calls()) == (["typed"], ["<compose><up><-d>"])


def test_a_pager_behind_compose_sets_up_the_terminal_while_a_hook_runs(shop: Project) -> None:
    shop.script("ps.pre", "a.sh", f"mkfifo go; read _ <go; {ASKS}")
    pager = b"{ until test -p go; do sleep 0.02; done; stty -echo </dev/tty; echo >go; cat; }"
    terminal = at_bash(shop, b"docker compose ps | " + pager + b"; stty echo; echo shell is $((40 + 2)); exit")
    terminal.expect(b"ready")
    terminal.type(b"typed\n")
    terminal.expect(b"shell is 42")
    assert b"Stopped" not in terminal.seen
    assert terminal.wait() == 0
    assert (shop.trace(), shop.box.calls()) == (["typed"], ["<compose><ps>"])


def test_with_another_stdin_a_hook_may_ask_on_the_terminal(shop: Project) -> None:  # sudo, ssh, git
    shop.hooks_sh(f"hook_pre_up() {{ {ASKS}; }}\nhook_post_up() {{ echo fine >>trace; }}\n")
    terminal = Terminal(shop, "sh", "-c", "docker compose up -d </dev/null; read line; echo shell got $line")
    terminal.expect(b"ready")
    terminal.type(b"typed\n")
    terminal.type(b"more\n")
    terminal.expect(b"shell got more")
    assert terminal.wait() == 0
    assert shop.trace() == ["typed", "fine"]


def test_ctrl_c_ends_a_hook_that_asks_while_stdin_is_something_else(shop: Project) -> None:
    shop.hooks_sh(f"hook_pre_up() {{ {ASKS}; }}\n")
    terminal = Terminal(shop, "sh", "-c", "trap : INT; docker compose up -d </dev/null; echo code is $?")
    terminal.expect(b"ready")
    terminal.type(b"\x03")
    terminal.expect(b"code is 130")
    terminal.wait()
    assert (shop.trace(), shop.box.calls()) == ([], [])


@pytest.mark.parametrize("other", ["| cat", "</dev/null", ">out"])
def test_ctrl_z_leaves_a_hook_going_on_that_does_not_have_the_terminal(shop: Project, other: str) -> None:
    shop.script("up.pre", "a.sh", "mkfifo go done; echo ready >/dev/tty; read _ <go; echo went on >done")
    terminal = at_bash(shop, f"docker compose up -d {other}".encode())
    terminal.expect(b"ready")
    terminal.stop()
    terminal.type(b"echo >go; cat done\n")
    terminal.expect(b"\nwent on")
    assert shop.box.calls() == []
    terminal.type(b"fg; exit\n")
    assert terminal.wait() == 0
    assert shop.box.calls() == ["<compose><up><-d>"]


def test_ctrl_z_without_a_shell_stops_nothing(shop: Project) -> None:  # as under `ssh -t`: nobody could let it go on
    shop.script("up.pre", "a.sh", 'echo ready; read line; echo "$line" >>trace')
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"ready")
    terminal.type(b"\x1a")
    terminal.type(b"typed\n")
    assert terminal.wait() == 0
    assert shop.trace() == ["typed"]


def test_in_the_background_a_hook_runs_and_does_not_take_the_terminal(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    terminal = at_bash(shop, b"docker compose up -d & wait $!; echo code $?; exit")
    terminal.expect(b"code 0")
    terminal.wait()
    assert (shop.trace(), shop.box.calls()) == (["ran"], ["<compose><up><-d>"])
