"""--help and `hookman help`: at 80 columns, and with nothing that an installed user does not have."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from hookman.cli import cli
from hookman.cli.help import TOPICS
from hookman.cli.help_text import plain
from tests.support.box import Box, Project
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]


def every_command() -> list[list[str]]:
    found: list[list[str]] = [[]]
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        inner = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else []
        found += [[name], *([name, one] for one in inner)]
    return found


def test_no_help_names_a_file_of_the_docs(box: Box) -> None:
    texts = [box.hookman(*words, "--help").out for words in every_command()]
    assert [text for text in texts if re.search(r"docs/|\.md\b", text)] == []


def test_no_message_names_a_file_of_the_docs() -> None:
    """Docstrings of engineers may; what is printed may not."""
    strings = re.compile(r'(?<!")"(?!")[^"\n]*(?:docs/|\.md\b)[^"\n]*"')
    found = {
        path.name: [one for one in strings.findall(path.read_text()) if "://" not in one]
        for path in (ROOT / "hookman").rglob("*.py")
        if path.name not in ("resources.py", "help_text.py")
    }
    assert {name: said for name, said in found.items() if said} == {}


def test_the_topics_come_with_the_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    packaged = {path for path in wheel["force-include"] if path.startswith("docs/")}
    assert packaged == {f"docs/{topic}.md" for topic in TOPICS}
    assert {"rules", "settings", "json", "recipes"} <= set(TOPICS)
    assert [path for path in packaged if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_plain_text_of_the_page_at_80_columns(box: Box, topic: str) -> None:
    result = box.hookman("help", topic, COLUMNS="80")
    assert result.code == 0
    text = re.sub(r"^    .*$", "", result.out, flags=re.MULTILINE)  # examples are copied as they are
    assert [line for line in text.splitlines() if len(line) > 80 and " " in line.strip()] == []
    assert re.search(r"\]\(|^#|\*\*|```|\|---", text, re.MULTILINE) is None
    for heading in re.findall(r"^## (.*)", (ROOT / f"docs/{topic}.md").read_text(), re.MULTILINE):
        assert re.sub(r"\s+", " ", heading).replace("**", "")[:40] in result.out


def test_help_of_a_command_is_its_help(box: Box) -> None:
    assert box.hookman("help", "config", "set").out == box.hookman("config", "set", "--help").out
    assert "rules " in box.hookman("help").out


def test_a_wrong_topic_gets_the_nearest(box: Box) -> None:
    result = box.hookman("help", "seting")
    assert result.code == 2
    assert result.err == (
        "hookman: there is no command and no topic 'seting'. Did you mean 'settings'? Fix: hookman help settings\n"
    )


def test_a_long_page_is_paged_at_a_terminal(shop: Project) -> None:
    terminal = Terminal(shop, "env", "PAGER=sed s/^/paged:/", "hookman", "help", "rules")
    assert terminal.wait() == 0
    assert b"paged:THE RULES OF EXECUTION" in terminal.seen


def test_lists_tables_code_and_links_as_text() -> None:
    page = (
        "# A page\n\nSee [the rules](rules.md#x), [more](more.md) and [Docker](https://docker.com).\n"
        "- one that is long enough for a second line\n- two\n\n"
        "| key | means |\n|---|---|\n| `a` | **first** \\| second |\n\n"
        "```toml\nlong = 1   # a comment that leads too far\n```\n"
    )
    assert plain(page, 34, ["rules"]).splitlines() == [
        "A PAGE",
        "======",
        "",
        "See the rules (hookman help",
        "rules), more and Docker",
        "(https://docker.com).",
        "",
        "- one that is long enough for a",
        "  second line",
        "- two",
        "",
        "`a`",
        "    first | second",
        "",
        "    # a comment that leads too far",
        "    long = 1",
    ]
