"""Which files of a hook directory are hooks, and what is said of the others. Plain functions, in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hookman.base.errors import HookmanError
from hookman.hooks import scripts
from hookman.hooks.scripts import Script

EVENT = "project.up.pre"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / ".dde/hooks" / EVENT
    path.mkdir(parents=True)
    return path


def write(path: Path, text: str = "", mode: int = 0o755) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def look(folder: Path, name: str = "a.sh") -> Script | None:
    return scripts.look_at(str(folder), EVENT, name)


class TestNames:
    def test_they_are_in_byte_order(self, folder: Path, tmp_path: Path) -> None:
        for name in ("b.sh", "10.sh", "2.sh", "B.sh", "ä.sh"):
            write(folder / name)
        assert scripts.file_names(str(tmp_path), EVENT) == ["10.sh", "2.sh", "B.sh", "b.sh", "ä.sh"]

    def test_what_is_hidden_is_left_out(self, folder: Path, tmp_path: Path) -> None:
        write(folder / ".a.sh")
        assert scripts.file_names(str(tmp_path), EVENT) == []

    @pytest.mark.parametrize(
        ("name", "is_hook"), [("a.sh", True), ("a.py", False), ("a.sh.bak", False), ("a.SH", False)]
    )
    def test_an_ending_says_what_is_a_hook(self, name: str, is_hook: bool) -> None:
        assert scripts.is_hook_name(name, ["*.sh"]) == is_hook

    @pytest.mark.parametrize(
        ("name", "is_hook"),
        [
            *(("01-a", True), ("1-a", False), ("a.py", True), ("exact", True), ("inexact", False)),
            *(("a.x", True), ("a.z", False)),
        ],
    )
    def test_other_patterns_say_what_is_a_hook(self, name: str, is_hook: bool) -> None:
        assert scripts.is_hook_name(name, ["[0-9][0-9]-*", "*.p?", "exact", "*[xy]"]) == is_hook

    def test_there_are_none_where_there_is_no_directory(self, tmp_path: Path) -> None:
        assert scripts.file_names(str(tmp_path), EVENT) == []

    def test_a_file_in_the_place_of_the_directory_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        write(tmp_path / ".dde")
        with pytest.raises(HookmanError, match="is a file, but hooks belong in a directory") as error:
            scripts.file_names(str(tmp_path), EVENT)
        assert error.value.problem.where == f"{tmp_path}/.dde/hooks/{EVENT}"

    def test_a_directory_that_can_not_be_read_is_an_error_that_names_it(self, folder: Path, tmp_path: Path) -> None:
        folder.rmdir()
        folder.symlink_to(EVENT)  # to itself
        with pytest.raises(HookmanError, match=f"can't read .*{EVENT}: "):
            scripts.file_names(str(tmp_path), EVENT)

    def test_the_directories_that_lead_to_them_begin_with_the_projects(self) -> None:
        assert scripts.directories("/p", EVENT) == ["/p", "/p/.dde", "/p/.dde/hooks", f"/p/.dde/hooks/{EVENT}"]


class TestLook:
    def test_an_executable_file_can_run(self, folder: Path) -> None:
        write(folder / "a.sh")
        assert look(folder) == Script(name="a.sh", path=f"{folder}/a.sh")

    def test_what_is_not_there_and_what_is_no_file_is_none(self, folder: Path) -> None:
        (folder / "directory.sh").mkdir()
        os.mkfifo(folder / "pipe.sh")
        assert [look(folder, name) for name in ("a.sh", "directory.sh", "pipe.sh")] == [None, None, None]

    def test_a_file_that_can_not_be_read_is_left_to_its_interpreter(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(folder / "a.py")

        def refused(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr("builtins.open", refused)
        assert look(folder, "a.py") == Script(name="a.py", path=f"{folder}/a.py")

    def test_a_file_without_the_execute_bit_is_skipped_with_the_fix(self, folder: Path) -> None:
        write(folder / "a b.sh", mode=0o644)
        script = look(folder, "a b.sh")
        assert script is not None
        assert script.problem is not None
        assert (script.reason, script.refused) == ("not executable", False)
        assert script.problem.what == 'Hook "a b.sh" is not executable, skipped'
        assert script.problem.fix == f"chmod +x '.dde/hooks/{EVENT}/a b.sh'"

    @pytest.mark.parametrize("mode", [0o700, 0o655, 0o645])
    def test_a_file_that_others_may_execute_is_skipped_with_its_mode(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int
    ) -> None:
        write(folder / "a.sh", mode=mode)
        monkeypatch.setattr(os, "access", lambda _path, _how: False)
        script = look(folder)
        assert script is not None
        assert script.problem is not None
        assert script.reason == "not executable by you"
        assert script.problem.what == f'Hook "a.sh" may not be executed by you (mode {mode:04o}), skipped'
        assert script.problem.fix == f"sudo chmod a+rx .dde/hooks/{EVENT}/a.sh"

    def test_a_file_on_a_noexec_mount_stops_the_event(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(folder / "a.sh")
        monkeypatch.setattr(os, "access", lambda _path, _how: False)
        monkeypatch.setattr("hookman.base.mounts.is_noexec", lambda _path: True)
        script = look(folder)
        assert script is not None
        assert (script.reason, script.refused) == ("mounted noexec", True)

    def test_a_link_to_a_file_of_the_directory_can_run_by_its_own_name(self, folder: Path) -> None:
        write(folder / "real")
        (folder / "a.sh").symlink_to("real")
        assert look(folder) == Script(name="a.sh", path=f"{folder}/a.sh")

    def test_a_link_to_a_file_further_down_can_run(self, folder: Path) -> None:
        (folder / "more").mkdir()
        write(folder / "more/real")
        (folder / "a.sh").symlink_to("more/real")
        assert look(folder) == Script(name="a.sh", path=f"{folder}/a.sh")

    def test_a_link_to_a_file_without_the_execute_bit_is_skipped(self, folder: Path) -> None:
        write(folder / "real", mode=0o644)
        (folder / "a.sh").symlink_to("real")
        script = look(folder)
        assert script is not None
        assert (script.reason, script.path) == ("not executable", f"{folder}/real")

    def test_a_link_to_nothing_is_skipped(self, folder: Path) -> None:
        (folder / "a.sh").symlink_to("gone")
        script = look(folder)
        assert script is not None
        assert script.problem is not None
        assert (script.reason, script.problem.fix) == ("link to nothing", f"rm .dde/hooks/{EVENT}/a.sh")

    @pytest.mark.parametrize("where", ["elsewhere", f".dde/hooks/{EVENT}-other/real"])
    def test_a_link_out_of_the_directory_is_skipped(self, folder: Path, tmp_path: Path, where: str) -> None:
        (tmp_path / where).parent.mkdir(exist_ok=True)
        write(tmp_path / where)
        (folder / "a.sh").symlink_to(tmp_path / where)
        script = look(folder)
        assert script is not None
        assert (script.reason, script.path) == ("link out of the directory", f"{tmp_path}/{where}")

    def test_a_link_to_a_directory_is_none(self, folder: Path) -> None:
        (folder / "directory").mkdir()
        (folder / "a.sh").symlink_to("directory")
        assert look(folder) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [("#!/bin/sh\r\n", True), ("#!/bin/sh\n\r\n", False), ("echo\r\n", False), ("", False), ("#!/bin/sh\r", True)],
)
def test_a_first_line_that_ends_as_on_windows_is_a_problem(folder: Path, text: str, problem: bool) -> None:
    path = folder / "a.sh"
    path.write_bytes(text.encode())
    assert (scripts.line_endings_problem(str(path)) is not None) == problem


def test_the_first_line_of_a_file_that_can_not_be_read_is_empty(folder: Path) -> None:
    assert scripts.first_line(str(folder / "gone")) == b""
    assert scripts.first_line(str(write(folder / "a.sh", "one\ntwo\n"))) == b"one"
