"""docs/json.md has each key of a record, and says of what type it is; a real record has no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hookman.log import valid_record
from tests.support.box import Box, Project

PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text()
PART = PAGE[PAGE.index("## `hookman log --json`") : PAGE.index("## `hookman watch --json`")]


def table_of(text: str) -> dict[str, str]:
    """The keys in the first table of `text`, each with its type."""
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", text, re.MULTILINE)
    return {key: kind for keys, kind in rows for key in re.findall(r"`(\w+)`", keys)}


RUN, HOOK, WAIT = map(table_of, PART.split("| key | type | |\n")[1:])
STEPS = {"lock": {"seconds", "started"}, "compose": {"exit_code", "seconds", "started"}, "not_reached": {"hooks"}}
PROBLEM = {"what", "where", "fix"}
ATTEMPT = {"result", "exit_code", "seconds", "started", "output", "problem"}


def kind_of(value: Any) -> str:
    """The type of a value, as the docs call it."""
    names = {str: "text", int: "number", float: "number", bool: "boolean", list: "list", dict: "object"}
    return names.get(type(value), "null")


def wrong(found: dict[str, Any], documented: dict[str, str]) -> list[str]:
    """The keys of `found` that the docs do not have, or have with another type."""
    return [key for key, value in found.items() if kind_of(value) not in documented.get(key, "").split(" or ")]


@pytest.mark.parametrize(
    ("table", "checks"),
    [(RUN, valid_record._RUN), (HOOK, valid_record._HOOK), (WAIT, valid_record._WAIT)],  # noqa: SLF001
    ids=["run", "hook", "wait"],
)
def test_the_docs_have_each_key_that_a_record_may_have(table: dict[str, str], checks: dict[str, Any]) -> None:
    assert sorted(table.keys() - {"version"}) == sorted(checks)


@pytest.fixture
def every_kind(box: Box, shop: Project) -> Project:
    """Runs that went well, that hooks stopped, that waited, that were tried again, with hooks of each kind."""
    shop.script("up.pre", "a.sh", "echo hello")
    shop.script("up.pre", "b.sh", mode=0o644)
    shop.script("down.pre", "stop.sh", "exit 4")
    shop.script("down.pre", "z.sh")
    shop.script("down.failed", "tell.sh", "echo down")
    shop.hooks_sh("hook_post_up() { return 3; }\n")
    shop.write(
        "hookman.toml",
        """
        [hooks.again]
        on = "build.post"
        run = "exit 1"
        retries = 1
        delay = "1ms"
        allow_failure = true
        [hooks.one]
        on = "build.pre"
        run = "true"
        parallel = true
        [hooks.two]
        on = "build.pre"
        run = "true"
        parallel = true
        """,
    )
    for command in ("up", "down", "build"):
        shop.compose(command, *(["-d"] if command == "up" else []), SUDO_USER="alice")
    shop.write("hookman.toml", "jobs = 0\n")
    shop.compose("up", "-d")
    return shop


def test_a_real_record_has_no_other_keys_and_types(every_kind: Project) -> None:
    runs = every_kind.box.runs()
    assert [wrong(run, RUN) for run in runs] == [[]] * 4
    hooks = [hook for run in runs for hook in run["hooks"]]
    assert [wrong(hook, HOOK) for hook in hooks] == [[]] * len(hooks)
    parts = [(key, set(run[key]) - keys) for run in runs for key, keys in STEPS.items() if key in run]
    assert {key for key, _ in parts} == STEPS.keys()
    assert [part for part in parts if part[1]] == []
    problems = [found["problem"] for found in (*runs, *hooks) if "problem" in found]
    attempts = [attempt for hook in hooks for attempt in hook.get("attempts", [])]
    assert problems and attempts  # noqa: PT018
    assert [set(one) - PROBLEM for one in problems] == [set()] * len(problems)
    assert [set(one) - ATTEMPT for one in attempts] == [set()] * len(attempts)


def test_these_records_have_nearly_every_key_of_the_docs(every_kind: Project) -> None:
    """So the test above means something. What is left needs an engine, or a trace."""
    runs = every_kind.box.runs()
    assert RUN.keys() - {key for run in runs for key in run} == {"waits", "engine", "traceparent"}
    hooks = {key for run in runs for hook in run["hooks"] for key in hook}
    assert HOOK.keys() - hooks == {"service", "container", "image"}


def test_results_and_kinds_in_the_docs_are_those_of_the_records(every_kind: Project) -> None:
    runs = every_kind.box.runs()
    words = set(re.findall(r"`(\w+)`", PART))
    found = {run["result"] for run in runs} | {
        hook[key] for run in runs for hook in run["hooks"] for key in ("result", "kind")
    }
    assert found >= {"failed", "aborted", "warned", "skipped", "script", "function", "declared"}
    assert found - words == set()
