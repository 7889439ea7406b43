"""hookman log --report: the page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.box import Project
from tests.support.browser import Browser, report, texts

WIDTHS = (380, 900, 1400)
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
LONG = "a-long-name-" * 20
FAILING = """
echo why it failed >&2
seq 30
printf '\\r 10 %%\\r100 %%\\n'
exit 3
"""
# The contrast of each text with what is behind it (WCAG 2), the smallest of all.
CONTRAST = """(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const linear = (one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4;
    const [r, g, b] = color.map(one => linear(one / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
  };
  const texts = [...document.querySelectorAll('body *')].filter(one =>
    one.offsetParent && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const contrasts = texts.map(one => {
    const [a, b] = [rgba(getComputedStyle(one).color), behind(one)].map(light).sort((a, b) => b - a);
    return (a + .05) / (b + .05);
  });
  return [contrasts.length, Math.min(...contrasts)];
})()"""


@pytest.fixture(scope="module")
def page(common_shop: Project) -> Path:
    """The page of a run with an ok, a skipped and a failed hook; the name of one is as long as names may be."""
    common_shop.script("up.pre", f"{LONG}.sh", "echo '<b>one</b>'; printf '\\033[31mred\\033[0m\\n'")
    common_shop.script("up.pre", "b.sh")
    common_shop.script("up.pre", "c.sh", FAILING)
    for _ in range(3):
        common_shop.compose("up", "-d", "--scale", "web=2", HOOKMAN_SKIP="b.sh")
    return report(common_shop)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(page: Path, browser: Browser, width: int) -> None:
    browser.open(page, width=width)
    browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask("document.querySelector('.track').getBoundingClientRect().width") > width / 20


def test_the_failure_comes_first_with_its_reason_and_its_last_lines(page: Path, browser: Browser) -> None:
    browser.open(page, width=900)
    assert texts(browser, "h1") == ["✘ up was not run: a pre hook failed"]
    first = browser.ask("document.querySelector('header').nextElementSibling.className")
    assert first == "what-failed"
    assert texts(browser, ".failure h2")[0].startswith("✘ c.sh failed with exit code 3 after ")
    assert texts(browser, ".failure .reason") == ["why it failed"]
    assert texts(browser, ".failure pre") == ["\n".join([*map(str, range(20, 31)), "100 %"])]


def test_progress_is_shown_in_its_last_state_and_nothing_of_the_output_is_markup(page: Path, browser: Browser) -> None:
    browser.open(page, width=900)
    printed = texts(browser, "details pre")
    assert printed == ["<b>one</b>\nred", "\n".join(["why it failed", *map(str, range(1, 31)), "100 %"])]


def test_each_result_has_a_sign_and_a_colour(page: Path, browser: Browser) -> None:
    browser.open(page, width=900)
    assert texts(browser, ".row .sign") == ["✔", "○", "✘"]
    colours = browser.ask("[...document.querySelectorAll('.row .sign')].map(one => getComputedStyle(one).color)")
    assert len(set(colours)) == 3
    assert texts(browser, "h2#steps") == ["3 hooks: 1 failed, 1 ok, 1 skipped"]


def test_a_link_to_a_hook_opens_what_it_printed(page: Path, browser: Browser) -> None:
    links = re.findall(r'class="anchor" href="(#[^"]+)"', page.read_text())
    assert links[1:] == ["#project.up.pre-b.sh", "#project.up.pre-c.sh"]
    browser.open(page, width=900, anchor=links[2])
    assert browser.ask("[...document.querySelectorAll('details')].map(one => one.open)") == [False, True]
    assert browser.ask("document.querySelector(':target').getBoundingClientRect().top < innerHeight") is True


def test_all_lines_are_one_click_away(page: Path, browser: Browser) -> None:
    browser.open(page, width=380)
    browser.click(".more a")
    assert browser.ask("document.querySelector('details:has(:target)').open") is True


def test_the_button_copies_the_command_to_run_again(page: Path, browser: Browser) -> None:
    browser.open(page, width=900)
    browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.click("header .copy")
    copied = browser.ask("""new Promise(done => {
      const button = document.querySelector('header .copy');
      const look = async () => {
        if (button.textContent === 'Copy') setTimeout(look);
        else done([button.textContent, await navigator.clipboard.readText()]);
      };
      look();
    })""")
    assert copied == ["Copied", f"cd {page.parent} && docker compose up -d --scale web=2"]


def test_without_scripts_all_is_there_but_the_buttons(page: Path, browser: Browser) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page, width=900)
        assert browser.ask("[...document.querySelectorAll('.copy')].every(one => one.offsetParent === null)") is True
        browser.click("summary")
        assert browser.ask("document.querySelector('details').open") is True
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_command_that_is_copied_runs_as_it_ran(shop: Project, browser: Browser) -> None:
    shop.compose("up", "-d", "we'b", "new\nline", "\x1b[31m", "a b", b"\xff", STUB_EXIT="1")
    browser.open(report(shop), width=900)
    command = texts(browser, "header code")[0]
    assert command.isprintable()
    shop.box.run("bash", "-c", command)
    first, second = shop.box.calls_file.read_bytes().split(b"<compose>")[1:]
    assert first == second


def test_a_masked_secret_in_the_command_is_said(shop: Project, browser: Browser) -> None:
    shop.compose("build", "--build-arg", "DB_PASSWORD=Zq7xW2vNk9Lp")
    browser.open(report(shop), width=900)
    assert texts(browser, "header .note") == ["*** is a secret that hookman masked. Type it again."]


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark_can_be_read(page: Path, browser: Browser, *, dark: bool) -> None:
    browser.open(page, width=900, dark=dark)
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == (DARK if dark else LIGHT)
    number, least = browser.ask(CONTRAST)
    assert number > 40
    assert least >= 4.5


def test_on_paper_everything_is_there_on_white(page: Path, browser: Browser) -> None:
    browser.open(page, width=700, dark=True, media="print")
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == LIGHT
    assert browser.ask("[...document.querySelectorAll('.copy, .anchor')].every(one => one.offsetParent === null)")
    heights = browser.ask("[...document.querySelectorAll('details pre')].map(one => one.checkVisibility())")
    assert heights == [True, True]
    assert browser.ask("document.documentElement.scrollWidth") <= 700
    assert browser.pdf().startswith(b"%PDF")


def test_it_is_used_with_the_keyboard(page: Path, browser: Browser) -> None:
    browser.open(page, width=900)
    browser.ask("document.querySelector('summary').focus()")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r")
    browser.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter")
    assert browser.ask("document.querySelector('details').open") is True


def test_it_needs_nothing_from_anywhere_and_runs_only_its_own_script(
    page: Path, tmp_path: Path, browser: Browser
) -> None:
    text = page.read_text()
    assert re.findall(r'(?:src|href)="(?!#)|url\(|@import', text) == []
    assert text.count("<script>") == 1
    planted = tmp_path / "planted.html"
    planted.write_text(text.replace("</main>", "<script>document.title = 'planted'</script></main>"))
    browser.open(planted, width=900)
    assert browser.ask("document.title") == "✘ up · shop"


@pytest.mark.parametrize("path", ["", "out/"])
def test_a_path_that_names_no_file_is_refused(page: Path, common_shop: Project, path: str) -> None:
    result = common_shop.hookman("log", "--report", path)
    assert (result.code, f"{path!r} names no file" in result.err) == (1, True)


def test_a_file_that_cannot_be_written_is_said(page: Path, common_shop: Project) -> None:
    result = common_shop.hookman("log", "--report", "none/page.html")
    assert (result.code, "can't write none/page.html" in result.err) == (1, True)
