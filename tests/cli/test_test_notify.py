"""hookman test notify: a message to each [[notify]], and what came back."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.box import Box, Project
from tests.support.collector import Collector


@pytest.fixture
def chat() -> Collector:
    return Collector([(200, {"Content-Type": "text/plain"}, b"ok")])


def test_each_gets_a_message_and_what_it_says_is_shown(shop: Project, chat: Collector) -> None:
    chat.replies.append((404, {"Content-Type": "text/plain"}, b"no_\x1b[31mservice"))
    tables = [
        f'url = "{chat.url}/services/one"\nformat = "slack"',
        'url = "${CHAT}/two"',
        'run = ["sh", "-c", "cat >m"]',
    ]
    shop.write("hookman.toml", "".join(f"[[notify]]\n{table}\n" for table in tables))
    result = shop.hookman("test", "notify", CHAT=chat.url)
    chat.close()
    assert result.code == 1
    assert f"✔ slack {chat.url}: it says 200: ok\n" in result.out
    assert f"✘ json {chat.url}: it says 404: no_" in result.out
    assert f"({shop.path}/hookman.toml:4)" in result.out
    assert "\x1b" not in result.out
    assert "services" not in result.out
    assert "✔ the program sh\n" in result.out
    assert result.out.endswith("2 of 3 told, 1 failed\n")
    message = json.loads((shop.path / "m").read_text())
    assert message["title"] == "shop: a test of hookman's messages"
    assert (message["event"], message["name"], message["host"]) == ("test", "shop", os.uname().nodename)
    assert "[[notify]] in hookman.toml:6 works" in message["text"]


def test_all_well_is_exit_code_0(shop: Project, chat: Collector) -> None:
    shop.write("hookman.toml", f'[[notify]]\nurl = "{chat.url}"\n')
    result = shop.hookman("test", "notify")
    chat.close()
    assert (result.code, result.out.splitlines()[-1]) == (0, "1 of 1 told")


def test_nothing_is_recorded_or_kept(shop: Project, chat: Collector) -> None:
    shop.write("hookman.toml", f'[[notify]]\nurl = "{chat.url}"\n')
    shop.hookman("test", "notify")
    chat.close()
    assert shop.box.runs() == []
    assert not (shop.box.data / "export").exists()


def test_without_a_table_it_says_how_to_write_one(shop: Project) -> None:
    result = shop.hookman("test", "notify")
    assert result.code == 2
    assert "there is no [[notify]] here" in result.err


def test_in_a_project_that_is_not_enabled_only_your_own_are_told(box: Box, chat: Collector) -> None:
    box.user_settings(f'[[notify]]\nurl = "{chat.url}"\n')
    shop = box.project(enable=False)
    shop.write("hookman.toml", '[[notify]]\nrun = ["touch", "ran"]\n')
    result = shop.hookman("test", "notify")
    chat.close()
    assert (result.code, result.out.splitlines()[-1]) == (0, "1 of 1 told")
    assert "1 of these tables in a project that is not enabled" in result.err
    assert not (shop.path / "ran").exists()


def test_a_hook_of_that_name_is_not_run_and_its_command_is_shown(shop: Project, chat: Collector) -> None:
    shop.write("hookman.toml", f'[[notify]]\nurl = "{chat.url}"\n[hooks.notify]\non = "up.post"\nrun = "touch ran"\n')
    result = shop.hookman("test", "notify")
    chat.close()
    assert "hookman test up.post/notify" in result.err
    assert not (shop.path / "ran").exists()
    assert shop.hookman("test", "up.post/notify").code == 0
    assert (shop.path / "ran").exists()


def test_options_for_hooks_are_refused(shop: Project) -> None:
    assert shop.hookman("test", "notify", "--trace").code == 2


def test_no_server_there_is_said(shop: Project) -> None:
    shop.write("hookman.toml", '[[notify]]\nurl = "http://127.0.0.1:9/x"\n')
    result = shop.hookman("test", "notify")
    assert result.code == 1
    assert "✘ json http://127.0.0.1:9: Connection refused" in result.out
