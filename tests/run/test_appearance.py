"""What a command line says of its output (`--ansi`, `--progress` and their variables) holds for our lines too."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.support.box import Box, Project, Result
from tests.support.terminal import Terminal
from tests.support.waiting import let_go

COLOUR = b"\x1b["
CHECK = b" \xe2\x9c\x94 "


def seen(shop: Project, *argv: str, **environ: str) -> bytes:
    """What the terminal shows of a command."""
    shop.box.environ |= environ
    terminal = Terminal(shop, *argv, term="xterm")
    terminal.wait()
    return terminal.seen


def events(result: Result) -> list[dict[str, Any]]:
    """Our lines, each of which is JSON; without the time, which each has."""
    found = [json.loads(line) for line in result.err.splitlines()]
    ours = [one for one in found if one.get("source") == "hookman"]
    assert all(one.pop("version") == 1 and one.pop("source") and one.pop("time") > 1e9 for one in ours)
    for one in ours:
        if "seconds" in one:
            assert one.pop("seconds") >= 0
    return ours


class TestPlain:
    @pytest.mark.parametrize(
        "line", ["--ansi never", "--ansi=never", "--no-ansi", "--progress plain", "--ansi always --ansi never"]
    )
    def test_a_flag_takes_colours_and_moving_lines(self, shop: Project, line: str) -> None:
        shop.script("up.pre", "a.sh", "sleep 0.5")
        found = seen(shop, "docker", "compose", *line.split(), "up", "-d")
        assert CHECK in found
        assert b"\x1b" not in found
        assert found.count(b"project.up.pre/a.sh") == 1

    @pytest.mark.parametrize("name", ["COMPOSE_ANSI", "COMPOSE_PROGRESS"])
    def test_so_does_a_variable_and_a_flag_overrides_it(self, shop: Project, name: str) -> None:
        shop.script("up.pre", "a.sh")
        value = {"COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"}[name]
        assert b"\x1b" not in seen(shop, "docker", "compose", "up", "-d", **{name: value})
        flag = {"COMPOSE_ANSI": "--ansi", "COMPOSE_PROGRESS": "--progress"}[name]
        assert COLOUR in seen(shop, "docker", "compose", flag, "auto", "up", "-d")

    def test_of_a_dotenv_only_ansi_counts(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        shop.write(".env", "COMPOSE_PROGRESS=plain\n")
        assert COLOUR in seen(shop, "docker", "compose", "up", "-d")
        shop.write(".env", "COMPOSE_ANSI=never\n")
        assert COLOUR not in seen(shop, "docker", "compose", "up", "-d")

    def test_always_is_a_colour_elsewhere_too_unless_there_is_no_color(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        assert "\x1b[32m✔\x1b[0m" in shop.compose("--ansi", "always", "up", "-d").err
        assert "\x1b" not in shop.compose("--ansi", "always", "up", "-d", NO_COLOR="1").err


class TestQuiet:
    @pytest.mark.parametrize("line", [["--progress", "quiet"], ["--progress=none"], []])
    def test_only_what_went_wrong_is_said(self, shop: Project, line: list[str]) -> None:
        variable = "" if line else "quiet"
        shop.script("up.pre", "a.sh", "echo silent")
        good = shop.compose(*line, "up", "-d", HOOKMAN_VERBOSE="1", COMPOSE_PROGRESS=variable)
        assert (good.code, good.err) == (0, "")
        shop.script("up.pre", "b.sh", "echo reason; exit 3")
        bad = shop.compose(*line, "up", "-d", COMPOSE_PROGRESS=variable)
        assert (bad.code, bad.err.splitlines()[:2]) == (1, ["reason", 'hookman: Hook "b.sh" failed with exit code 3'])

    def test_waiting_for_the_lock_is_no_warning_and_giving_up_is(
        self, shop: Project, holder: subprocess.Popen[bytes]
    ) -> None:
        shop.write("hookman.toml", "lock_timeout = 0.1\n")
        result = shop.compose("--progress", "quiet", "down")
        assert (result.code, len(result.err.splitlines())) == (75, 1)
        assert "no lock after 0.1 s" in result.err
        let_go(shop, holder)

    def test_of_build_its_own_flag_counts(self, shop: Project) -> None:
        shop.script("build.pre", "a.sh", "echo silent")
        assert shop.compose("build", "--progress", "quiet").err == ""


class TestJson:
    def test_each_line_is_an_event(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "echo one; printf 'two \"2\"' >&2")
        shop.script("up.pre", "b.sh")
        shop.hooks_sh("hook_pre_up() { return 3; }\n")
        result = shop.compose("--progress", "json", "up", "-d", HOOKMAN_SKIP="b.sh")
        assert result.code == 1
        script, function = (
            {"event": "project.up.pre", "name": "a.sh"},
            {"event": "project.up.pre", "name": "hook_pre_up"},
        )
        found = events(result)
        end = found.pop()
        assert (end["type"], end["command"], end["failed"], end["run"]) == (
            *("run_ended", "up", True),
            shop.box.runs()[-1]["run"],
        )
        assert found == [
            {"type": "hook_started", **script},
            {"type": "output", **script, "text": "one"},
            {"type": "output", **script, "text": 'two "2"'},
            {"type": "hook_ended", **script, "result": "ok", "exit_code": 0},
            {"type": "hook_ended", **script, "name": "b.sh", "result": "skipped", "reason": "HOOKMAN_SKIP"},
            {"type": "hook_started", **function},
            {"type": "hook_ended", **function, "result": "failed", "exit_code": 3},
            {"type": "message", "text": 'Hook "hook_pre_up" failed with exit code 3'},
            {"type": "message", "text": found[-1]["text"]},
        ]
        assert found[-1]["text"].startswith("up was not run: a pre hook failed")

    def test_a_hook_that_goes_on_is_told_while_it_runs(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "mkfifo go; read x <go")
        process = shop.start("docker", "compose", "--progress", "json", "up", "-d", stderr=subprocess.PIPE)
        assert process.stderr is not None
        assert json.loads(process.stderr.readline())["type"] == "hook_started"
        (shop.path / "go").write_text("\n")
        assert process.wait() == 0
        process.stderr.close()

    def test_secrets_are_masked_and_odd_bytes_are_shown(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", r"echo $MY_TOKEN; printf 'a\377\033[1mb\r\n'")
        texts = [
            one["text"]
            for one in events(shop.compose("--progress", "json", "up", "-d", MY_TOKEN="s3cr3t-value"))
            if one["type"] == "output"
        ]
        assert texts == ["***", "a\ufffd\x1b[1mb"]

    def test_a_function_that_is_not_there_is_no_event(self, shop: Project) -> None:
        shop.hooks_sh("source /dev/null\n")
        kinds = [one["type"] for one in events(shop.compose("--progress", "json", "up", "-d"))]
        assert kinds == ["run_ended"]

    @pytest.mark.parametrize("way", ["flag", "variable"])
    def test_what_stops_a_command_is_one_too(self, shop: Project, way: str) -> None:
        shop.write("hookman.toml", "timeout = -1\n")
        shop.script("up.pre", "a.sh")
        line = ["--progress", "json"] if way == "flag" else []
        result = shop.compose(*line, "up", "-d", COMPOSE_PROGRESS="json" if way == "variable" else "")
        (found,) = events(result)
        assert (result.code, found["type"]) == (78, "message")
        assert "timeout" in found["text"]


SHOW = 'for name in FORCE_COLOR CLICOLOR_FORCE COLUMNS; do eval "echo $name=\\${$name-unset}"; done; echo end'
NOTHING = b"FORCE_COLOR=unset\r\nCLICOLOR_FORCE=unset\r\n"


class TestWhatHooksAreTold:
    @pytest.mark.parametrize("kind", ["script", "function"])
    def test_at_a_terminal_they_may_colour_and_know_its_width(self, shop: Project, kind: str) -> None:
        if kind == "script":
            shop.script("up.pre", "a.sh", SHOW)
        else:
            shop.hooks_sh(f"hook_pre_up() {{ {SHOW}; }}\n")
        found = seen(shop, "sh", "-c", "stty cols 133; docker compose up -d")
        assert b"FORCE_COLOR=1\r\nCLICOLOR_FORCE=1\r\nCOLUMNS=133\r\n" in found

    def test_elsewhere_they_are_told_nothing(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", SHOW)
        assert shop.compose("up", "-d").err.startswith("FORCE_COLOR=unset\nCLICOLOR_FORCE=unset\nCOLUMNS=unset\n")

    @pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"COMPOSE_ANSI": "never"}, {"CLICOLOR": "0"}])
    def test_who_wants_no_colours_gets_none(self, shop: Project, environ: dict[str, str]) -> None:
        shop.script("up.pre", "a.sh", SHOW)
        assert NOTHING in seen(shop, "docker", "compose", "up", "-d", **environ)

    def test_nor_does_a_dumb_terminal(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", SHOW)
        terminal = Terminal(shop, "docker", "compose", "up", "-d", term="dumb")
        terminal.wait()
        assert NOTHING in terminal.seen

    def test_what_the_user_set_stays(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", SHOW)
        found = seen(shop, "docker", "compose", "up", "-d", FORCE_COLOR="0", COLUMNS="42")
        assert b"FORCE_COLOR=0\r\nCLICOLOR_FORCE=unset\r\nCOLUMNS=42\r\n" in found

    def test_what_a_function_set_stays_too(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { export NO_COLOR=1; }\n")
        shop.script("up.post", "a.sh", SHOW)
        assert NOTHING in seen(shop, "docker", "compose", "up", "-d")

    def test_compose_itself_is_told_nothing(self, box: Box, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        seen(shop, "docker", "compose", "up", "-d")
        assert not {"FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"} & box.compose_environ().keys()

    def test_colours_stay_out_of_the_message_of_a_failure(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", r"printf '\033[31mbroken\033[0m\r\n' >&2; exit 3")
        assert re.search(r'Hook "a.sh" failed with exit code 3: broken( |$|\n)', shop.compose("up", "-d").err)
