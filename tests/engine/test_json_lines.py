"""Our JSON lines beside those of the real Compose (`--progress json`)."""

from __future__ import annotations

import json

from tests.support.box import Box


def test_every_line_on_stderr_is_json(real_box: Box) -> None:
    shop = real_box.project(
        "hm-json", "services: {web: {image: hookman-busybox, network_mode: host, command: sleep 1000}}\n"
    )
    shop.script("up.post", "a.sh", "echo hook")
    result = shop.compose("--progress", "json", "up", "-d")
    assert result.code == 0
    lines = [json.loads(line) for line in result.err.splitlines()]
    ours = [one for one in lines if one.get("source") == "hookman"]
    assert [one["type"] for one in ours] == ["hook_started", "output", "hook_ended", "run_ended"]
    assert len(lines) > len(ours)
