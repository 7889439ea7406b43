from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose import commandline
from hookman.compose.commandline import parse, parse_standalone
from hookman.compose.flags import FLAGS
from tests.support.documents import CORPUS

# Docker itself refuses such a line, so no plugin ever sees it.
KINDS_APART = ("not-reached",)


def test_the_corpus_is_there() -> None:
    assert len(CORPUS) == 931


def test_the_command_lines_of_the_corpus_are_understood_as_compose_understands_them() -> None:
    wrong = []
    for line in CORPUS:
        found = parse(line["argv"])
        kind = found.kind if line["kind"] not in KINDS_APART else line["kind"]
        dry_run = found.dry_run if line.get("dry_run") is not None else None
        ours = (found.subcommand, found.operation, kind, dry_run)
        theirs = (line["subcommand"], line["operation"], line["kind"], line.get("dry_run"))
        if ours != theirs:
            wrong.append((line["id"], line["argv"], ours, theirs))
    assert wrong == []


@pytest.mark.parametrize(
    ("argv", "subcommand", "kind"),
    [
        # docs/design/traps.md B
        ("compose -- up", None, "unknown-subcommand"),
        ("compose -v up", "up", "dispatch"),
        ("compose -p --foo up", None, "unknown-subcommand"),
        ("compose --parallel -1 up", None, "unknown-subcommand"),
        ("compose -f --help up", "up", "dispatch"),
        ("compose -p -h up", "up", "dispatch"),
        ("compose up --help=false", "up", "dispatch"),
        ("compose up -h -d", "up", "help"),
        ("compose up --help --nope", "up", "flag-error"),
        ("compose run web --help", "run", "dispatch"),
        ("compose exec -T web up --help", "exec", "dispatch"),
        ("compose up -dV", "up", "dispatch"),
        ("compose --profile up down", "down", "dispatch"),
        ("compose bridge convert web", "bridge", "dispatch"),
        ("--context default -D compose ps", "ps", "dispatch"),
        ("-- compose version", "version", "version"),
        ("-- compose up", "up", "dispatch"),
        ("help compose up", None, "help"),
        ("--help compose up", "up", "help"),
        ("--help compose up --help=false", "up", "dispatch"),
        ("--help=false compose up", "up", "dispatch"),
        # docker reads its own flags by pflag alone: clusters count, and what looks like a flag is a value
        ("-Dl debug compose up", "up", "dispatch"),
        ("-Dc default compose up", "up", "dispatch"),
        ("-DHunix:///x compose up", "up", "dispatch"),
        ("-c -D compose up", "up", "dispatch"),
        ("-H unix:///a -H unix:///b compose up", None, "flag-error"),
        # older names, which Compose turns into the flag's own
        ("compose up --y", "up", "dispatch"),
        ("compose create --y=false", "create", "dispatch"),
        ("compose publish --y me/it", "publish", "dispatch"),
        ("compose alpha publish --y me/it", "alpha", "dispatch"),
        ("compose run --volumes a:b web", "run", "dispatch"),
        ("compose run --labels x=y --dry-run web", "run", "dispatch"),
        ("compose exec --no-TTY web sh", "exec", "dispatch"),
        ("compose down --volume", "down", "dispatch"),
        ("compose alpha nothing", "alpha", "no-subcommand"),
        ("compose stop -t abc", "stop", "flag-error"),
        ("compose build -qm=x", "build", "flag-error"),
        ("compose build -m 1.5GiB", "build", "dispatch"),
        ("compose build -m 10mm", "build", "flag-error"),
        ("compose docker-cli-plugin-hooks {}", None, "unknown-subcommand"),
    ],
)
def test_odd_forms_come_out_as_compose_takes_them(argv: str, subcommand: str | None, kind: str) -> None:
    found = parse(argv.split())
    assert (found.subcommand, found.kind) == (subcommand, kind)


def test_completion_is_no_operation() -> None:
    assert parse(["__complete", "compose", "up", ""]).kind == "completion"


def test_args_are_the_command_and_all_that_follows_as_typed() -> None:
    assert parse(["compose", "-f", "x.yml", "-p", "y", "up", "-d", "--build", "web"]).args == [
        "up",
        "-d",
        "--build",
        "web",
    ]


def test_a_value_that_looks_like_a_command_is_not_the_command() -> None:
    assert parse(["compose", "--profile", "up", "down"]).args == ["down"]


