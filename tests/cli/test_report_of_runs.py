"""hookman log --report: what the page tells of runs of every kind."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.support.box import Project
from tests.support.browser import Browser, report, texts
from tests.support.waiting import let_go


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
