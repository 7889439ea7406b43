"""hookman log --report: the page, in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Project
from tests.support.browser import Browser
from tests.support.waiting import let_go

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
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    one = Browser(tmp_path_factory.mktemp("browser"))
    yield one
    one.close()


def report(project: Project, name: str = "page.html") -> Path:
    """Write the page of the last run."""
    result = project.hookman("log", "--report", name)
    assert (result.code, result.out) == (0, f"wrote {name}\n")
    return project.path / name


@pytest.fixture
def page(shop: Project) -> Path:
    """The page of a run with an ok, a skipped and a failed hook; the name of one is as long as names may be."""
    shop.script("up.pre", f"{LONG}.sh", "echo '<b>one</b>'; printf '\\033[31mred\\033[0m\\n'")
    shop.script("up.pre", "b.sh")
    shop.script("up.pre", "c.sh", FAILING)
    for _ in range(3):
        shop.compose("up", "-d", "--scale", "web=2", HOOKMAN_SKIP="b.sh")
    return report(shop)


def texts(browser: Browser, selector: str) -> list[str]:
    found: list[str] = browser.ask(f"[...document.querySelectorAll({selector!r})].map(one => one.textContent.trim())")
    return found


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


def test_it_needs_nothing_from_anywhere_and_runs_only_its_own_script(page: Path, browser: Browser) -> None:
    text = page.read_text()
    assert re.findall(r'(?:src|href)="(?!#)|url\(|@import', text) == []
    assert text.count("<script>") == 1
    page.write_text(text.replace("</main>", "<script>document.title = 'planted'</script></main>"))
    browser.open(page, width=900)
    assert browser.ask("document.title") == "✘ up · shop"


def test_names_with_markup_quotes_and_hidden_characters_are_only_text(shop: Project, browser: Browser) -> None:
    for name in ("<img src=x onerror=alert(1)>.sh", "'\" &lt;.sh", "\u202ehs.txt.sh", "日本語.sh", "a b#c.sh"):
        shop.script("up.pre", name, "echo one")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert texts(browser, ".row .name")[:-1] == [
        "'\" &lt;.sh",
        "<img src=x onerror=alert(1)>.sh",
        "a b#c.sh",
        "\\u202ehs.txt.sh",
        "日本語.sh",
    ]
    assert browser.ask("document.images.length") == 0
    links = browser.ask("[...document.querySelectorAll('.anchor')].map(one => decodeURIComponent(one.hash.slice(1)))")
    ids = browser.ask("[...document.querySelectorAll('[id^=project]')].map(one => one.id)")
    assert links == ids
    assert len(set(ids)) == 5


def test_a_run_alone_and_a_run_without_hooks_say_so(shop: Project, browser: Browser) -> None:
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert texts(browser, "h1") == ["✔ up succeeded"]
    assert texts(browser, "h2") == ["No hooks", "Past runs", "This run"]
    assert texts(browser, "section p") == [
        "There was no hook to run. To see what would run, and where: hookman list",
        "This is the first run in the log, so there is nothing to compare it with.",
    ]


def test_one_hook_is_one_hook(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert texts(browser, "h2#steps") == ["1 hook, ok"]


def test_a_run_that_was_stopped_before_its_hooks_shows_why(shop: Project, browser: Browser) -> None:
    shop.write("hookman.toml", 'function_timeout = "x"\n')
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert "hookman.toml:1" in texts(browser, ".failure .reason")[0]
    assert texts(browser, ".failure .fix")[0].startswith("Fix: ")
    assert texts(browser, "section[aria-labelledby=steps] p") == ["It was stopped before any hook ran."]


def test_a_failure_of_compose_itself_is_said_once(shop: Project, browser: Browser) -> None:
    shop.compose("up", "-d", STUB_EXIT="17")
    browser.open(report(shop), width=380)
    assert texts(browser, ".failure p") == [
        "docker compose up failed with exit code 17",
        "What Compose printed is not in the log: it went to where the command was typed.",
    ]


def test_a_long_run_does_not_hide_the_others(shop: Project, browser: Browser) -> None:
    for number in range(8):
        shop.compose("up", "-d", STUB_RUN="sleep 1.2" if number == 4 else "sleep 0.1")
    shop.compose("up", "-d", STUB_RUN="sleep 0.1", STUB_EXIT="1")
    browser.open(report(shop), width=380)
    bars = browser.ask("[...document.querySelectorAll('.bar')].map(one => [one.className, one.offsetHeight])")
    assert [look for look, _ in bars] == ["bar ok"] * 4 + ["bar ok cut"] + ["bar ok"] * 3 + ["bar failed"]
    assert min(height for look, height in bars if look == "bar ok") > 0.2 * max(height for _, height in bars)
    assert texts(browser, ".plot .sign") == ["✘"]
    assert texts(browser, "#past") == ["The last 9 runs of up"]
    words = texts(browser, "section[aria-labelledby=past] p")[0]
    assert words.startswith("8 of 9 runs ended ok.")
    assert "The bar with a gap is cut: that run took 1." in words


def test_a_very_long_output_keeps_its_beginning_and_its_end(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh", "echo first; yes | head -c 3000000; echo last")
    shop.compose("up", "-d")
    page = report(shop)
    assert page.stat().st_size < 2_000_000
    browser.open(page, width=380)
    browser.click("summary")
    assert browser.ask("document.querySelector('pre').textContent.slice(0, 5)") == "first"
    assert browser.ask("document.querySelector('pre').textContent.slice(-4)") == "last"
    assert re.search(r"[\d,]+ bytes left out. All of it: hookman log ", texts(browser, "pre .gap")[0])


@pytest.mark.parametrize("number", [0, 1])
def test_the_commands_for_a_hook_that_failed_run_that_hook_and_no_other_of_its_name(
    shop: Project, browser: Browser, number: int
) -> None:
    shop.script("up.pre", "a.sh", "exit 3")
    shop.script("up.post", "a.sh", "echo the other")
    shop.compose("up", "-d")
    browser.open(report(shop), width=900)
    result = shop.box.run("bash", "-c", texts(browser, ".failure code")[number])
    said = result.out + result.err
    assert (result.code, "project.up.pre/a.sh" in said, "project.up.post" in said) == (1, True, False)


@pytest.mark.parametrize("path", ["", "out/"])
def test_a_path_that_names_no_file_is_refused(page: Path, shop: Project, path: str) -> None:
    result = shop.hookman("log", "--report", path)
    assert (result.code, f"{path!r} names no file" in result.err) == (1, True)


def test_a_file_that_cannot_be_written_is_said(page: Path, shop: Project) -> None:
    result = shop.hookman("log", "--report", "none/page.html")
    assert (result.code, "can't write none/page.html" in result.err) == (1, True)


def test_what_still_runs_has_not_failed(shop: Project, holder: subprocess.Popen[bytes], browser: Browser) -> None:
    browser.open(report(shop), width=380)
    let_go(shop, holder)
    assert texts(browser, "h1") == ["… up is running"]
    assert texts(browser, "h2") == ["1 hook, running", "Past runs", "This run"]


def test_an_interrupted_hook_says_by_what(shop: Project, holder: subprocess.Popen[bytes], browser: Browser) -> None:
    holder.terminate()
    holder.wait()
    browser.open(report(shop), width=380)
    assert texts(browser, "h1") == ["✘ up was interrupted"]
    assert texts(browser, ".failure h2")[0].startswith("✘ hold.sh was interrupted after ")
    assert texts(browser, ".reason") == ["stopped by signal 15"]


def test_what_ran_after_a_failure_comes_after_its_cause(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh", "exit 2")
    shop.script("up.failed", "b.sh", "exit 3")
    shop.script("up.always", "c.sh", "echo end")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert [name.split()[1] for name in texts(browser, ".failure h2")] == ["a.sh", "b.sh"]
    assert texts(browser, "h3") == ["project.up.pre", "project.up.failed", "project.up.always"]


def test_of_hundreds_of_runs_the_last_thirty_are_compared(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh")
    shop.compose("up", "-d")
    (log,) = shop.box.data.glob("projects/*/log.jsonl")
    last = json.loads(log.read_text())
    hook = {**last["hooks"][0], "seconds": 0.5}
    earlier = [
        {
            **last,
            "run": f"20261101-000000-{number:06x}",
            "started": last["started"] - number * 60,
            "ended": last["started"] - number * 60 + 2,
            "hooks": [hook],
        }
        for number in range(400, 0, -1)
    ]
    slow = {**last, "ended": last["started"] + 30, "hooks": [{**hook, "seconds": 29}]}
    log.write_text("".join(json.dumps(one) + "\n" for one in [*earlier, slow]))
    browser.open(report(shop), width=380)
    assert texts(browser, "#past") == ["The last 30 runs of up"]
    assert browser.ask("document.querySelectorAll('.bar').length") == 30
    assert browser.ask("document.querySelector('li[aria-current] .bar').className") == "bar ok cut"
    assert texts(browser, ".row .note") == ["usually 500 ms"]


def test_hooks_that_were_not_reached_are_in_their_places(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh", "exit 2")
    shop.script("up.pre", "b.sh")
    shop.script("up.post", "c.sh")
    shop.script("up.always", "d.sh")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert texts(browser, "h2#steps") == ["4 hooks: 1 failed, 1 ok, 2 not reached"]
    assert texts(browser, "h3") == ["project.up.pre", "project.up.post", "project.up.always"]
    assert texts(browser, ".row .name") == ["a.shfailed with exit code 2", "b.shnot reached", "c.shnot reached", "d.sh"]
    assert len(texts(browser, ".failure")) == 1


def test_each_attempt_of_a_hook_has_its_bar_and_its_output(shop: Project, browser: Browser) -> None:
    shop.write("hookman.toml", '[hooks."a.sh"]\nretries = 2\ndelay = "10ms"\n')
    shop.script("up.pre", "a.sh", "echo x >>tries; echo try $(wc -l <tries); [ $(wc -l <tries) = 3 ]")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    bars = browser.ask("[...document.querySelectorAll('.row .track')[0].children].map(one => one.className)")
    assert bars == ["failed", "failed", "ok"]
    assert texts(browser, ".row .note")[0] == "3 attempts"
    printed = texts(browser, "details pre")[0].splitlines()
    assert [line for line in printed if line.startswith("try")] == ["try 1", "try 2", "try 3"]
    assert printed[0].startswith("[attempt 1: failed with exit code 1, ")


def test_a_hook_that_may_fail_is_a_warning_and_no_failure(shop: Project, browser: Browser) -> None:
    shop.write("hookman.toml", '[hooks."a.sh"]\nallow_failure = true\n')
    shop.script("up.pre", "a.sh", "exit 3")
    shop.compose("up", "-d")
    browser.open(report(shop), width=380)
    assert texts(browser, ".row .sign")[0] == "!"
    assert texts(browser, ".row .note")[0] == "failed with exit code 3, allowed"
    assert texts(browser, ".failure:not(.may)") == []
    assert texts(browser, ".failure.may h2")[0].endswith(", which is allowed")


def test_a_rerun_is_no_run_of_its_command(shop: Project, browser: Browser) -> None:
    shop.script("up.pre", "a.sh", "exit 3")
    shop.compose("up", "-d")
    shop.hookman("rerun")
    browser.open(report(shop), width=380)
    assert texts(browser, "h1") == ["✘ hookman rerun failed"]
    assert texts(browser, "#past") == ["Past runs"]
