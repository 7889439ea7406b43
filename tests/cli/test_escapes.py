"""What we show on a terminal moves no cursor and changes no title: names and outputs are escaped, but live output."""

from __future__ import annotations

from tests.support.box import Project

EVIL = "a\x1b]0;title\x07\nhookman: all is well.sh"


def test_names_are_escaped_wherever_they_are_shown(shop: Project) -> None:
    shop.script("up.pre", EVIL, "exit 3")
    shop.script("up.post", EVIL, mode=0o644)
    shop.script("down.post", EVIL, mode=0o644)
    run = shop.compose("up", "-d")
    texts = [run.err, shop.compose("down").err, shop.compose("--dry-run", "up", "-d").err]
    for words in (
        ("log",),
        ("log", shop.box.runs()[0]["run"]),
        ("list",),
        ("test",),
        ("test", EVIL),
        ("explain", "up"),
    ):
        shown = shop.hookman(*words)
        texts += [shown.out, shown.err]
    for text in texts:
        assert "\x1b]0;" not in text
        assert "\nhookman: all is well" not in text
    assert "a\\x1b]0;title\\x07\\nhookman: all is well.sh" in run.err


def test_a_hooks_own_live_output_stays_as_it_is_and_the_log_has_its_last_state(shop: Project) -> None:
    shop.script("up.pre", "a.sh", r"printf '\033[31mred\033[0m\ttab\n'; printf 'no \033[2J\n' >&2; exit 3")
    result = shop.compose("up", "-d")
    assert "\x1b[31mred\x1b[0m\ttab\n" in result.err
    assert "failed with exit code 3: no \\x1b[2J\n" in result.err
    shown = shop.hookman("log", shop.box.runs()[-1]["run"]).out
    assert "    red     tab\n" in shown
    assert "\x1b" not in shown


def test_a_command_line_is_escaped_in_the_log(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    shop.compose("up", "-d", "we\x1b[2Jb")
    assert "\x1b" not in shop.hookman("log", shop.box.runs()[-1]["run"]).out
