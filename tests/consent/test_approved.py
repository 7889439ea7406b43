"""`review = true`: hooks run as they were approved."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.terminal import Terminal


@pytest.fixture
def reviewed(reviewing: Box) -> Project:
    """An enabled project with a script and a function, on the machine of a user who reviews."""
    project = reviewing.project(enable=False)
    project.script("up.pre", "a.sh", "echo script >>trace")
    project.hooks_sh("hook_pre_up() { echo function >>trace; }\n")
    assert project.hookman("enable").code == 0
    return project


def test_what_was_there_when_the_project_was_enabled_is_approved(reviewed: Project) -> None:
    assert reviewed.compose("up", "-d").code == 0
    assert reviewed.trace() == ["script", "function"]
    assert reviewed.hookman("review").out == "every hook is approved\n"


@pytest.mark.parametrize("which", ["a.sh", "hooks.sh"])
def test_a_changed_hook_stops_the_command_until_it_is_approved(reviewed: Project, which: str) -> None:
    if which == "a.sh":
        path = reviewed.script("up.pre", "a.sh", "echo other >>trace")
    else:
        path = reviewed.hooks_sh("hook_pre_up() { echo other >>trace; }\n")
    result = reviewed.compose("up", "-d")
    assert (result.code, reviewed.trace(), reviewed.box.calls()) == (1, [], [])
    assert f"{path} is not what you approved: it has changed" in result.err
    assert "hookman review" in result.err
    shown = reviewed.hookman("review", "--yes").out
    assert "echo other >>trace" in shown
    assert f"-{'echo script' if which == 'a.sh' else 'hook_pre_up() { echo function'}" in shown
    assert reviewed.compose("up", "-d").code == 0
    assert "other" in reviewed.trace()


def test_a_new_hook_waits_too(reviewed: Project) -> None:
    reviewed.script("up.pre", "b.sh", "echo new >>trace")
    result = reviewed.compose("up", "-d")
    assert (result.code, reviewed.trace()) == (1, [])
    assert "b.sh is new, and you have not approved it" in result.err


def test_at_a_terminal_the_user_is_asked_and_shown_what_changed(reviewed: Project) -> None:
    reviewed.script("up.pre", "a.sh", "echo other >>trace")
    terminal = Terminal(reviewed, "docker", "compose", "up", "-d")
    terminal.expect(b"+echo other >>trace")
    terminal.expect(b"run it from now on? [y/N] ")
    terminal.type(b"n\n")
    assert terminal.wait() == 1
    assert reviewed.trace() == []
    terminal = Terminal(reviewed, "docker", "compose", "up", "-d")
    terminal.expect(b"run it from now on? [y/N] ")
    terminal.type(b"y\n")
    assert terminal.wait() == 0
    assert reviewed.trace() == ["other", "function"]
    assert reviewed.compose("up", "-d").code == 0


def test_ctrl_c_at_the_question_stops_the_command(reviewed: Project) -> None:
    reviewed.script("up.pre", "a.sh", "echo other >>trace")
    terminal = Terminal(reviewed, "docker", "compose", "up", "-d")
    terminal.expect(b"run it from now on? [y/N] ")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    assert (reviewed.trace(), reviewed.box.calls()) == ([], [])


def test_what_was_shown_is_what_is_approved(reviewed: Project) -> None:
    """The hook changes while the user reads: the answer was about what stood there."""
    path = reviewed.script("up.pre", "a.sh", "echo shown >>trace")
    shown = path.read_text()
    terminal = Terminal(reviewed, "docker", "compose", "up", "-d")
    terminal.expect(b"run it from now on? [y/N] ")
    path.write_text("#!/bin/sh\necho later >>trace\n")
    terminal.type(b"y\n")
    assert terminal.wait() == 1
    assert (reviewed.trace(), reviewed.box.calls()) == ([], [])
    assert "+echo later >>trace" in reviewed.hookman("review").out
    path.write_text(shown)
    assert reviewed.compose("up", "-d").code == 0
    assert reviewed.trace() == ["shown", "function"]


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ("\x1b[2K", "\\x1b[2K"),
        ("\x1b]0;t\x07", "\\x1b]0;t\\x07"),
        ("\rinnocent", "\\rinnocent".replace("\\r", "\\x0d")),
        ("\x08\x7f", "\\x08\\x7f"),
        ("\u202e\u2066", "\\u202e\\u2066"),
        ("\u200b\u200d\ufeff", "\\u200b\\u200d\\ufeff"),
        ("\x0b\x0c\x1c\x85\u2028", "\\x0b\\x0c\\x1c\\x85\\u2028"),
        ("\xa0\xad\u3164\ufe0f", "\\xa0\\xad\\u3164\\ufe0f"),
        ("\U000e0041\U000e0100", "\\U000e0041\\U000e0100"),
        ("\udcff", "\\xff"),
        ("\x9b2K", "\\x9b2K"),
    ],
)
def test_what_a_terminal_would_not_show_is_shown_escaped(reviewed: Project, hidden: str, seen: str) -> None:
    reviewed.script("up.pre", "a.sh", f"echo one # {hidden}rest")
    shown = reviewed.hookman("review", "--yes").out
    assert f"+echo one # {seen}rest\n" in shown
    assert hidden not in shown


def test_a_newline_that_is_missing_at_the_end_is_a_difference_that_is_seen(reviewed: Project) -> None:
    path = reviewed.path / ".dde/hooks/project.up.pre/a.sh"
    path.write_text(f"{path.read_text()}\n")
    assert "no newline at the end" in reviewed.hookman("review", "--yes").out
    assert reviewed.compose("up", "-d").code == 0


def test_a_hook_that_is_too_long_to_review_does_not_run(reviewed: Project) -> None:
    path = reviewed.script("up.pre", "a.sh", "#" * (1 << 20))
    result = reviewed.compose("up", "-d")
    assert (result.code, reviewed.box.calls()) == (1, [])
    assert f"{path} can't be reviewed: it is too long to review: more than 1 MiB" in result.err


def test_list_shows_what_a_run_would_refuse(reviewed: Project) -> None:
    reviewed.script("up.pre", "a.sh", "echo other >>trace")
    assert "not what you approved" in reviewed.hookman("list").out


def test_going_without_hooks_asks_nothing(reviewed: Project) -> None:
    reviewed.script("up.pre", "a.sh", "echo other >>trace")
    assert reviewed.compose("up", "-d", "--skip-hooks").code == 0


def test_a_project_cannot_turn_it_off(reviewed: Project) -> None:
    reviewed.write("hookman.toml", "review = false\n")
    result = reviewed.compose("up", "-d")
    assert (result.code, reviewed.trace()) == (78, [])
    assert "hookman.toml:1: review: is for your own config.toml" in result.err
