"""[[notify]]: who is told of a run, of which, and what. By real runs, and a real HTTP server."""

from __future__ import annotations

import base64
import json
import os
import signal
from typing import Any

import pytest

from tests.support.box import Project
from tests.support.collector import Collector, Reply
from tests.support.exports import idle, problem, senders, state, waiting
from tests.support.waiting import number_in, wait_for, wait_until

RUN = ["failed", "recovered", "ok", "interrupted"]


def told(shop: Project, collector: Collector) -> list[Any]:
    """The JSON of all messages, once nothing is sent any more."""
    idle(shop.box)
    return [request.document for request in collector.requests]


def events(shop: Project, collector: Collector) -> list[tuple[str, str]]:
    """What was told of which command."""
    return [(one["command"], one["event"]) for one in told(shop, collector)]


def notify(shop: Project, *tables: str) -> None:
    shop.write("hookman.toml", "\n".join(f"[[notify]]\n{table}" for table in tables))


@pytest.fixture
def pre(shop: Project) -> Project:
    """A project whose pre hook of `up` ends with the code in the file `code`."""
    shop.script("up.pre", "check.sh", 'echo "cannot reach db"; exit "$(cat code)"')
    shop.write("code", "0")
    return shop


def up(shop: Project, code: int, **environ: str) -> None:
    """An `up` whose pre hook ends with that code, told before anything else happens."""
    shop.write("code", str(code))
    settings = [f"{name}={value}" for name, value in environ.items()]
    shop.box.run("env", *settings, "docker", "compose", "up", "-d", cwd=shop.path)
    idle(shop.box)


def test_a_failure_is_told_each_time_and_the_first_success_after_it(pre: Project, collector: Collector) -> None:
    notify(pre, f'url = "{collector.url}"')
    for code in (0, 3, 4, 0, 0):
        up(pre, code)
    assert events(pre, collector) == [("up", "failed"), ("up", "failed"), ("up", "recovered")]
    assert waiting(pre.box) == []


def test_ok_is_each_success_and_recovered_is_one_too(pre: Project, collector: Collector) -> None:
    notify(pre, f'url = "{collector.url}"\non = ["ok"]')
    for code in (0, 3, 0):
        up(pre, code)
    assert [(one["event"], one["title"]) for one in told(pre, collector)] == [("ok", "shop: up succeeded")] * 2


def test_another_command_or_context_recovers_nothing(pre: Project, collector: Collector) -> None:
    pre.write("hookman.toml", f'lock = "local"\n[[notify]]\nurl = "{collector.url}"\n')
    up(pre, 3)
    pre.compose("down")
    up(pre, 0, DOCKER_HOST="tcp://127.0.0.1:9")
    assert events(pre, collector) == [("up", "failed")]
    up(pre, 0)
    assert events(pre, collector) == [("up", "failed"), ("up", "recovered")]


def test_only_the_commands_that_are_named(pre: Project, collector: Collector) -> None:
    notify(pre, f'url = "{collector.url}"\non = "ok"\ncommands = ["down", "build"]')
    for command in ("up", "down", "build", "pull"):
        pre.compose(command, *(["-d"] if command == "up" else []))
        idle(pre.box)
    assert events(pre, collector) == [("down", "ok"), ("build", "ok")]


def test_a_hook_that_fails_is_a_failure_also_where_the_exit_code_is_0(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}"')
    shop.script("up.post", "seed.sh", "echo no table >&2; exit 3")
    assert shop.compose("up", "-d").code == 0
    (message,) = told(shop, collector)
    assert message["title"] == "shop: up succeeded, but a hook failed"
    assert "up.post/seed.sh: failed with exit code 3: no table\n" in message["text"]
    assert (message["hook"]["name"], message["hook"]["exit_code"], message["result"]) == ("seed.sh", 3, "warned")


def test_a_hook_that_may_fail_is_none(shop: Project, collector: Collector) -> None:
    table = '[hooks.a]\non = "up.post"\nrun = "exit 3"\nallow_failure = true\n'
    shop.write("hookman.toml", f'{table}[[notify]]\nurl = "{collector.url}"\non = ["failed", "ok"]\n')
    shop.compose("up", "-d")
    assert events(shop, collector) == [("up", "ok")]


def test_what_compose_says_is_a_failure(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}"')
    shop.compose("up", "-d", STUB_EXIT="17")
    (message,) = told(shop, collector)
    assert (message["event"], message["exit_code"], message["hook"]) == ("failed", 17, None)
    assert "docker compose up failed with exit code 17" in message["text"]


def interrupt(shop: Project, number: int) -> None:
    """An `up` that gets a signal while its pre hook runs."""
    shop.script("up.pre", "hold.sh", "echo $PPID >pid; touch held; exec sleep 1000")
    process = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    os.kill(number_in(shop.path / "pid"), number)
    process.wait()


