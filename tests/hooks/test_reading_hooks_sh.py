"""What is read from the text of a hooks.sh, and what keeps it from being sourced. Nothing of it runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hookman.base.errors import HookmanError
from hookman.hooks import functions

PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def hooks_sh(tmp_path: Path) -> Path:
    return tmp_path / "hooks.sh"


class TestRead:
    def test_one_that_parses_has_no_problem(self, hooks_sh: Path) -> None:
        hooks_sh.write_text("hook_pre_up() { :; }\n")
        file = functions.read(str(hooks_sh), PATH)
        assert (file.path, file.text, file.problem, file.reason) == (
            str(hooks_sh),
            "hook_pre_up() { :; }\n",
            None,
            "",
        )
        assert file.status is not None
        assert os.path.samestat(file.status, hooks_sh.stat())

    def test_a_syntax_error_is_named_with_its_line_and_nothing_ran(self, hooks_sh: Path) -> None:
        hooks_sh.write_text(f"touch {hooks_sh.parent}/ran\nif then\n")
        file = functions.read(str(hooks_sh), PATH)
        assert file.problem is not None
        assert file.problem.what.startswith(f"{hooks_sh}:2: syntax error")
        assert (file.reason, file.problem.fix) == ("syntax error", f"correct the line; to check: bash -n {hooks_sh}")
        assert not (hooks_sh.parent / "ran").exists()

    def test_extended_globs_parse_where_the_text_switches_them_on(self, hooks_sh: Path) -> None:
        hooks_sh.write_text("shopt -s extglob\nhook_pre_up() { ls !(x); }\n")
        assert functions.read(str(hooks_sh), PATH).problem is None

    def test_a_text_that_was_corrected_has_no_problem(self, hooks_sh: Path) -> None:
        hooks_sh.write_text("if then\n")
        assert functions.read(str(hooks_sh), PATH).problem is not None
        hooks_sh.write_text("if true; then :; fi\n")
        assert functions.read(str(hooks_sh), PATH).problem is None

    def test_windows_line_endings_are_named_with_the_first_line(self, hooks_sh: Path) -> None:
        hooks_sh.write_bytes(b"a=1\nb=2\nc=3\r\nd=4\r\n")
        file = functions.read(str(hooks_sh), PATH)
        assert file.problem is not None
        assert file.problem.what.startswith(f"{hooks_sh}:3: ")
        assert file.reason == "Windows line endings"

    @pytest.mark.parametrize("kind", ["pipe", "device"])
    def test_a_file_that_is_not_regular_is_not_read(self, hooks_sh: Path, kind: str) -> None:
        if kind == "pipe":
            os.mkfifo(hooks_sh)
        else:
            hooks_sh.symlink_to("/dev/zero")
        file = functions.read(str(hooks_sh), PATH)
        assert (file.text, file.reason) == ("", "not a regular file")

    @pytest.mark.parametrize(("size", "reason"), [(100, ""), (101, "not a regular file")])
    def test_one_that_is_too_large_is_not_read(
        self, hooks_sh: Path, monkeypatch: pytest.MonkeyPatch, size: int, reason: str
    ) -> None:
        monkeypatch.setattr(functions, "LONGEST", 100)
        hooks_sh.write_text("#" * size)
        assert functions.read(str(hooks_sh), PATH).reason == reason

    def test_one_that_is_gone_can_not_be_read(self, hooks_sh: Path) -> None:
        file = functions.read(str(hooks_sh), PATH)
        assert (file.text, file.reason, file.status) == ("", "unreadable", None)

    def test_without_bash_that_is_the_problem(self, hooks_sh: Path) -> None:
        hooks_sh.write_text("a=1\n")
        file = functions.read(str(hooks_sh), str(hooks_sh.parent))
        assert file.problem is not None
        assert (file.reason, file.problem.fix) == ("interpreter missing", "install bash")


class TestText:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("hook_pre_up(){", 1),
            ("hook_pre_up  () {", 1),
            ("  hook_pre_up() {", 1),
            ("function hook_pre_up", 1),
            ("function  hook_pre_up() {", 1),
            ("a\nhook_pre_up() {\nhook_pre_up() {", 2),
            ("hook_pre_up=(1)", None),
            ("function hook_pre_upper {", None),
            ("function hook_pre_up1 {", None),
            ("xhook_pre_up() {", None),
            ("hook_pre_up )", None),
        ],
    )
    def test_a_definition_is_found_by_its_line(self, text: str, line: int | None) -> None:
        assert functions.defined_at(text, "hook_pre_up") == line

    def test_each_hook_function_is_listed_once(self) -> None:
        text = "hook_pre_up() { :; }\nhook_pre_up() { :; }\nhook_x() { :; }\nhook_pre_up_x() { :; }\necho hook_pre_ps\n"
        assert functions.defined_functions(text) == ["hook_pre_up", "hook_pre_up_x"]

    def test_names_of_hook_functions_are_found_wherever_they_are(self) -> None:
        code = "f=hook_pre_up; hook_post_up() { my_hook_pre_ps; hook_x_ps; }"
        assert functions.names_in(code) == ["hook_pre_up", "hook_post_up"]

    def test_comments_are_empty_lines(self) -> None:
        assert functions.code_of("a # b\n  # c\nd") == "a # b\n\nd"

    @pytest.mark.parametrize(
        ("text", "may"),
        [
            ("hook_pre_up", True),
            ("x hook_pre_up;", True),
            ("x;hook_pre_up;x", True),
            ("hook_pre_upper hook_pre_up", True),
            ("hook_pre_upper", False),
            ("_hook_pre_up", False),
            ("hook_pre_up1 xhook_pre_up", False),
            ("# hook_pre_up", False),
            (". ./lib", True),
            ("export A=1", False),
        ],
    )
    def test_a_text_may_define_a_function_that_it_names(self, text: str, may: bool) -> None:
        assert functions.may_define(text, "hook_pre_up") == may

    @pytest.mark.parametrize(
        ("text", "matters"),
        [
            ("set -a", True),
            ("set -o allexport", True),
            ("source x", True),
            ("hook_pre_up;x", True),
            ("set -eu", False),
            ("touch a", False),
            ("echo a set", False),
            ("ls -a; true", False),
        ],
    )
    def test_a_text_matters_if_it_may_define_the_function_or_export(self, text: str, matters: bool) -> None:
        assert functions.may_matter(text, "hook_pre_up") == matters

    @pytest.mark.parametrize(
        ("text", "uses"),
        [
            ("source x", True),
            ("if source x", True),
            ("A=1 source x", True),
            ("<x source y", True),
            ("echo `source x`", True),
            ("echo source", False),
            ("sources x", False),
            ("", False),
            ("A=source", False),
        ],
    )
    def test_a_command_is_one_where_it_begins_a_command(self, text: str, uses: bool) -> None:
        assert functions.uses(text, ("source",)) == uses

    def test_a_name_is_read_from_a_file_or_from_none(self, hooks_sh: Path) -> None:
        assert not functions.is_named(str(hooks_sh), "hook_pre_up")
        hooks_sh.write_text("hook_pre_up")
        assert functions.is_named(str(hooks_sh), "hook_pre_up")
        assert not functions.is_named(str(hooks_sh), "hook_pre_down")

    @pytest.mark.parametrize(
        ("event", "name"), [("project.up.pre", "hook_pre_up"), ("project.ps.post", "hook_post_ps")]
    )
    def test_the_function_of_an_event(self, event: str, name: str) -> None:
        assert functions.function_name(event) == name


class TestBash:
    def test_the_first_on_the_path_is_taken(self, tmp_path: Path) -> None:
        for name in ("a", "b", "c"):
            (tmp_path / name).mkdir()
        (tmp_path / "a/bash").write_text("")
        for name in ("b", "c"):
            (tmp_path / name / "bash").write_text("")
            (tmp_path / name / "bash").chmod(0o755)
        assert functions.bash(":".join(f"{tmp_path}/{name}" for name in "abc")) == f"{tmp_path}/b/bash"

    def test_an_empty_entry_is_not_the_current_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "bash").write_text("")
        (tmp_path / "bash").chmod(0o755)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(HookmanError, match="needs bash"):
            functions.bash(":/none:")
        assert not functions.has_bash(":/none:")

    def test_without_a_path_it_is_the_systems(self) -> None:
        found = functions.bash("")
        assert subprocess.run([found, "-c", "true"], check=False).returncode == 0


def test_a_link_to_nothing_is_a_hooks_sh_too(hooks_sh: Path) -> None:
    assert functions.hooks_file(str(hooks_sh.parent)) is None
    hooks_sh.symlink_to("gone")
    assert functions.hooks_file(str(hooks_sh.parent)) == str(hooks_sh)
