"""hooks.sh: CONTRACT C, and what functions are given (B)."""

from __future__ import annotations

import shutil

import pytest

from hookman.hooks import functions
from tests.support.box import Box, Project


def test_functions_get_the_command_and_all_its_arguments(shop: Project) -> None:  # C19
    shop.hooks_sh('hook_pre_up() { local -a args=("$@"); echo "$1|${args[0]}|${args[*]}" >trace; }\n')
    shop.compose("--progress", "plain", "up", "-d", "--build")
    assert shop.trace() == ["up|up|up -d --build"]


def test_arguments_survive_verbatim(shop: Project) -> None:  # C20
    words = ["exec", "web", "a b", "", "*", "$HOME", "it's", 'quo"te', "back\\slash", "new\nline"]
    shop.hooks_sh("hook_pre_exec() { printf '<%s>' \"$@\" >trace; }\n")
    assert shop.compose(*words).code == 0
    expected = "".join(f"<{word}>" for word in words)
    assert (shop.path / "trace").read_text() == expected
    assert shop.box.calls_file.read_text() == f"<compose>{expected}\n"


def test_arguments_that_are_not_utf8_survive(shop: Project) -> None:
    shop.hooks_sh("hook_pre_exec() { printf '%s' \"$3\" >trace; }\n")
    shop.compose("exec", "web", b"caf\xe9")
    assert (shop.path / "trace").read_bytes() == b"caf\xe9"