def test_an_interrupt_is_no_failure_and_is_told_to_who_asks(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}/a"', f'url = "{collector.url}/b"\non = ["interrupted"]')
    interrupt(shop, signal.SIGINT)
    assert events(shop, collector) == [("up", "interrupted")]
    assert [request.path for request in collector.requests] == ["/b"]


def test_a_run_that_was_killed_is_a_failure_told_with_the_next(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}"')
    interrupt(shop, signal.SIGKILL)
    shop.compose("down")
    messages = told(shop, collector)
    assert [one["title"] for one in messages] == ["shop: up was killed"]


def test_a_rerun_is_not_told(pre: Project, collector: Collector) -> None:
    notify(pre, f'url = "{collector.url}"\non = ["ok", "recovered", "failed"]')
    up(pre, 3)
    pre.write("code", "0")
    pre.hookman("rerun", "check.sh")
    assert events(pre, collector) == [("up", "failed")]
    up(pre, 0)
    assert events(pre, collector) == [("up", "failed"), ("up", "recovered")]


def test_what_was_not_taken_comes_in_its_order_with_the_next(pre: Project) -> None:
    collector = Collector([(503, {}, b"")])
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    assert problem(pre.box) == "it says 503"
    up(pre, 0)
    found = events(pre, collector)
    collector.close()
    assert found == [("up", "failed"), ("up", "failed"), ("up", "recovered")]
    assert waiting(pre.box) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301, 302, 307])
def test_what_is_refused_is_never_sent_again_and_no_redirect_is_followed(pre: Project, status: int) -> None:
    other = Collector()
    collector = Collector([(status, {"Location": f"{other.url}/T0/secret-path"}, b"no_service")])
    notify(pre, f'url = "{collector.url}"\nheaders = {{ Authorization = "Bearer ${{TOKEN}}" }}')
    up(pre, 3, TOKEN="hunter22")
    up(pre, 0, TOKEN="hunter22")
    found = events(pre, collector)
    for one in (collector, other):
        one.close()
    assert found == [("up", "failed"), ("up", "recovered")]
    assert other.requests == []
    assert state(pre.box)["refused"] == 1


def test_a_server_that_fails_on_a_message_gets_it_only_some_times(pre: Project) -> None:
    collector = Collector([(500, {}, b"")] * 20)
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    for _ in range(7):
        pre.compose("pull")
        idle(pre.box)
    collector.close()
    assert len(collector.requests) == 5
    assert waiting(pre.box) == []


def test_a_short_wait_that_the_server_asks_for_is_kept(pre: Project) -> None:
    collector = Collector([(429, {"Retry-After": "1"}, b"slow down")])
    notify(pre, f'url = "{collector.url}"')
    up(pre, 3)
    found = events(pre, collector)
    collector.close()
    assert found == [("up", "failed")] * 2


def test_one_server_that_is_down_keeps_no_message_from_another(pre: Project, collector: Collector) -> None:
    notify(pre, 'url = "http://127.0.0.1:9/x"', f'url = "{collector.url}"')
    up(pre, 3)
    assert events(pre, collector) == [("up", "failed")]
    assert len(waiting(pre.box)) == 1
    up(pre, 4)
    assert events(pre, collector) == [("up", "failed")] * 2


