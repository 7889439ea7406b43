"""What the user sees of hooks that run side by side: whole lines with their owner, and a clock for each."""

from __future__ import annotations

import json
import os
import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.messages import style
from hookman.hooks.planned import RUN, SCRIPT, PlannedHook
from hookman.run import group_display
from hookman.run.display import SPINNER, Display
from hookman.run.whole_lines import LONGEST, WholeLines
from tests.support.box import Project
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until


def hooks(*names: str) -> list[PlannedHook]:
    return [PlannedHook(event="project.up.post", name=name, kind=SCRIPT, path="", action=RUN) for name in names]


def test_lines_of_several_hooks_do_not_mix_and_have_their_owner(capfd: pytest.CaptureFixture[str]) -> None:
    one, two = hooks("a.sh", "longer.sh")
    group = Display(["output", "results"]).beside([one, two], menu=False)
    a, b = group.row(one), group.row(two)
    a.begin(one.label)
    b.begin(two.label)
    a.output(b"first half, ")
    b.output(b"whole\nbegun ")
    a.output(b"second half\nopen")
    b.output(b"and ended\n")
    a.end("ok", 1.0)
    b.end("failed", 2.0)
    group.close()
    assert capfd.readouterr().err.splitlines() == [
        "longer.sh  | whole",
        "a.sh       | first half, second half",
        "longer.sh  | begun and ended",
        "a.sh       | open",
        " ✔ project.up.post/a.sh  1.0s",
        " ✘ project.up.post/longer.sh  2.0s",
    ]


def test_a_silent_hook_that_fails_shows_what_it_printed(capfd: pytest.CaptureFixture[str]) -> None:
    (one,) = hooks("a.sh")
    group = Display([]).beside([one], menu=False)
    row = group.row(one)
    row.begin(one.label)
    row.output(b"why\n")
    assert capfd.readouterr().err == ""
    row.end("failed", 0.1)
    group.close()
    assert capfd.readouterr().err == "a.sh  | why\n"


@pytest.mark.parametrize(
    ("printed", "lines"),
    [
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a", b"b"]),
        (b"10 %\r50 %\r100 %\n", [b"100 %"]),
        (b"50 %\r", [b"50 %"]),
        (b"\x1b[31mred\nplain\n", [b"\x1b[31mred\x1b[0m", b"plain"]),
        (b"up\x1b[2A\x1b[2Kand away\x07\n", [b"upand away"]),
        (b"\x1b]0;title\x07text\n", [b"text"]),
        (b"\xff\xfe\n", [b"\xff\xfe"]),
        (b"\n\n", [b"", b""]),
        (b"", []),
    ],
)
def test_a_line_is_as_a_terminal_shows_it_in_the_end(printed: bytes, lines: list[bytes]) -> None:
    whole = WholeLines()
    assert whole.feed(printed) + whole.end() == lines


@given(pieces=st.lists(st.text(alphabet="ab é\n", max_size=9).map(str.encode), max_size=20))
def test_however_it_is_cut_nothing_is_lost(pieces: list[bytes]) -> None:
    whole = WholeLines()
    found = [line for piece in pieces for line in whole.feed(piece)] + whole.end()
    text = b"".join(pieces)
    assert found == [*text.split(b"\n")[:-1], *filter(None, [text.split(b"\n")[-1]])]


def test_a_line_that_never_ends_fills_no_memory_and_comes_in_parts() -> None:
    whole = WholeLines()
    letter = "é".encode()
    found = [line for _ in range(100) for line in whole.feed(b"x" + letter * 1000)]
    assert b"".join(found + whole.end()) == (b"x" + letter * 1000) * 100
    assert max(map(len, found)) < 2 * LONGEST
    assert all(line.decode() for line in found)
    bar = WholeLines()
    assert [line for _ in range(1000) for line in bar.feed(b"\r50 %" + b" " * 100)] == []
    assert [line.strip() for line in bar.end()] == [b"50 %"]


