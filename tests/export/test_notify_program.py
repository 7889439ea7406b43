"""A program of [[notify]]: what it gets, how it is ended, and that it starts nothing again."""

from __future__ import annotations

import json
import os
import signal

import pytest

from hookman.base.process_tree import HOOK_ID
from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle, problem, waiting
from tests.support.notices import interrupt, notify, up
from tests.support.waiting import number_in, wait_until


def test_a_program_gets_the_message_on_stdin_and_facts_in_its_environment(pre: Project) -> None:
    notify(pre, 'run = ["./tell.sh", "a  b", "$HOME;"]')
    pre.write("tell.sh", '#!/bin/sh\nprintf "%s|" "$@" "$PWD" >args\nenv >env\ncat >message\n', 0o755)
    up(pre, 3, COLOUR="green")
    message = json.loads((pre.path / "message").read_text())
    assert (message["version"], message["event"], message["command"]) == (1, "failed", "up")
    assert (pre.path / "args").read_text() == f"a  b|$HOME;|{pre.path}|"
    values = dict(line.split("=", 1) for line in (pre.path / "env").read_text().splitlines() if "=" in line)
    assert values.pop(HOOK_ID)
    assert {name: values[name] for name in values if name.startswith("HOOKMAN_") and name != "HOOKMAN_NOTIFY_TEXT"} == {
        "HOOKMAN_NOTIFY": "failed",
        "HOOKMAN_COMMAND": "up",
        "HOOKMAN_EXIT_CODE": "1",
        "HOOKMAN_PROJECT_DIR": str(pre.path),
        "HOOKMAN_PROJECT_NAME": "shop",
        "HOOKMAN_RESULT": "aborted",
        "HOOKMAN_RUN_ID": message["run"],
    }
    assert values["COLOUR"] == "green"


def test_a_program_whose_commands_fail_is_not_told_of_them(pre: Project) -> None:
    notify(pre, 'run = ["./tell.sh"]')
    pre.write("tell.sh", "#!/bin/sh\necho x >>told\ndocker compose up -d\n", 0o755)
    up(pre, 3)
    assert (pre.path / "told").read_text() == "x\n"
    assert [run["result"] for run in pre.box.runs()] == ["aborted", "aborted"]


@pytest.mark.parametrize("start", ["", pytest.param("setsid ", marks=pytest.mark.linux)])
def test_a_program_that_hangs_is_ended_with_all_that_it_started(pre: Project, start: str) -> None:
    notify(pre, 'run = ["./tell.sh"]\ntimeout = "100ms"')
    sleeps = f"{start}sh -c 'echo $$ >pid; exec sleep 1000' &"
    pre.write("tell.sh", f"#!/bin/sh\ntrap '' TERM\n{sleeps}\nwhile :; do wait; done\n", 0o755)
    up(pre, 3)
    assert problem(pre.box) == "took more than 0.1 s, and was ended"
    pid = number_in(pre.path / "pid")
    wait_until(lambda: not os.path.exists(f"/proc/{pid}") or b"sleep" not in cmdline(pid), "it lives")
    assert waiting(pre.box) == []


def cmdline(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("body", "said", "left"),
    [
        ("echo 'token hunter22 is wrong' >&2; exit 4", "ended with exit code 4: token *** is wrong", 0),
        ("kill -9 $$", "ended with exit code 137", 0),
        ("exit 75", "ended with exit code 75", 1),
    ],
)
def test_a_program_that_fails_is_told_again_only_if_it_asks(pre: Project, body: str, said: str, left: int) -> None:
    notify(pre, 'run = ["./tell.sh"]')
    pre.write("tell.sh", f"#!/bin/sh\n{body}\n", 0o755)
    up(pre, 3, MY_TOKEN="hunter22")
    assert problem(pre.box) == said
    assert len(waiting(pre.box)) == left


def test_a_program_that_is_not_there_stops_nothing(pre: Project) -> None:
    notify(pre, 'run = ["./nothing.sh"]')
    pre.write("code", "0")
    assert pre.compose("up", "-d").code == 0
    up(pre, 3)
    assert "can't be started" in problem(pre.box)


def test_a_program_of_a_project_that_is_not_enabled_any_more_does_not_run(pre: Project) -> None:
    collector = Collector([(503, {}, b"")])
    notify(pre, f'url = "{collector.url}"', 'run = ["touch", "ran"]')
    interrupt(pre, signal.SIGKILL)  # so its message waits
    assert pre.hookman("disable").code == 0
    other = pre.box.project("other")
    other.write("hookman.toml", '[[notify]]\nrun = ["touch", "ran"]\non = ["ok"]\n')
    other.compose("up", "-d")
    idle(pre.box)
    collector.close()
    assert (other.path / "ran").exists()
    assert not (pre.path / "ran").exists()
    assert collector.requests == []
