"""Functions that go on after a command that failed, and the template that keeps them from it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from hookman.hooks.unguarded import ignored, unknown
from tests.support.box import Project
from tests.support.documents import KOMPOSE

TEMPLATE = (Path(__file__).parents[2] / "templates/hooks.sh").read_text()
EXAMPLE = (Path(__file__).parents[2] / "templates/hooks.example.sh").read_text()
BLOCKS = [text for text in re.findall(r"```bash\n(.*?)```", KOMPOSE, re.DOTALL) if "hook_" in text]


def found(text: str) -> list[tuple[int, str]]:
    """The lines of ignored commands, and the functions that they are in."""
    return [(int(one.where.rpartition(":")[2]), one.what.split()[0]) for one in ignored(text)]


@pytest.mark.parametrize(
    "body",
    [
        "cp a b\n echo done",
        "cp a b; return 0",
        "if true; then\n cp a b\n echo\nfi",
        "for x in a b; do cp $x c; done",
        "while read -r x; do cp $x c; done <list",
        "case $1 in\n up) cp a b ;;\nesac\necho",
        "case $1 in\n (up|down) cp a b; echo ;;\nesac",
        "( cp a b; echo )",
        "{ cp a b; echo; }",
        "[[ -f a ]] && cp a b\n echo",
        "x=$(cp a b)\n echo",
        "A=b cp a b\n echo",
        "sort a | cp a b\n echo",
        "cp \\\n a \\\n b\n echo",
        "cp a b >log 2>&1\n echo",
        '"$tool" a b\n echo',
        "cp a b\n # $?\n echo",
        "cat <<X\n|| exit $(date)\nX\n cp a b\n echo",
        "cp a b # || exit\n echo",
    ],
)
def test_a_failure_that_nobody_notices(body: str) -> None:
    assert [name for _, name in found(f"hook_pre_up() {{\n{body}\n}}\n")] == ["hook_pre_up"]


@pytest.mark.parametrize(
    "body",
    [
        "cp a b",
        "echo; cp a b",
        "set -e\n cp a b\n echo",
        "set -euo pipefail; cp a b; echo",
        "set -o errexit; cp a b; echo",
        "trap 'exit 1' ERR; cp a b; echo",
        "cp a b || return 1\n echo",
        "cp a b || { echo no >&2; exit 1; }\n echo",
        "if cp a b; then echo; else echo no; fi",
        "if ! cp a b; then exit 1; fi; echo",
        "until cp a b; do sleep 1; done; echo",
        "cp a b\n code=$?\n echo",
        "cp a b\n if [ $? -ne 0 ]; then exit 1; fi\n echo",
        "cp a b; return",
        "if true; then echo; cp a b; else mv a b; fi",
        "case $1 in up) cp a b ;; *) mv a b ;; esac",
        "! cp a b; echo",
        "cp a b & wait",
        "echo 'cp a b; x'; echo",
        'local x="a; b"; printf %s "$x"',
        "cat <<X | cp a b\ncp c d\nX",
        "(( n++ )); echo",
        "[[ a && b ]]; echo",
    ],
)
def test_a_failure_that_counts(body: str) -> None:
    assert found(f"hook_pre_up() {{\n{body}\n}}\n") == []


def test_each_function_is_named_once_with_its_first_line() -> None:
    text = "hook_pre_up() {\n  cp a b\n  mv a b\n  echo\n}\n\nfunction hook_post_up {\n  rm x\n  echo\n}\n"
    text += "helper() { rm x; echo; }\n"
    problems = ignored(text)
    assert [one.where for one in problems] == ["hooks.sh:2", "hooks.sh:8"]
    assert problems[0].what == "hook_pre_up goes on if cp fails, and 1 more command, and ends as if all were well"


def test_functions_that_a_hook_calls_are_looked_at_too() -> None:
    text = 'log() { echo "$@" >&2; }\nbuild() {\n  make\n  make install\n}\nhook_pre_up() {\n  log start\n  build\n}\n'
    assert found(text) == [(3, "build")]


@pytest.mark.parametrize("first", ["set -e", "set -Eeuo pipefail", "set -o errexit", "shopt -so errexit"])
def test_an_option_of_the_file_is_for_all(first: str) -> None:
    assert found(f"{first}\nhook_pre_up() {{ cp a b; echo; }}\n") == []


def test_the_first_line_of_hooks_sh_has_no_options_for_it() -> None:
    assert found("#!/bin/bash -e\nhook_pre_up() { cp a b; echo; }\n") == [(2, "hook_pre_up")]


@pytest.mark.parametrize(
    "text",
    [
        "{ " * 5000,
        "if a; then " * 5000,
        "hook_pre_up() {",
        "}",
        "if",
        "case",
        "a() (",
        "f() { case x in",
        "$((",
        '"',
        "<<X",
        ") ;; fi",
    ],
)
def test_a_text_that_does_not_parse_ends(text: str) -> None:
    assert ignored(text) == []


def test_commands_that_do_not_exist() -> None:
    text = "helper() { :; }\nhook_pre_up() {\n  helper\n  no-such-command x\n"
    text += "  if other_command; then ls; fi\n  ./own.sh\n}\n"
    problems = unknown(text, os.defpath, "/")
    assert [one.where for one in problems] == ["hooks.sh:4", "hooks.sh:5"]
    assert problems[0].what.startswith("there is no command no-such-command: ")


@pytest.mark.parametrize(
    "text",
    [
        "command -v maybe >/dev/null && maybe\n",
        "source lib.sh\nmaybe\n",
        "PATH=$PATH:bin\nmaybe\n",
        "alias maybe=ls\nmaybe\n",
        "dde project:exec web\n",
        "x=maybe; $x\n",
    ],
)
def test_commands_whose_failure_cannot_be_judged(text: str) -> None:
    assert unknown(f"hook_pre_up() {{\n{text}}}\n", os.defpath, "/") == []


class TestHookmanTest:
    def test_it_points_at_them_with_file_and_line(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() {\n  no-such-command\n  echo\n}\nhook_post_up() { ls; echo; }\n")
        result = shop.hookman("test")
        assert result.code == 0
        assert (
            "! hooks.sh:2: hook_pre_up goes on if no-such-command fails, and ends as if all were well\n"
            "    Fix: begin the function with `set -e`, or end the line with: || return 1\n" in result.out
        )
        assert "! hooks.sh:2: there is no command no-such-command" in result.out

    def test_of_a_target_only_its_functions(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() {\n  ls\n  echo\n}\nhook_post_up() { ls; echo; }\n")
        result = shop.hookman("test", "hook_pre_up")
        assert "hook_pre_up goes on if ls fails" in result.out
        assert "hook_post_up" not in result.out


class TestTemplate:
    def test_it_has_nothing_to_complain_of(self, shop: Project) -> None:
        shop.hooks_sh(EXAMPLE)
        assert shop.hookman("test").out.endswith("2 hooks checked, 0 broken, 0 to look at\n")

    def test_it_matters_to_no_command(self, shop: Project) -> None:
        shop.hooks_sh(TEMPLATE)
        assert '"hooks": []' in shop.hookman("explain", "--json", "--", "docker", "compose", "up").out

    @pytest.mark.parametrize(
        "body", ["no-such-command", "./none.sh", "f() { no-such-command; }; f", "x=$(no-such-command)"]
    )
    def test_a_command_that_does_not_exist_stops_a_hook(self, shop: Project, body: str) -> None:
        shop.hooks_sh(f"{TEMPLATE}\nhook_pre_up() {{\n  {body}\n  echo went on >>trace\n}}\n")
        result = shop.compose("up", "-d")
        assert (result.code, shop.trace()) == (1, [])
        line = TEMPLATE.count("\n") + 3
        assert f"hooks.sh:{line}: a command was not found, so the hook stops" in result.err

    @pytest.mark.parametrize(
        "body", ["if no-such-command; then :; fi", "no-such-command || true", "false", "( none ) & wait"]
    )
    def test_what_may_fail_does_not(self, shop: Project, body: str) -> None:
        shop.hooks_sh(f"{TEMPLATE}\nhook_pre_up() {{\n  {body}\n  echo went on >>trace\n}}\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["went on"]

    @pytest.mark.parametrize("text", BLOCKS)
    @pytest.mark.parametrize("code", ["0", "1"])
    def test_the_examples_of_kompose_end_as_without_it(self, shop: Project, text: str, code: str) -> None:
        shop.write(".env", "ENVIRONMENT=production\n")
        scripts = ("backup.sh", "production-checks.sh", "kompose.sh", "../kompose.sh")
        for name in ("bin/curl", "bin/docker", "bin/sleep", *scripts):
            shop.write(name, f"#!/bin/sh\nexit {code}\n", 0o755)
        path = f"{shop.path}/bin:{shop.box.environ['PATH']}"
        ends = []
        for first in ("", TEMPLATE):
            shop.hooks_sh(first + text)
            names = re.findall(r"^(hook_\w+)\(\)", text, re.MULTILINE)
            runs = [shop.hookman("test", name, "--", "x.sql", PATH=path) for name in names]
            ends.append([(run.code, run.out.partition("✔ ")[1]) for run in runs])
        assert ends[0] == ends[1]
        assert ends[0]