def test_slack_gets_text_in_which_nothing_is_a_link_or_a_mention(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "{collector.url}"\nformat = "slack"')
    shop.script("up.pre", "a.sh", "echo '<!channel> & <http://evil|click>' >&2; exit 1")
    shop.compose("up", "-d")
    (message,) = told(shop, collector)
    assert message.keys() == {"text", "mrkdwn"}
    assert message["mrkdwn"] is False
    assert "&lt;!channel&gt; &amp; &lt;http://evil|click&gt;" in message["text"]
    assert message["text"].startswith("❌ shop: up failed after ")
    assert "\nhookman log " in message["text"]


def test_ntfy_gets_title_tags_and_priority(shop: Project, collector: Collector) -> None:
    notify(shop, f'url = "http://me:p%40ss@{collector.url.removeprefix("http://")}/deploys"\nformat = "ntfy"')
    shop.script("up.pre", "a.sh", "echo no >&2; exit 1")
    shop.compose("up", "-d")
    idle(shop.box)
    (request,) = collector.requests
    found = {key: request.headers[key] for key in ("Title", "Tags", "Priority", "Authorization")}
    assert found.pop("Title").startswith("shop: up failed after ")
    token = base64.b64encode(b"me:p@ss").decode()
    assert found == {"Tags": "x", "Priority": "4", "Authorization": f"Basic {token}"}
    assert request.path == "/deploys"
    assert request.body.decode().startswith("up.pre/a.sh: failed with exit code 1: no\nby ")


@pytest.mark.parametrize("name", ["a\nX-Evil: 1", "a\r\n\r\nx", "grüße", "\u202eevil", "\udcff"])
@pytest.mark.parametrize("kind", ["json", "slack", "ntfy"])
def test_no_name_of_a_hook_or_directory_gets_into_headers_or_breaks_a_message(
    shop: Project, collector: Collector, name: str, kind: str
) -> None:
    shop = shop.box.project(f"shop-{name}")
    notify(shop, f'url = "{collector.url}/topic"\nformat = "{kind}"')
    shop.script("up.pre", f"{name}.sh", "exit 1")
    shop.compose("up", "-d")
    idle(shop.box)
    (request,) = collector.requests
    assert "X-Evil" not in request.headers
    assert request.headers.get("Title", "").isascii()
    text = request.body.decode()
    assert "\r" not in text
    if kind != "ntfy":
        assert "\n" not in str(request.document.get("title", ""))


def test_a_program_gets_the_message_on_stdin_and_facts_in_its_environment(pre: Project) -> None:
    notify(pre, 'run = ["./tell.sh", "a  b", "$HOME;"]')
    pre.write("tell.sh", '#!/bin/sh\nprintf "%s|" "$@" "$PWD" >args\nenv >env\ncat >message\n', 0o755)
    up(pre, 3, COLOUR="green")
    message = json.loads((pre.path / "message").read_text())
    assert (message["version"], message["event"], message["command"]) == (1, "failed", "up")
    assert (pre.path / "args").read_text() == f"a  b|$HOME;|{pre.path}|"
    values = dict(line.split("=", 1) for line in (pre.path / "env").read_text().splitlines() if "=" in line)
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


def test_a_program_that_hangs_is_ended_with_all_that_it_started(pre: Project) -> None:
    notify(pre, 'run = ["./tell.sh"]\ntimeout = "100ms"')
    pre.write("tell.sh", "#!/bin/sh\ntrap '' TERM\nsleep 1000 & echo $! >pid\nwhile :; do wait; done\n", 0o755)
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


def test_tables_of_all_files_count_the_same_one_once_and_an_empty_list_switches_off(
    pre: Project, collector: Collector
) -> None:
    same = f'[[notify]]\nurl = "{collector.url}/team"\n'
    settings = pre.box.user_settings(f'{same}[[notify]]\nurl = "{collector.url}/me"\n')
    pre.write("hookman.toml", same)
    up(pre, 3)
    assert sorted(request.path for request in collector.requests) == ["/me", "/team"]
    pre.write("hookman.local.toml", "notify = []\n")
    up(pre, 4)
    settings.unlink()
    assert len(collector.requests) == 2
    assert waiting(pre.box) == []


def test_without_its_variable_a_table_is_off_and_nothing_is_said(pre: Project, collector: Collector) -> None:
    notify(pre, 'url = "${CHAT_URL}"')
    pre.write("code", "0")
    assert "CHAT_URL" not in pre.compose("up", "-d").err
    assert (waiting(pre.box), senders(pre.box)) == ([], [])
    up(pre, 3, CHAT_URL=collector.url)
    assert events(pre, collector) == [("up", "failed")]


def test_a_sender_with_another_value_leaves_a_message_alone(pre: Project, collector: Collector) -> None:
    """As on a CI runner, where the jobs of several teams have one user."""
    other = Collector()
    down = Collector([(503, {}, b"")])
    notify(pre, f'url = "{down.url}"\nheaders = {{ X-Team = "${{TEAM}}" }}', 'url = "${CHAT_URL}"\non = "failed"')
    up(pre, 3, TEAM="a", CHAT_URL=f"{collector.url}/a")
    assert len(waiting(pre.box)) == 1  # because of the first table
    pre.write("hookman.toml", '[[notify]]\nurl = "${CHAT_URL}"\non = "failed"\n')
    up(pre, 4, TEAM="b", CHAT_URL=f"{other.url}/b")
    assert [request.path for request in other.requests] == ["/b"]
    assert len(waiting(pre.box)) == 1
    for one in (other, down):
        one.close()
    assert events(pre, collector) == [("up", "failed")]


SECRET = "T0KEN/B0/" + "x" * 24


@pytest.mark.parametrize("place", ["environment", "file"])
@pytest.mark.parametrize("reply", [(200, {}, b"ok"), (403, {}, SECRET.encode()), (500, {}, b"")])
def test_no_secret_gets_into_the_log_or_any_other_file(pre: Project, place: str, reply: Reply) -> None:
    collector = Collector([reply])
    url = f"{collector.url}/services/{SECRET}"
    notify(pre, f'url = "{url}"' if place == "file" else 'url = "${CHAT}"')
    pre.script("up.pre", "a.sh", f"echo {url}; echo /services/{SECRET} >&2")
    up(pre, 3, **({"CHAT": url} if place == "environment" else {}))
    collector.close()
    assert collector.requests[0].path == f"/services/{SECRET}"
    files = [path for path in pre.box.data.rglob("*") if path.is_file()]
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
