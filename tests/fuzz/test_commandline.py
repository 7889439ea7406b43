"""Docker command lines, understood by us and by the real Compose."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.cobra import Flags
from hookman.compose.commandline import parse
from hookman.compose.flags import COMMANDS, FLAGS
from tests.support.fuzz import compose, fuzz, surroundings

pytestmark = pytest.mark.engine

VALUES = st.sampled_from(
    [
        *("x", "a=b", "a:b", "1", "-1", "0x1f", "007", "abc", "", "true", "false", "up", "run", "--", "-h", "--help"),
        *(
            "10m",
            "-f",
            "-x",
            "--foo",
            "--no-such=1",
            "-",
            "plain",
            "auto",
            "never",
            "compose",
            "a b",
            "\u00e9",
            "--dry-run",
        ),
    ]
)
WORDS = (
    "--help",
    "-h",
    "compose",
    "viz",
    "generate",
    "convert",
    "transformations",
    "ls",
    "create",
    "--skip",
    "a b",
    "",
)
ENVIRON = st.sampled_from(
    [
        *({}, {}, {}, {"COMPOSE_ANSI": "never"}, {"COMPOSE_PROGRESS": "plain"}, {"COMPOSE_PROFILES": "x,y"}),
        *({"COMPOSE_PARALLEL_LIMIT": "2"}, {"COMPOSE_MENU": "0"}, {"COMPOSE_REMOVE_ORPHANS": "1"}, {"DEBUG": "1"}),
        *(
            {"COMPOSE_FILE": "up"},
            {"COMPOSE_PROJECT_NAME": "-x"},
            {"COMPOSE_EXPERIMENTAL": "1"},
            {"BUILDKIT_PROGRESS": "x"},
        ),
    ]
)
COMMAND = st.sampled_from(sorted(COMMANDS[""].split()) + ["up", "run", "exec", "down", "create"] * 3)
SWITCH_VALUES = st.sampled_from(["", "", "", "=true", "=false", "=x", "="])
REFUSED = re.compile(
    r"unknown flag|unknown shorthand flag|flag needs an argument|invalid argument|bad flag syntax|specify only one -H"
)
COUNTED = re.compile(
    r'requires (exactly|at least|at most|between|\d)|accepts (at most|\d|between)|" for "docker compose'
)
# What Compose looks at before any command, a missing one too: hooks run before Compose refuses it (docs/rules.md).
EARLY = re.compile(r'unsupported --progress value|cannot specify DEPRECATED "--workdir"')
REFUSALS = ("flag-error", "unknown-subcommand")
# Docker's own flags before `compose`, such as lead to Compose or are refused.
DOCKER = [
    *([], [], [], ["-D"], ["-l", "debug"], ["-Dl", "debug"], ["-Dlinfo"], ["--log-level=info", "--debug=false"]),
    *(["-c", "default"], ["-Dc", "default"], ["-Dc=default"], ["-H", "unix:///x"], ["-DHunix:///x"]),
    *(["--help"], ["--help=false"], ["-h"], ["-Dh"], ["-H", "unix:///x", "-H", "unix:///y"], ["-Z"], ["--nope"]),
]


@st.composite
def flag(draw: st.DrawFn, spec: str) -> list[str]:
    """One flag of `spec` in one of the ways to write it; now and then one that is not there."""
    known = Flags(spec)
    form = draw(st.integers(0, 9))
    if form == 0:
        return [draw(st.sampled_from(["--nope", "-Z", "-", "--=x", "---", "-=", "--no-such=1", "--help", "-h"]))]
    if form <= 3 and len(known.longs) > 1:
        letters = draw(st.lists(st.sampled_from(sorted(known.longs)), min_size=1, max_size=3))
        tail = draw(st.sampled_from(["", "", "x", "=x", "="]))
        more = [draw(VALUES)] if draw(st.booleans()) else []
        return ["-" + "".join(letters) + tail, *more]
    name = draw(st.sampled_from(sorted([*known.kinds, *known.renamed])))
    if known.kinds[known.renamed.get(name, name)] == "bool":
        return [f"--{name}{draw(SWITCH_VALUES)}"]
    value = draw(VALUES)
    return [f"--{name}={value}"] if draw(st.booleans()) else [f"--{name}", value]


def flags(spec: str, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(flag(spec), max_size=most).map(lambda found: [word for one in found for word in one])


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """What may follow the word `docker`."""
    docker = draw(st.one_of(st.just([]), st.sampled_from(DOCKER)))
    command = draw(COMMAND)
    after = draw(flags(FLAGS[command], 3))
    words = draw(st.lists(st.sampled_from(["web", "a", "--", "x=y", "up", "-d", "--dry-run", "-", *WORDS]), max_size=3))
    dashes = draw(st.sampled_from([[], [], [], [], [], ["--"]]))
    own = draw(st.one_of(st.just([]), flags(FLAGS[""], 2)))
    tail = draw(st.sampled_from([after + words, words + after, words[:1] + after + words[1:]]))
    return [*docker, *dashes, "compose", *own, command, *tail]


def judged(argv: list[str], directory: Path, environ: dict[str, str]) -> tuple[str, str]:
    """What the real Compose makes of a line: a kind, and the command whose help it shows.

    "other-version": it lacks a flag that another version has, and so flags.py too (a choice:
    what a Compose lacks it refuses itself).
    """
    shown = compose(argv, directory, environ)
    text = shown.stderr.decode(errors="replace")
    lacked = re.search(r"unknown flag: --([\w-]+)", text)
    if lacked and any(lacked[1] in Flags(FLAGS[one]).kinds for one in ("", *argv) if one in FLAGS):
        return "other-version", ""
    if REFUSED.search(text):
        return "flag-error", ""
    # `compose -v WORD` hands its words to the version command, which refuses them.
    if "unknown docker command" in text or ' for "version"' in text:
        return "unknown-subcommand", ""
    if COUNTED.search(text):
        return "args-error", ""
    if EARLY.search(text):
        return "early-error", ""
    usage = re.search(r"^Usage:  docker compose ?([a-z -]*)", shown.stdout.decode(errors="replace"), re.MULTILINE)
    return ("help", usage[1].strip().partition(" ")[0]) if usage else ("dispatch", "")


@functools.cache
def command_of(beginning: tuple[str, ...], directory: Path) -> str:
    """Which command the real Compose sees at the end of the beginning of a line."""
    return judged([*beginning, "--help"], directory, {})[1]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@fuzz
@given(argv=lines(), environ=ENVIRON)
def test_a_command_line_is_understood_as_compose_does_it(empty: Path, argv: list[str], environ: dict[str, str]) -> None:
    found = parse(argv)
    kind = {"version": "dispatch", "no-subcommand": "help"}.get(found.kind, found.kind)
    theirs = judged(argv, empty, environ)[0]
    if theirs == "other-version":
        return
    if theirs == "early-error":
        assert found.kind in ("dispatch", "version", "no-subcommand", "unknown-subcommand", "completion"), argv
        return
    if not found.args and kind in REFUSALS:  # no command: by which word it is refused is all the same to us
        assert theirs in REFUSALS, argv
        return
    assert (kind, argv) == (theirs, argv)
    cancelled = any(word.startswith("--help=") for word in argv)
    if found.kind in ("dispatch", "args-error", "version") and found.subcommand not in COMMANDS and not cancelled:
        beginning = argv[: len(argv) - len(found.args) + 1]
        assert (found.subcommand, argv) == (command_of(tuple(beginning), empty), argv)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where docker finds a plugin that says how it was called."""
    home = tmp_path_factory.mktemp("home")
    plugin = home / ".docker/cli-plugins/docker-compose"
    plugin.parent.mkdir(parents=True)
    metadata = '{"SchemaVersion": "0.1.0", "Vendor": "test", "Version": "1"}'
    plugin.write_text(
        f"#!/bin/sh\n[ $1 != docker-cli-plugin-metadata ] || exec echo '{metadata}'\nprintf '%s\\0' called \"$@\"\n"
    )
    plugin.chmod(0o755)
    return home


@fuzz
@given(argv=lines())
def test_docker_hands_a_line_on_as_it_came_or_not_at_all(home: Path, argv: list[str]) -> None:
    environ = {**surroundings(home), "PATH": os.environ["PATH"]}  # noqa: TID251 (where docker lies on this machine)
    del environ["DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"]
    done = subprocess.run(["docker", *argv], env=environ, capture_output=True, check=False, timeout=60)
    called, *theirs = done.stdout.decode().split("\0")
    assert called != "called" or theirs[:-1] == argv