class TestBash:
    @pytest.mark.parametrize("mode", [0o644, 0o755])
    def test_hooks_sh_needs_no_execute_bit(self, shop: Project, mode: int) -> None:  # C34
        shop.hooks_sh("#!/bin/false\nhook_pre_up() { [[ $BASH_VERSION ]] && echo bash >trace; }\n", mode)
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["bash"]

    @pytest.mark.parametrize("word", ["return", "exit"])
    @pytest.mark.parametrize(("status", "code"), [("0", 0), ("3", 1)])
    def test_return_and_exit_mean_the_same(self, shop: Project, word: str, status: str, code: int) -> None:  # C35
        shop.hooks_sh(f"hook_pre_up() {{ {word} {status}; echo never >trace; }}\n")
        assert shop.compose("up", "-d").code == code
        assert (len(shop.box.calls()), shop.trace()) == (1 - code, [])

    def test_no_shell_options_are_imposed(self, shop: Project) -> None:  # C36
        shop.hooks_sh("""
            hook_pre_up() {
                [[ "${ENVIRONMENT}" == "production" ]]
                false
                yes | head -1 >/dev/null && echo "$-" >trace
            }
        """)
        assert shop.compose("up", "-d").code == 0
        assert not set("eux") & set(shop.trace()[0])

    @pytest.mark.parametrize(
        ("options", "body"), [("set -e", "false; :"), ("set -u", 'echo "$UNSET"; :'), ("set -o pipefail", "false | :")]
    )
    def test_options_that_hooks_sh_sets_are_honoured(self, shop: Project, options: str, body: str) -> None:  # C37
        shop.hooks_sh(f"{options}\nhook_pre_up() {{ {body}\n}}\n")
        assert (shop.compose("up", "-d").code, shop.box.calls()) == (1, [])
        shop.hooks_sh(f"hook_pre_up() {{ {body}\n:\n}}\n")
        assert shop.compose("up", "-d").code == 0

    @pytest.mark.parametrize("options", ["", "set -e", "set -eu"])
    def test_the_status_of_sourcing_does_not_decide(self, shop: Project, options: str) -> None:  # C38
        shop.hooks_sh(f'{options}\nhook_pre_up() {{ echo ran >trace; }}\n[[ -n "${{DEBUG:-}}" ]] && set -x\n')
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["ran"]

    def test_errexit_holds_within_what_hooks_sh_sources(self, shop: Project) -> None:
        shop.write("lib.sh", "true\n")
        shop.hooks_sh("set -e\nsource ./lib.sh\nfalse\nhook_pre_up() { echo ran >trace; }\n")
        assert (shop.compose("up", "-d").code, shop.trace()) == (1, [])

    def test_without_return_the_last_status_counts(self, shop: Project) -> None:  # C39
        shop.hooks_sh("hook_pre_up() { [[ -f ./x ]]; }\n")
        assert shop.compose("up", "-d").code == 1
        shop.write("x", "")
        assert shop.compose("up", "-d").code == 0

    @pytest.mark.parametrize(
        "definition",
        [
            "hook_pre_up() { echo ran >trace; }",
            "function hook_pre_up { echo ran >trace; }",
            "function hook_pre_up() {\n echo ran >trace\n}",
            "hook_pre_up () ( echo ran >trace )",
            "  hook_pre_up()\n{\n echo ran >trace\n}",
            'for phase in pre post; do eval "hook_${phase}_up() { echo ran >trace; }"; done',
            ". ./lib.sh",
            "source ./lib.sh",
        ],
    )
    def test_a_function_counts_however_it_is_defined(self, shop: Project, definition: str) -> None:  # C40
        shop.write("lib.sh", "hook_pre_up() { echo ran >trace; }\n")
        shop.hooks_sh(definition + "\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["ran"]

    def test_bash_source_is_hooks_sh(self, shop: Project) -> None:  # C40, C26
        shop.hooks_sh("""
            SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
            [[ "${BASH_SOURCE[0]}" == "$0" ]] && echo main >trace
            hook_pre_up() { echo "$SCRIPT_DIR ${BASH_SOURCE[0]}" >>trace; }
        """)
        shop.compose("up", "-d")
        assert shop.trace() == [f"{shop.path} {shop.path}/hooks.sh"]

    def test_top_level_code_runs_once_an_event_and_speaks_on_stderr(self, shop: Project) -> None:  # C41
        shop.hooks_sh("echo top; echo top >>trace\nhook_pre_up() { :; }\nhook_post_up() { :; }\n")
        result = shop.compose("up", "-d", STUB_OUT="compose")
        assert (result.out, shop.trace()) == ("compose", ["top", "top"])
        assert result.err.count("top\n") == 2

    def test_a_failing_exit_at_the_top_level_is_a_failed_hook(self, shop: Project) -> None:  # C41
        shop.hooks_sh("hook_pre_up() { :; }\nexit 4\n")
        result = shop.compose("up", "-d")
        assert (result.code, shop.box.calls()) == (1, [])
        assert 'Hook "hook_pre_up" failed with exit code 4' in result.err

    def test_hooks_sh_cannot_disturb_its_runner(self, shop: Project) -> None:  # C42
        shop.hooks_sh("""
            set -- other words
            args=x cmd=x stack=x name=x i=x status=x hook_name=x IFS=: fd=x
            shopt -s nullglob extglob; set -f; set -o noclobber; umask 077
            run() { return 9; }; main() { return 9; }; log() { :; }; die() { exit 9; }
            printf() { return 9; }; trap() { return 9; }; set_status() { :; }
            exec > >(tee tee.log) 2>&1
            hook_pre_up() { echo "got $*"; export TAG=1; }
        """)
        result = shop.compose("up", "-d")
        assert result.code == 0, result
        assert "got up -d\n" in result.err.replace(":", " ")
        assert shop.box.compose_environ()["TAG"] == "1"

    def test_an_exit_trap_fires_and_does_not_change_the_verdict(self, shop: Project) -> None:  # C43
        shop.hooks_sh("hook_pre_up() { trap 'echo trapped >>trace; exit 9' EXIT; return 0; }\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["trapped"]
        shop.hooks_sh("hook_pre_up() { trap 'echo trapped >>trace; exit 0' EXIT; return 3; }\n")
        assert shop.compose("up", "-d").code == 1

    def test_a_hooks_sh_that_does_not_parse_stops_the_command(self, shop: Project) -> None:  # C44
        shop.hooks_sh("echo first >trace\nhook_pre_up() {\n  if true\n}\n")
        result = shop.compose("up", "-d")
        assert (result.code, shop.box.calls(), shop.trace()) == (1, [], [])
        assert f"{shop.path}/hooks.sh:4: syntax error" in result.err
        assert "bash -n" in result.err

    def test_a_hooks_sh_with_windows_line_endings_stops_the_command(self, shop: Project) -> None:  # C44
        shop.hooks_sh("# fine\nhook_pre_up() {\r\n  :\r\n}\r\n")
        result = shop.compose("up", "-d")
        assert (result.code, shop.box.calls()) == (1, [])
        assert "hooks.sh:2: Windows line endings (CRLF)" in result.err

    def test_a_hooks_sh_that_is_a_directory_stops_the_command(self, shop: Project) -> None:
        (shop.path / "hooks.sh").mkdir()
        result = shop.compose("up", "-d")
        assert (result.code, shop.box.calls()) == (1, [])
        assert "hooks.sh can't be read" in result.err

    def test_set_x_traces_to_stderr_and_changes_nothing_else(self, shop: Project) -> None:  # C46
        shop.hooks_sh("hook_pre_up() { set -x; echo traced; }\n")
        result = shop.compose("up", "-d", STUB_OUT="out")
        assert (result.code, result.out) == (0, "out")
        assert result.err.startswith("+ echo traced\ntraced\n ✔ project.up.pre/hook_pre_up")

    def test_hooks_sh_may_be_a_link(self, box: Box, shop: Project) -> None:  # C47
        (box.base / "shared.sh").write_text("hook_pre_up() { echo shared >trace; }\n")
        (shop.path / "hooks.sh").symlink_to("../shared.sh")
        shop.compose("up", "-d")
        assert shop.trace() == ["shared"]

    @pytest.mark.parametrize("name", ["on_pre_up", "pre_up", "hook_up", "hook_pre_upp"])
    def test_other_names_are_no_hooks(self, shop: Project, name: str) -> None:  # C48
        shop.hooks_sh(f"{name}() {{ echo ran >trace; }}\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == []

    def test_background_jobs_and_wait_work(self, shop: Project) -> None:  # C68
        shop.hooks_sh("hook_pre_up() { (echo one >one) & (echo two >two) & wait; cat one two >trace; }\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hook_pre_up() { :; }", 1),
        ("\n\nfunction hook_pre_up {\n:\n}", 3),
        ("# hook_pre_up() is here", None),
        ("hook_pre_up_extra() { :; }", None),
        ("echo hook_pre_up", None),
    ],
)
def test_where_a_function_is_defined_is_read_from_the_text(text: str, line: int | None) -> None:
    assert functions.defined_at(text, "hook_pre_up") == line


def test_the_defined_functions_are_listed_in_the_order_of_the_file() -> None:
    text = "hook_post_up() { :; }\nhelper() { :; }\nfunction hook_pre_down {\n:\n}\n# hook_pre_x() { :; }\n"
    assert functions.defined_functions(text) == ["hook_post_up", "hook_pre_down"]


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        ("hook_pre_up() { :; }", True),
        (". ./lib.sh", True),
        ("[ -e x ]&&source x", True),
        ('eval "$(make hooks)"', True),
        ("(export A=1)", True),
        ("set -ea", True),
        ("set -o allexport", True),
        ("declare -x A=1", True),
        ('hook_pre_db_export() { echo "Exporting the export_dir..."; }', False),
        ("if ! command source x; then :; fi", True),
        ("A=1 B='x y' export C", True),
        ("echo a # b; export A", True),
        ("hook_pre_down() { return 0; }  # Don't fail the export\n# export A", False),
        ("set -eu\nhook_pre_down() { :; }", False),
        ("resource=1", False),
        ("# it runs (up -d). The rest; source x", False),
        ("echo x  # y; source x", True),
    ],
)
def test_hooks_sh_is_sourced_where_its_text_can_matter(text: str, matters: bool) -> None:
    assert functions.may_matter(text, "hook_pre_up") is matters


