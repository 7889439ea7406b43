"""[[notify]]: who is told of a run, of which, and what. By real runs, and a real HTTP server."""

from __future__ import annotations

import signal

from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle, senders, waiting
from tests.support.notices import events, interrupt, notify, told, up


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


def test_a_command_that_was_refused_is_not_told_and_nothing_recovers_from_it(
    pre: Project, collector: Collector
) -> None:
    notify(pre, f'url = "{collector.url}"')
    script = pre.path / ".dde/hooks/project.up.pre/check.sh"
    mode = script.stat().st_mode
    script.chmod(0o777)
    up(pre, 0)
    script.chmod(mode)
    up(pre, 0)
    assert [run["result"] for run in pre.box.runs()] == ["failed", "ok"]
    assert events(pre, collector) == []
    up(pre, 3)
    script.chmod(0o777)
    up(pre, 0)
    script.chmod(mode)
    up(pre, 0)
    assert events(pre, collector) == [("up", "failed"), ("up", "recovered")]


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