@pytest.mark.parametrize(
    ("typed", "passed_on"),
    [
        ("compose up -d --skip-hooks", "compose up -d"),
        ("compose --skip-hooks up -d", "compose up -d"),
        ("--skip-hooks compose up", "compose up"),
        ("compose exec --skip-hooks web sh", "compose exec web sh"),
        ("compose --skip-hooks config", "compose config"),
        ("-- compose up --skip-hooks", "-- compose up"),
        ("compose run -de A=1 --skip-hooks web", "compose run -de A=1 web"),
        ("compose run --volumes a:b --skip-hooks web", "compose run --volumes a:b web"),
    ],
)
def test_skip_hooks_is_found_and_removed(typed: str, passed_on: str) -> None:
    found = parse(typed.split())
    assert found.skip_hooks
    assert found.argv == passed_on.split()


@pytest.mark.parametrize(
    "typed",
    ["compose exec web cmd --skip-hooks", "compose run --rm web --skip-hooks", "compose run -e A=1 web --skip-hooks"],
)
def test_skip_hooks_of_the_command_in_the_container_is_left_alone(typed: str) -> None:
    found = parse(typed.split())
    assert not found.skip_hooks
    assert found.argv == typed.split()


@pytest.mark.parametrize(
    ("typed", "dry"),
    [
        ("compose --dry-run up", True),
        ("compose up --dry-run", True),
        ("compose up", False),
        ("compose --dry-run up --dry-run=false", False),
        ("compose --dry-run=false up --dry-run", True),
    ],
)
def test_the_last_dry_run_wins(typed: str, dry: bool) -> None:
    assert parse(typed.split()).dry_run is dry


@pytest.mark.parametrize(
    ("typed", "attached"),
    [
        ("up", True),
        ("up web", True),
        ("up -d", False),
        ("up --wait", False),
        ("up --no-start", False),
        ("up -d=false", True),
    ],
)
def test_an_up_without_detach_is_attached(typed: str, attached: bool) -> None:
    assert parse(["compose", *typed.split()]).attached is attached


def test_docker_compose_standalone_has_no_leading_word() -> None:
    found = parse_standalone(["-f", "x.yml", "up", "-d"])
    assert (found.subcommand, found.args) == ("up", ["up", "-d"])


@pytest.mark.parametrize(
    ("typed", "subcommand", "kind"),
    [
        ("--verbose up", "up", "dispatch"),
        ("-h", None, "help"),
        ("--host unix:///x --log-level=debug up", "up", "dispatch"),
        ("--version", "version", "version"),
        ("-f x.yml --verbose up", "up", "dispatch"),
    ],
)
def test_docker_compose_standalone_takes_dockers_flags_too(typed: str, subcommand: str | None, kind: str) -> None:
    found = parse_standalone(typed.split())
    assert (found.subcommand, found.kind, found.argv) == (subcommand, kind, typed.split())


def test_docker_compose_standalone_leaves_the_containers_skip_hooks_alone() -> None:
    assert not parse_standalone(["--verbose", "exec", "web", "sh", "--skip-hooks"]).skip_hooks


def test_the_older_name_of_a_flag_counts_as_the_flag() -> None:
    assert parse(["compose", "run", "--volumes", "a:b", "--dry-run", "web"]).flags == {
        "volume": ["a:b"],
        "dry-run": ["true"],
    }


def test_commands_that_only_ask_have_no_events() -> None:
    assert not any(parse(["compose", name]).has_events for name in ("config", "images", "ls", "version", "events"))


def test_every_command_with_events_is_one_of_composes() -> None:
    assert [name for name in commandline.OPERATIONS if name not in FLAGS] == []


WORDS = st.one_of(
    st.sampled_from(["compose", "up", "run", "exec", "web", "-f", "--file", "-p", "--", "--help", "-d", "--dry-run"]),
    st.text(max_size=8),
)


@given(st.lists(WORDS, max_size=10))
def test_any_words_are_parsed_and_passed_on_unchanged(words: list[str]) -> None:
    found = parse(["compose", *words])
    assert found.argv == ["compose", *words]
    assert found.subcommand is None or found.subcommand in FLAGS


@given(st.lists(WORDS, max_size=8), st.integers(min_value=0, max_value=8))
def test_skip_hooks_anywhere_leaves_all_other_words(words: list[str], at: int) -> None:
    typed = ["compose", *words[:at], "--skip-hooks", *words[at:]]
    found = parse(typed)
    assert found.argv in (typed, ["compose", *words])


@pytest.mark.parametrize(("value", "kind"), [("x", "flag-error"), ("x=y", "dispatch"), ("", "dispatch")])
def test_a_filter_is_a_name_and_a_value(value: str, kind: str) -> None:
    assert parse(["compose", "ls", "--filter", value]).kind == kind
