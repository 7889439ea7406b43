"""Compose's own hooks, read from compose files without running anything."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from hookman.compose.own_hooks import OwnHooks, own_hooks

HOOKS = """
services:
  web:
    image: app
    post_start:
      - command: ["bin/migrate", "--all"]
      - command: bin/warm
        user: root
    pre_stop: [{command: bin/drain}]
  db:
    provider: {type: awesomecloud, options: {size: 10}}
"""


def read(folder: Path, **files: str) -> OwnHooks:
    """The hooks in the `files` (compose="…" is compose.yaml); those named `other…` are only there."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(textwrap.dedent(text))
    return own_hooks([str(folder / f"{name}.yaml") for name in files if not name.startswith("other")])


def named(found: OwnHooks) -> list[tuple[str, str, int]]:
    return [(hook.name, hook.command, hook.line) for hook in found.hooks]


def test_all_kinds_with_their_lines(tmp_path: Path) -> None:
    found = read(tmp_path, compose=HOOKS)
    assert named(found) == [
        ("web.post_start[0]", "bin/migrate --all", 6),
        ("web.post_start[1]", "bin/warm", 7),
        ("web.pre_stop", "bin/drain", 9),
        ("db.provider", "awesomecloud", 11),
    ]
    assert found.problems == []


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("up", ["db.provider", "web.post_start[0]", "web.post_start[1]"]),
        ("start", ["web.post_start[0]", "web.post_start[1]"]),
        ("restart", ["web.pre_stop", "web.post_start[0]", "web.post_start[1]"]),
        ("stop", ["db.provider", "web.pre_stop"]),
        ("down", ["db.provider", "web.pre_stop"]),
        ("run", ["web.post_start[0]", "web.post_start[1]"]),
        ("ps", []),
    ],
)
def test_at_which_command_compose_runs_them(tmp_path: Path, command: str, names: list[str]) -> None:
    assert [hook.name for hook in read(tmp_path, compose=HOOKS).at(command)] == names


def test_later_files_add_hooks_and_replace_a_provider(tmp_path: Path) -> None:
    override = """
    services:
      web: {pre_stop: [{command: bin/more}]}
      db: {provider: {type: other}}
    """
    found = read(tmp_path, compose=HOOKS, override=override)
    commands = {hook.name: hook.command for hook in found.hooks}
    assert (commands["web.pre_stop[0]"], commands["web.pre_stop[1]"]) == ("bin/drain", "bin/more")
    assert commands["db.provider"] == "other"


@pytest.mark.parametrize(
    ("value", "commands"), [("!reset []", []), ("!reset null", []), ("!override [{command: b}]", ["b"])]
)
def test_a_later_file_may_take_them_away(tmp_path: Path, value: str, commands: list[str]) -> None:
    override = f"services:\n  web:\n    post_start: {value}\n    pre_stop: !reset []\n"
    found = read(tmp_path, compose=HOOKS, override=override)
    assert [hook.command for hook in found.hooks if hook.service == "web"] == commands


def test_anchors_and_merges(tmp_path: Path) -> None:
    text = """
    x-base: &base
      post_start: &hooks
        - command: [a]
    services:
      one: {<<: *base, image: x}
      two: {<<: [*base], pre_stop: *hooks}
    """
    assert [name for name, *_ in named(read(tmp_path, compose=text))] == [
        "one.post_start",
        "two.post_start",
        "two.pre_stop",
    ]


def test_extends_and_include(tmp_path: Path) -> None:
    text = """
    include:
      - other_included.yaml
      - path: [other_more.yaml]
    services:
      base: {profiles: [tools], pre_start: [{command: a}]}
      web: {extends: {service: base}, post_start: [{command: b}]}
      api: {extends: {file: other_base.yaml, service: common}}
    """
    found = read(
        tmp_path,
        compose=text,
        other_base="services: {common: {pre_stop: [{command: c}]}}",
        other_included="services: {mail: {post_start: [{command: d}]}}",
        other_more="services: {logs: {provider: {type: e}}}",
    )
    assert {hook.name: (hook.command, hook.profiles) for hook in found.hooks} == {
        "mail.post_start": ("d", ()),
        "logs.provider": ("e", ()),
        "base.pre_start": ("a", ("tools",)),
        "web.pre_start": ("a", ()),
        "web.post_start": ("b", ()),
        "api.pre_stop": ("c", ()),
    }


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {extends: {service: a}, post_start: [{command: x}]}}",
        "include: [compose.yaml]\nservices: {a: {post_start: [{command: x}]}}",
        "services: {a: {post_start: [{command: x}], extends: {file: compose.yaml, service: a}}}",
    ],
)
def test_files_and_services_that_go_in_a_circle_end(tmp_path: Path, text: str) -> None:
    assert "x" in [hook.command for hook in read(tmp_path, compose=text).hooks]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("services: {web: {post_start: [", "it is not YAML"),
        ("post_start: " + "[" * 100_000, "it is not YAML"),
        ("include: [oci://example.com/app]\n", "only Compose can read it"),
        ("include: ['${MORE}.yaml']\n", "only Compose can read it"),
        ("# post_start" + " " * 600_000, "it is too large"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, text: str, why: str) -> None:
    found = read(tmp_path, compose=text)
    assert found.hooks == []
    (problem,) = found.problems
    assert "hooks of Compose's own in" in problem.what
    assert why in problem.what


@pytest.mark.parametrize(
    "text",
    ["", "services:\n", "post_start\n", "[provider]", "services: [post_start]", "services: {web: provider}", "a: *b"],
)
def test_odd_files_have_none(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, compose=text).hooks == []


@pytest.mark.parametrize("file", ["-", "https://example.com/app.git", "oci://example.com/app"])
def test_a_file_that_only_compose_can_read(file: str) -> None:
    assert [problem.where for problem in own_hooks([file]).problems] == [file]


def test_a_file_that_is_not_there_yet_has_none(tmp_path: Path) -> None:
    assert own_hooks([str(tmp_path / "compose.yaml")]) == OwnHooks(hooks=[], problems=[])
