"""The picture of the README: it comes from a real run (scripts/make-screenshot)."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

import pytest

from tests.support.box import Box
from tests.support.engine import engine_variable

ROOT = Path(__file__).parents[2]


@pytest.mark.root
def test_the_picture_shows_a_real_run_in_a_directory_that_looks_the_same_everywhere(
    real_box: Box, tmp_path: Path
) -> None:
    target = tmp_path / "picture.svg"
    for name in ("HOOKMAN_TEST_IMAGE", "HOOKMAN_TEST_COMPOSE"):
        real_box.environ[name] = engine_variable(name)
    result = real_box.run(sys.executable, ROOT / "scripts/make-screenshot", target)
    assert result.code == 0, result
    lines = [
        html.unescape("".join(re.findall(r"<tspan[^>]*>(.*?)</tspan>", row)))
        for row in target.read_text().split("<text")[1:]
    ]
    typed = [line for line in lines if line.startswith("$ ")]
    assert typed == ["$ hookman list", "$ docker compose up -d", "$ docker compose down", "$ hookman log"]
    assert any(line.startswith("/srv/shop") for line in lines)
    assert "  3 migrations done" in lines
    assert [line for line in lines if str(ROOT) in line or "/tmp/" in line] == []
    assert not Path("/srv/shop").exists()