def screen(text: str) -> list[str]:
    """What a terminal of 80 columns shows of it."""
    shown = pyte.Screen(80, 24)
    pyte.Stream(shown).feed(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    lines = [line.rstrip() for line in shown.display]
    return lines[: max((number for number, line in enumerate(lines, 1) if line), default=0)]


def drawn(text: str) -> list[str]:
    return [re.sub(r"^ [^…]", " *", line) for line in screen(text)]


def test_clocks_of_all_that_run_are_below_the_output(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("hookman.run.group_display.time.monotonic", lambda: now[0])
    monkeypatch.setattr("hookman.run.display.is_secret_typed", lambda: False)
    three = hooks("a.sh", "b.sh", "c.sh")
    group = Display(["output", "results"], live=True).beside(three, menu=False)
    rows = [group.row(one) for one in three]
    for row, one in zip(rows, three, strict=True):
        row.begin(one.label)
    assert rows[0].tick() == pytest.approx(0.3)
    now[0] += 0.5
    assert rows[1].tick() == pytest.approx(0.1)
    rows[1].output(b"hello\n")
    now[0] += 0.5
    rows[1].tick()
    text = capfd.readouterr().err
    clocks = [f" * project.up.post/{name}     1.0s" for name in ("a.sh", "b.sh", "c.sh")]
    assert drawn(text) == ["b.sh  | hello", *clocks]
    rows[0].end("ok", 1.0)
    now[0] += 0.1
    rows[1].tick()
    text += capfd.readouterr().err
    assert drawn(text)[:3] == [
        "b.sh  | hello",
        " * project.up.post/a.sh  1.0s",
        " * project.up.post/b.sh     1.1s",
    ]
    for row in rows[1:]:
        row.end("ok", 1.1)
    group.close()
    assert screen(text + capfd.readouterr().err) == [
        "b.sh  | hello",
        *(f" ✔ project.up.post/{name}" for name in ("a.sh  1.0s", "b.sh  1.1s", "c.sh  1.1s")),
    ]


def test_many_hooks_are_a_few_lines_and_a_number(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookman.run.display.is_secret_typed", lambda: False)
    monkeypatch.setattr(group_display, "_size", lambda: (40, 7))
    names = [f"{number:02d}-a-name-that-is-longer-than-the-terminal.sh" for number in range(9)]
    group = Display(["results"], live=True).beside(hooks(*names), menu=False)
    for one in hooks(*names):
        group.row(one).begin(one.label)
    group._draw(group.running[0].since + 5)  # noqa: SLF001 (what a tick does after some seconds)
    lines = drawn(capfd.readouterr().err)
    assert len(lines) == 4
    assert lines[-1] == " … and 6 more"
    assert max(map(len, lines)) < 40
    group.close()
    assert style.under is None


class TestTerminal:
    @pytest.fixture
    def group(self, shop: Project) -> Project:
        for name in ("a", "b", "c"):
            shop.script(
                "up.post", f"{name}.sh", f"echo {name} one; while ! [ -e go ]; do sleep 0.02; done; echo {name} two"
            )
        shop.write("hookman.toml", 'jobs = 3\nparallel = ["up.post"]\n')
        return shop

    def test_on_a_terminal_each_has_a_clock_until_it_ends(self, group: Project) -> None:
        terminal = Terminal(group, "docker", "compose", "up", "-d", term="xterm")
        for letter in (b"a", b"b", b"c"):
            terminal.match(rb"project.up.post/" + letter + rb".sh +\d\.\ds\x1b\[K")
        group.write("go", "")
        assert terminal.wait() == 0
        shown = [line.strip() for line in screen(terminal.seen.decode())]
        for name in ("a", "b", "c"):
            own = [line for line in shown if line.startswith(f"{name}.sh")]
            assert own == [f"{name}.sh  | {name} one", f"{name}.sh  | {name} two"]
        assert sorted(re.sub(r"\d", "N", line) for line in shown if line.startswith("✔")) == [
            f"✔ project.up.post/{name}.sh  N.Ns" for name in ("a", "b", "c")
        ]
        assert not [line for line in shown if line[:1] in {*SPINNER}]

    def test_ctrl_c_stops_all_and_leaves_no_clock(self, group: Project) -> None:
        terminal = Terminal(group, "docker", "compose", "up", "-d", term="xterm")
        terminal.match(rb"project.up.post/c.sh +\d\.\ds")
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        wait_until(lambda: group.box.runs()[-1]["result"] == "interrupted", "it goes on")
        shown = screen(terminal.seen.decode())
        assert not [line for line in shown if line.strip()[:1] in {*SPINNER}]


def test_json_lines_name_the_hook_of_each_line(shop: Project) -> None:
    for name in ("a", "b"):
        shop.script("up.pre", f"{name}.sh", f"printf '{name} '; sleep 0.1; echo end")
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    result = shop.docker("compose", "--progress", "json", "up", "-d")
    assert result.code == 0
    events = [json.loads(line) for line in result.err.splitlines()]
    told = sorted((one["name"], one["text"]) for one in events if one["type"] == "output")
    assert told == [("a.sh", "a end"), ("b.sh", "b end")]
    ended = [one for one in events if one["type"] == "hook_ended"]
    assert sorted((one["name"], one["result"]) for one in ended) == [("a.sh", "ok"), ("b.sh", "ok")]


def test_quiet_shows_nothing_of_hooks_that_go_well(shop: Project) -> None:
    for name in ("a", "b"):
        shop.script("up.pre", f"{name}.sh", "echo text")
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    assert shop.docker("compose", "--progress", "quiet", "up", "-d").err == ""


def test_the_log_has_what_each_printed_byte_for_byte(shop: Project) -> None:
    for name in ("a", "b"):
        shop.script("up.pre", f"{name}.sh", f"for n in 1 2 3; do printf '{name}%s\\r' $n; sleep 0.02; done; echo")
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    assert shop.compose("up", "-d").code == 0
    (folder,) = shop.box.data.glob("projects/*/output/*")
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == {"00-a.sh": b"a1\ra2\ra3\r\n", "01-b.sh": b"b1\rb2\rb3\r\n"}
    assert len(os.listdir(folder)) == 2
