"""hookman log --report: the page, in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.box import Project

# Asks the page's layout, with the page's own rule against scripts taken out of a copy.
PROBE = """<script>
const summary = document.querySelector('summary'); summary.focus();
document.title = JSON.stringify({
  overflow: document.documentElement.scrollWidth - innerWidth,
  background: getComputedStyle(document.body).backgroundColor,
  focused: document.activeElement === summary,
  bars: [...document.querySelectorAll('.track i')].map(one => one.className),
  open: [...document.querySelectorAll('details[open] summary')].map(one => one.textContent),
  texts: [...document.querySelectorAll('pre')].map(one => one.textContent),
  wide: Math.max(...[...document.querySelectorAll('.track i')].map(one => one.getBoundingClientRect().width)),
})
</script>"""
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(13, 17, 23)"


def browser(page: Path, *options: str, width: int) -> dict[str, Any]:
    """What the probe says of a page in a window of that width, in pixels."""
    text = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text()).replace("</body>", f"{PROBE}</body>")
    probed = page.with_name("probed.html")
    probed.write_text(text)
    flags = ["--no-sandbox", "--disable-gpu", f"--window-size={width},2000", *options]
    done = subprocess.run(
        ["chromium-headless-shell", *flags, "--dump-dom", f"file://{probed}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(page.parent)},
    )
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout)
    answer: dict[str, Any] = json.loads(title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return answer


@pytest.fixture
def page(shop: Project) -> Path:
    """The page of a run with an ok, a skipped and a failed hook; the name of one is as long as names may be."""
    shop.script("up.pre", f"{'a-long-name-' * 20}.sh", "echo '<b>one</b>'; printf '\\033[31mred\\033[0m\\n'; sleep 0.2")
    shop.script("up.pre", "b.sh")
    shop.script("up.pre", "c.sh", "echo why it failed; exit 3")
    for _ in range(3):
        shop.compose("up", "-d", HOOKMAN_SKIP="b.sh")
    result = shop.hookman("log", "--report", "page.html")
    assert (result.code, result.out) == (0, "wrote page.html\n")
    return shop.path / "page.html"


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_window_of_a_phone_or_a_desk(page: Path, width: int) -> None:
    seen = browser(page, width=width)
    assert seen["overflow"] <= 0
    assert seen["wide"] > width / 20


def test_each_step_has_its_bar_and_failed_hooks_are_open(page: Path) -> None:
    seen = browser(page, width=800)
    assert seen["bars"] == ["lock", "ok", "failed"]
    assert seen["open"] == ["project.up.pre/c.sh: failed (exit code 3, 0.0 s)"]
    assert seen["texts"] == ["<b>one</b>\nred\n", "It printed nothing.", "why it failed\n"]


def test_it_is_used_with_the_keyboard(page: Path) -> None:
    assert browser(page, width=800)["focused"] is True


def test_light_and_dark(page: Path) -> None:
    assert browser(page, "--blink-settings=preferredColorScheme=1", width=800)["background"] == LIGHT
    assert browser(page, "--blink-settings=preferredColorScheme=0", width=800)["background"] == DARK


def test_it_needs_nothing_from_anywhere_and_runs_nothing(page: Path) -> None:
    text = page.read_text()
    assert "default-src 'none'" in text
    assert re.findall(r"(?:src|href)=|url\(|<script|@import", text) == []


def test_the_last_runs_of_the_command_are_compared(page: Path) -> None:
    bars = re.findall(
        r'<li class="(\w+)" style="height:([\d.]+)%"[^>]*?( aria-current="true")?></li>', page.read_text()
    )
    assert [kind for kind, _, _ in bars] == ["aborted"] * 3
    assert max(float(height) for _, height, _ in bars) == 100
    assert [bool(current) for _, _, current in bars] == [False, False, True]


def test_a_file_that_cannot_be_written_is_said(page: Path, shop: Project) -> None:
    result = shop.hookman("log", "--report", "none/page.html")
    assert (result.code, "can't write none/page.html" in result.err) == (1, True)
