"""The order that `hookman list` shows is the one in which hookman and the real Compose run their hooks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.box import Box
from tests.support.engine import engine_variable

pytestmark = pytest.mark.engine

COMPOSE = """
services:
  web:
    image: {image}
    network_mode: host
    command: sleep 1000
    stop_grace_period: 0s
    volumes: [".:/shop"]
    post_start: [{{command: [sh, -c, "echo web.post_start >>/shop/trace"]}}]
    pre_stop: [{{command: [sh, -c, "echo web.pre_stop >>/shop/trace"]}}]
"""


def test_the_order_of_the_list_is_that_of_a_run(real_box: Box, tmp_path: Path) -> None:
    name = f"hm-{tmp_path.name.lower().replace('_', '-')[:40]}"
    shop = real_box.project(name, COMPOSE.format(image=engine_variable("HOOKMAN_TEST_IMAGE")))
    for event in ("up.pre", "up.post", "restart.pre", "restart.post", "down.pre", "down.post"):
        shop.script(event, f"{event}.sh", f"echo {event}.sh >>trace")
    for words in (["up", "-d"], ["restart", "-t", "0"], ["down"]):
        result = shop.compose(*words)
        assert result.code == 0, result
    listed = json.loads(shop.hookman("list", "--json").out)["hooks"]
    order: dict[str, list[str]] = {"up": [], "restart": [], "down": []}
    for hook in listed:
        command = hook["event"].split(".")[1]
        if command in order:
            order[command].append(hook["name"])
    assert shop.trace() == [name for names in order.values() for name in names]
