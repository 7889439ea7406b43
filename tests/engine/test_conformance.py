"""Command lines of the corpus, run by the real Compose of both pinned versions, beside what we make of them.

Nothing is carried out: there is no engine where these lines are run. A line is run if two words that follow each other
in it do so in no earlier line of its command. HOOKMAN_CORPUS=1 runs all lines.
"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from hookman.compose.commandline import OPERATIONS, parse
from hookman.compose.launch import PLUGIN_COMMAND
from tests.support.box import Box, Result
from tests.support.documents import CORPUS
from tests.support.engine import SHORT_LIVED, engine_variable

pytestmark = pytest.mark.engine

# What Compose says instead of beginning; in this order, cobra, Compose and its helper in docker/cli.
REFUSED = re.compile(
    r"^(unknown (shorthand )?flag|invalid argument|flag needs an argument|bad flag syntax|unknown docker command"
    r"|(requires|accepts) .*arg\(s\)|(docker: )?['\"]docker compose .*['\"] requires )",
    re.MULTILINE,
)
USAGE = re.compile(r"^Usage:  ?docker compose", re.MULTILINE)
UNKNOWN = re.compile(r"^unknown (shorthand )?(flag|docker command)", re.MULTILINE)

# The oldest Compose is asked about every fourth of these lines.
OLDEST_TAKES = 4
ALL = os.environ.get("HOOKMAN_CORPUS") == "1"  # noqa: TID251 (how long to look is the caller's word)


def begins(result: Result) -> bool:
    """Did Compose begin to carry the line out?"""
    return not REFUSED.search(result.err) and not USAGE.search(result.out)


def neighbours(argv: list[str]) -> set[tuple[str | None, ...]]:
    """The pairs of words that follow each other in a line: its command, its flags, and `.` for any other word."""
    found = parse(argv)
    words = []
    for word in argv:
        name, equals, _ = word.partition("=")
        words.append(name + equals if word.startswith("-") else word if word == found.subcommand else ".")
    return {(found.subcommand, found.kind, *pair) for pair in zip(words, [*words[1:], "end"], strict=True)}


def different(lines: list[list[str]]) -> list[list[str]]:
    """Those lines with a pair of words that none of the earlier ones has."""
    seen: set[tuple[str | None, ...]] = set()
    found = []
    for argv in lines:
        pairs = neighbours(argv)
        if pairs - seen:
            found.append(argv)
            seen |= pairs
    return found


@pytest.fixture
def answers(bare: Box, request: pytest.FixtureRequest) -> list[tuple[list[str], Result]]:
    """The corpus' lines that reach Compose, each with what Compose does with it."""
    compose = engine_variable(request.param)
    where = bare.base / "a/b"
    where.mkdir(parents=True)
    for name in (".env", ".env.local", "../.env"):
        (where / name).write_text("")
    lines = [line["argv"] for line in CORPUS if line["argv"][:1] == ["compose"] and "version" not in line["argv"]]
    if not ALL:
        lines = different(lines)[:: OLDEST_TAKES if request.param == "HOOKMAN_TEST_COMPOSE_OLDEST" else 1]
    bare.environ |= {"DOCKER_HOST": "unix:///nonexistent", PLUGIN_COMMAND: "docker", **SHORT_LIVED}
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda argv: bare.run(compose, *argv, cwd=where), lines)
        return list(zip(lines, results, strict=True))


@pytest.mark.parametrize("answers", ["HOOKMAN_TEST_COMPOSE"], indirect=True)
def test_the_newest_compose_begins_exactly_the_lines_that_we_say(answers: list[tuple[list[str], Result]]) -> None:
    assert len(answers) > (800 if ALL else 400)
    assert [(argv, result) for argv, result in answers if parse(argv).operation != begins(result)] == []


@pytest.mark.parametrize("answers", ["HOOKMAN_TEST_COMPOSE_OLDEST"], indirect=True)
def test_the_oldest_compose_differs_only_in_what_it_lacks(answers: list[tuple[list[str], Result]]) -> None:
    """A flag or command that it lacks it refuses itself, after the pre hooks; what it has alone has no events."""
    differ = [(argv, result) for argv, result in answers if parse(argv).operation != begins(result)]
    unexplained = [
        (argv, result)
        for argv, result in differ
        if not (UNKNOWN.search(result.err) or USAGE.search(result.out) or not set(argv) & set(OPERATIONS) - {"watch"})
    ]
    assert unexplained == []
    assert len(differ) < len(answers) / 10
