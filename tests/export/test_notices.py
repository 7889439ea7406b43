"""Mistakes in [[notify]]: each is named with file and line and how to fix it, and stops no command."""

from __future__ import annotations

import json

import pytest

from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle

URL = 'url = "http://127.0.0.1:9/x"'
MISTAKES = {
    "nothing": ("", 1, "has neither url nor run", "two tables"),
    "both": (f'{URL}\nrun = ["true"]', 3, "has url and run", "two tables"),
    "an unknown key": (f"{URL}\nevents = 1", 3, "unknown key", "the keys are on"),
    "a mistyped key": (f'{URL}\nformt = "json"', 3, "unknown key", "Did you mean 'format'?"),
    "an unknown format": (f'{URL}\nformat = "slak"', 3, "there is no format 'slak'", "Did you mean 'slack'?"),
    "a format of another type": (f"{URL}\nformat = 7", 3, "there is no format 7", "write one of json, slack, ntfy"),
    "an unknown event": (f'{URL}\non = ["fail"]', 3, "there is no event 'fail'", "Did you mean 'failed'?"),
    "no event": (f"{URL}\non = []", 3, "is empty", "remove the key"),
    "events of another type": (f"{URL}\non = [1]", 3, "must be a list of words", '["failed", "recovered"]'),
    "an unknown command": (f'{URL}\ncommands = ["upp"]', 3, "there is no command 'upp'", "Did you mean 'up'?"),
    "no scheme": ('url = "hooks.example.org/x"', 2, "must begin with http:// or https://", "${SLACK_URL}"),
    "a file": ('url = "file:///etc/passwd"', 2, "must begin with http:// or https://", "${SLACK_URL}"),
    "no host": ('url = "https:///x"', 2, "has no host", "${SLACK_URL}"),
    "a wrong port": ('url = "http://a:99999/"', 2, "99999 is not a port", "${SLACK_URL}"),
    "a blank": ('url = "http://a/b c"', 2, "must have no blanks", "${SLACK_URL}"),
    "a newline": ('url = "http://a/b\\r\\nX-Evil: 1"', 2, "must have no blanks", "${SLACK_URL}"),
    "letters": ('url = "http://münchen.de/"', 2, "only ASCII", "${SLACK_URL}"),
    "a number": ("url = 7", 2, "must be a text", "${SLACK_URL}"),
    "no text": ('url = ""', 2, "must be a text", "${SLACK_URL}"),
    "no topic": ('url = "https://ntfy.sh/"\nformat = "ntfy"', 2, "has no topic", "https://ntfy.sh/TOPIC"),
    "a header": (f'{URL}\nheaders = {{ "a b" = "x" }}', 3, "'a b' is not the name of a header", "correct it"),
    "a header of two lines": (f'{URL}\nheaders = {{ A = "x\\ny" }}', 3, "the value of A has characters", "correct it"),
    "our header": (f'{URL}\nheaders = {{ Host = "x" }}', 3, "Host is set by hookman itself", "correct it"),
    "headers of another type": (f"{URL}\nheaders = 7", 3, "must be a table of texts", "Bearer ${TOKEN}"),
    "a format of a program": ('run = ["true"]\nformat = "json"', 3, "is for a url, not for run", "remove it"),
    "a timeout of a url": (f"{URL}\ntimeout = 3", 3, "is for run, not for a url", "remove it"),
    "a text to run": ('run = "true"', 2, "must be a list of words", '["./tell.sh", "team"]'),
    "nothing to run": ("run = []", 2, "must be a list of words", '["./tell.sh", "team"]'),
    "no program": ('run = [""]', 2, "must be a list of words", '["./tell.sh", "team"]'),
    "too long": ('run = ["true"]\ntimeout = "1h"', 3, "5 minutes or less", 'timeout = "30s"'),
    "no time": ('run = ["true"]\ntimeout = 0', 3, "must be more than 0", 'timeout = "30s"'),
    "no name": ('url = "https://a/${MY-URL}"', 2, "has a ${ that no name of a variable follows", "${SLACK_URL}"),
    "not closed": ('url = "${SLACK_URL"', 2, "has a ${ that no name of a variable follows", "${SLACK_URL}"),
    "not set": ('url = "${NO_SUCH_URL}"', 2, "the variable NO_SUCH_URL is not set", "set it where"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_how_to_fix_it(shop: Project, case: str) -> None:
    text, line, what, fix = MISTAKES[case]
    shop.write("hookman.toml", f"[[notify]]\n{text}\n")
    result = shop.hookman("test", "notify")
    assert result.code == 1
    assert f"{shop.path}/hookman.toml:{line}: [[notify]] " in result.out
    assert what in result.out
    assert fix in result.out
    assert result.out.endswith("0 of 1 told, 1 failed\n")


def test_a_mistake_stops_no_command_and_no_other_table(shop: Project) -> None:
    shop.write("hookman.toml", '[[notify]]\nformt = 1\n[[notify]]\nrun = ["touch", "told"]\non = "ok"\n')
    result = shop.compose("up", "-d")
    assert (result.code, result.err) == (0, "")
    assert shop.hookman("test", "notify").code == 1
    assert (shop.path / "told").exists()


@pytest.mark.parametrize("text", ["notify = 7", 'notify = "x"', "notify = [7]", "[notify]\nurl = 1", "notify = {}"])
def test_what_is_no_table_of_an_array_stops_no_command_either(shop: Project, text: str) -> None:
    shop.write("hookman.toml", f"{text}\n")
    assert shop.compose("up", "-d").code == 0
    result = shop.hookman("test", "notify")
    assert result.code == 1
    assert "Traceback" not in result.err
    assert f"{shop.path}/hookman.toml:1: [[notify]] " in result.out


def test_each_table_has_its_own_lines(shop: Project) -> None:
    shop.write("hookman.toml", f'timeout = 7\n\n[[notify]]\n{URL}\n\n[[notify]]\n# no\n{URL}\nformat = "x"\n')
    assert f"{shop.path}/hookman.toml:9: [[notify]] format" in shop.hookman("list").out


@pytest.mark.parametrize("command", ["doctor", "list"])
def test_doctor_and_list_say_what_is_wrong(shop: Project, command: str) -> None:
    shop.script("up.pre", "a.sh")
    shop.write("hookman.toml", f'[[notify]]\n{URL}\nformat = "slak"\n')
    shown = shop.hookman(command).out
    assert "there is no format 'slak'" in shown
    assert "Did you mean 'slack'?" in shown
    found = json.loads(shop.hookman(command, "--json").out)
    problems = found["wrong_notify"] if command == "list" else [one.get("problem", {}) for one in found["findings"]]
    assert f"{shop.path}/hookman.toml:3" in [problem.get("where") for problem in problems]


def test_doctor_says_who_is_told_and_what_is_not_set_here(shop: Project) -> None:
    shop.write("hookman.toml", '[[notify]]\nurl = "${CHAT}/services/T0/B0/secret"\nformat = "slack"\ncommands = "up"\n')
    shown = shop.hookman("doctor", CHAT="https://chat.example.org").out
    assert "slack https://chat.example.org is told on failed, recovered of up" in shown
    assert "secret" not in shown
    off = shop.hookman("doctor")
    assert "the variable CHAT is not set" in off.out
    assert "things to fix" not in off.out
    assert "CHAT" not in shop.hookman("list").out


def test_doctor_says_which_server_took_no_message(shop: Project) -> None:
    shop.write("hookman.toml", f'[[notify]]\n{URL}\non = "ok"\n')
    shop.compose("up", "-d")
    idle(shop.box)
    findings = json.loads(shop.hookman("doctor", "--json").out)["findings"]
    (found,) = [one["problem"] for one in findings if one["part"] == "notify" and one["state"] == "note"]
    assert found["what"].startswith("http://127.0.0.1:9: Connection refused (")
    assert found["fix"] == "hookman test notify"


@pytest.mark.parametrize("where", ["another project", "after the table was removed", "another table"])
def test_doctor_says_nothing_of_a_server_that_no_table_names(shop: Project, where: str) -> None:
    chat = Collector([(404, {}, b"")])
    shop.write("hookman.toml", f'[[notify]]\nurl = "{chat.url}"\non = "ok"\n')
    shop.compose("up", "-d")
    idle(shop.box)
    chat.close()
    assert "it says 404" in shop.hookman("doctor").out
    if where == "another project":
        shop = shop.box.project("other")
    else:
        shop.write("hookman.toml", f"[[notify]]\n{URL}\n" if where == "another table" else "")
    assert "it says 404" not in shop.hookman("doctor").out


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["get", "notify"]])
def test_config_shows_no_secret_of_it(shop: Project, arguments: list[str]) -> None:
    secret = "T0KEN" * 5
    shop.write(
        "hookman.toml",
        f'[[notify]]\nurl = "https://a.example/services/{secret}"\nheaders = {{ X = "{secret}", Y = "${{YES}}" }}\n'
        f'[export]\notlp = "http://localhost:4318"\nheaders = {{ Authorization = "Bearer {secret}" }}\n',
    )
    result = shop.hookman("config", *arguments)
    assert secret not in result.out + result.err
    assert result.code != 0 or "https://a.example/***" in result.out


def test_where_hooks_are_reviewed_only_your_own_programs_run(shop: Project) -> None:
    shop.box.user_settings('review = true\n[[notify]]\nrun = ["touch", "mine"]\n')
    shop.write("hookman.toml", '[[notify]]\nrun = ["touch", "theirs"]\n')
    result = shop.hookman("test", "notify")
    assert result.code == 1
    assert "does not run, because you review hooks" in result.out
    assert sorted(path.name for path in shop.path.iterdir() if not path.suffix) == ["mine"]


def test_a_file_that_others_may_change_tells_nobody(shop: Project) -> None:
    shop.write("hookman.toml", '[[notify]]\nrun = ["touch", "ran"]\n', 0o666)
    result = shop.hookman("test", "notify")
    assert result.code == 2
    assert not (shop.path / "ran").exists()