def test_a_caller_without_path_gets_the_systems(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
    docker = shutil.which("docker", path=shop.box.environ["PATH"])
    result = shop.box.run("env", "-u", "PATH", str(docker), "compose", "up", "-d", cwd=shop.path)
    assert (result.code, shop.trace()) == (0, ["ran"])


@pytest.mark.parametrize("limit", [32, 64])
def test_few_descriptors_are_enough(shop: Project, limit: int) -> None:
    shop.script("up.pre", "a.sh", "echo script >>trace")
    shop.hooks_sh("hook_pre_up() { export TAG=1; }\nhook_post_up() { echo tag $TAG >>trace; }\n")
    result = shop.box.run("bash", "-c", f"ulimit -n {limit}; exec docker compose up -d", cwd=shop.path)
    assert (result.code, shop.trace()) == (0, ["script", "tag 1"]), result


BROKEN = {"syntax error": "hook_pre_up() { echo x\n", "CRLF": "hook_pre_up() {\r\n echo x\r\n}\r\n"}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_hooks_sh_stops_only_the_commands_that_it_could_matter_to(shop: Project, text: str) -> None:
    (shop.path / "hooks.sh").write_bytes(text.encode())
    for command in ("ps", "logs"):
        result = shop.compose(command, STUB_EXIT="3")
        assert (result.code, result.err.count("hooks.sh:")) == (3, 1), result
    assert shop.box.calls() == ["<compose><ps>", "<compose><logs>"]
    stopped = shop.compose("up", "-d")
    assert (stopped.code, len(shop.box.calls())) == (1, 2)
    assert "up was not run. To go without hooks: --skip-hooks" in stopped.err
    assert shop.compose("up", "-d", "--skip-hooks").code == 0


def test_a_broken_hooks_sh_that_may_define_anything_stops_every_command(shop: Project) -> None:
    shop.hooks_sh("source lib.sh\nif\n")
    result = shop.compose("ps")
    assert (result.code, shop.box.calls()) == (1, [])
    assert "ps was not run. To go without hooks: --skip-hooks" in result.err


def test_broken_settings_stop_only_commands_with_hooks(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { echo x; }\n")
    shop.write("hookman.toml", "timeuot = 3\n")
    result = shop.compose("ps", STUB_EXIT="3")
    assert (result.code, result.err.count("hookman.toml:1: timeuot")) == (3, 1), result
    stopped = shop.compose("up", "-d")
    assert (stopped.code, shop.box.calls()) == (78, ["<compose><ps>"])
    assert "up was not run. To go without hooks: --skip-hooks" in stopped.err
