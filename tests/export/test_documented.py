"""docs/notify.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from hookman.settings.notify_keys import NOTIFY_KEYS
from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle

PAGE = (Path(__file__).parents[2] / "docs/notify.md").read_text()


def test_the_table_of_keys_is_the_one_of_the_code() -> None:
    rows = [f"| `{key}` | {one.meaning} | {one.default} |\n" for key, one in NOTIFY_KEYS.items()]
    assert "".join(rows) in PAGE


def test_each_fact_of_a_message_is_described(shop: Project, collector: Collector) -> None:
    shop.write("hookman.toml", f'[[notify]]\nurl = "{collector.url}"\non = ["failed", "ok"]\n')
    shop.script("up.pre", "a.sh", "exit 3")
    shop.compose("up", "-d", SUDO_USER="alice")
    shop.compose("down")
    idle(shop.box)
    shop.hookman("test", "notify")
    table = PAGE[PAGE.index("- `json`, and what a program gets") : PAGE.index("## Programs")]
    described = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    found = {key for request in collector.requests for key in request.document}
    assert len(collector.requests) == 3
    assert found - described == set()
    assert described - found == {"engine"}
    hook = collector.requests[0].document["hook"]
    assert set(hook) <= set(re.findall(r"`(\w+)`", table.partition("| `hook` |")[2].partition("\n")[0]))
