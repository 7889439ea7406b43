"""What a bash that runs a function starts with, and what a function changed. Plain functions, in this process."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hookman.base.errors import ConfigError
from hookman.base.records import replaced
from hookman.compose.project import Project
from hookman.hooks import environment, given
from hookman.hooks.environment import CHUNK, LATER, LONG, Surroundings

PROJECT = Project(
    directory="/p/shop",
    real="/p/shop",
    name="shop",
    sure=True,
    files=[],
    env_files=[],
    own_env_files=[],
    explicit_files=False,
)


def surroundings(
    process: Mapping[str, str] | None = None,
    dotenv: Mapping[str, str] | None = None,
    root_dotenv: Mapping[str, str] | None = None,
) -> Surroundings:
    return Surroundings(
        project=PROJECT,
        root=None,
        process=process or {},
        root_dotenv=root_dotenv or {},
        dotenv=dotenv or {},
        target={},
        run="r",
        data="/dev/null/nowhere",  # which also root cannot create
    )


def exported_by_bash(start: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """What a bash that was started so has exported once it has run what it is told to run."""
    run = f'for later in "${{!{LATER}@}}"; do eval "${{!later}}"; unset -v "$later"; done; exec env -0'
    done = subprocess.run(["bash", "-c", run], env=dict(start), capture_output=True, check=True, cwd=tmp_path)
    found = dict(part.split("=", 1) for part in done.stdout.decode().split("\0") if part)
    return {name: value for name, value in found.items() if name not in environment.SHELLS_OWN and name != "later"}


class TestAtStart:
    def test_the_callers_environment_is_there_from_the_start(self) -> None:
        process = {"PATH": "/bin", "A": "1"}
        assert environment.at_start(surroundings(process), process, {}) == process

    @pytest.mark.parametrize("value", ["plain", "two\nlines", 'it\'s $HOME `x` "y" \\', ""])
    def test_what_a_dotenv_sets_comes_later_as_text(self, tmp_path: Path, value: str) -> None:
        around = surroundings({"PATH": "/usr/bin:/bin"}, {"A": value})
        start = environment.at_start(around, {"PATH": "/usr/bin:/bin", "A": value}, {})
        assert "A" not in start
        assert exported_by_bash(start, tmp_path) == {"PATH": "/usr/bin:/bin", "A": value}

    def test_what_the_roots_dotenv_sets_comes_later_too(self) -> None:
        around = surroundings(root_dotenv={"A": "1"})
        assert environment.at_start(around, {"A": "1"}, {}) == {f"{LATER}0": "builtin export A='1'"}

    def test_what_an_earlier_function_exported_comes_later_and_the_callers_value_is_there_until_then(self) -> None:
        around = surroundings({"A": "callers"})
        start = environment.at_start(around, {"A": "new"}, {"A": "new"})
        assert start == {"A": "callers", f"{LATER}0": "builtin export A='new'"}

    def test_a_value_that_the_caller_has_too_is_there_from_the_start(self) -> None:
        assert environment.at_start(surroundings({"A": "1"}, {"A": "1"}), {"A": "1"}, {}) == {"A": "1"}

    @pytest.mark.parametrize("name", ["a-b", "a.b", "1a", "ä", "UID", "EUID", "PPID"])
    def test_a_name_that_bash_can_not_export_is_there_from_the_start(self, name: str) -> None:
        assert environment.at_start(surroundings(dotenv={name: "1"}), {name: "1"}, {}) == {name: "1"}

    def test_many_values_come_in_few_variables_that_the_kernel_takes(self, tmp_path: Path) -> None:
        values = {f"A{number}": str(number) * 1000 for number in range(10, 60)}
        start = environment.at_start(surroundings(dotenv=values), values, {})
        assert 1 < len(start) < 10
        assert max(map(len, start.values())) <= CHUNK + len("builtin export")
        assert exported_by_bash({**start, "PATH": "/usr/bin:/bin"}, tmp_path) == {**values, "PATH": "/usr/bin:/bin"}

    def test_a_value_that_is_too_long_for_that_comes_by_itself(self, tmp_path: Path) -> None:
        values = {"A": "1", "B": "'" * CHUNK, "C": "3"}
        start = environment.at_start(surroundings(dotenv=values), values, {})
        assert start[f"{LONG}B"] == values["B"]
        assert exported_by_bash({**start, "PATH": "/usr/bin:/bin"}, tmp_path) == {**values, "PATH": "/usr/bin:/bin"}


class TestChanges:
    def report(self, *parts: str) -> bytes:
        return "".join(f"{part}\0" for part in ("0", *parts, "")).encode("utf-8", "surrogateescape")

    def test_nothing(self) -> None:
        assert environment.changes({"A": "1"}, self.report("A=1")) == {}

    def test_new_values_and_changed_values(self) -> None:
        assert environment.changes({"A": "1"}, self.report("A=2", "B=x=y\nz")) == {"A": "2", "B": "x=y\nz"}

    def test_what_was_unset(self) -> None:
        assert environment.changes({"A": "1", "B": "2"}, self.report("B=2")) == {"A": None}

    @pytest.mark.parametrize("name", ["a-b", "ä", "UID"])
    def test_a_name_that_bash_can_not_export_was_not_unset(self, name: str) -> None:
        assert environment.changes({name: "1"}, self.report()) == {}

    @pytest.mark.parametrize("name", [*environment.SHELLS_OWN, "HOOKMAN_X", "__HOOKMAN_X", "__hookman_x"])
    def test_values_set_by_bash_or_hookman_are_not_changes(self, name: str) -> None:
        assert environment.changes({}, self.report(f"{name}=1")) == {}
        assert environment.changes({name: "1"}, self.report()) == {}

    def test_the_status_in_front_is_no_variable(self) -> None:
        assert environment.changes({}, b"A=1\0B=2\0") == {"B": "2"}

    def test_a_value_that_is_not_utf_8_survives(self) -> None:
        assert environment.changes({}, self.report("A=\udc80")) == {"A": "\udc80"}


def test_exports_lie_over_the_environment_and_what_was_unset_is_gone() -> None:
    assert environment.exported({"A": "1", "B": "2"}, {"A": None, "B": "3", "C": "4", "D": None}) == {
        "B": "3",
        "C": "4",
    }


class TestDotenv:
    def test_the_later_file_wins_and_reserved_names_are_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("A=1\nB=1\nLD_PRELOAD=x\nHOOKMAN_SKIP=1\n")
        (tmp_path / "b").write_text("B=2\nC=$A$D\n")
        files = [str(tmp_path / name) for name in ("a", "missing", "b")]
        assert environment.read_dotenv(files, {"D": "d"}) == {"A": "1", "B": "2", "C": "1d"}

    def test_the_projects_may_refer_to_the_roots_and_the_caller_overrides_both(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("A=root\nB=root\n")
        (tmp_path / "shop.env").write_text("C=$A$B\n")
        project = replaced(PROJECT, own_env_files=[str(tmp_path / "shop.env")])
        assert environment.read_all_dotenv(str(tmp_path), project, {"B": "callers"}) == (
            {"A": "root", "B": "root"},
            {"C": "rootcallers"},
        )
        assert environment.read_all_dotenv(None, project, {"B": "callers"}) == ({}, {"C": "callers"})

    def test_no_file_says_nothing(self) -> None:
        assert environment.read_dotenv([], {}) == {}

    def test_a_mistake_is_an_error_with_file_and_line(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("A=1\nB='open\n")
        with pytest.raises(ConfigError, match=r"/\.env:2: "):
            environment.read_dotenv([str(tmp_path / ".env")], {})


class TestForCompose:
    def test_without_a_root_it_is_the_callers_with_exports(self) -> None:
        assert environment.for_compose(surroundings({"A": "1"}, {"B": "2"}), {"C": "3"}) == {"A": "1", "C": "3"}

    def test_the_caller_overrides_the_roots_dotenv_and_exports_override_both(self) -> None:
        around = surroundings({"A": "callers"}, root_dotenv={"A": "root", "B": "root", "C": "root"})
        assert environment.for_compose(around, {"C": "exported"}) == {"A": "callers", "B": "root", "C": "exported"}

    def test_a_broken_env_file_of_the_project_is_left_to_compose(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("B='open\n")
        around = surroundings({"A": "1"}, root_dotenv={"B": "root"})
        around = replaced(around, project=replaced(PROJECT, env_files=[str(tmp_path / ".env")]))
        assert environment.for_compose(around, {}) == {"A": "1", "B": "root"}


class TestForHook:
    def seen(
        self,
        around: Surroundings,
        exit_code: int | None = None,
        exports: Mapping[str, str | None] | None = None,
    ) -> dict[str, str]:
        return environment.for_hook(
            around, "project.up.pre", with_dotenv=True, exports=exports or {}, exit_code=exit_code, running=""
        )

    @pytest.mark.parametrize(("exit_code", "told"), [(None, None), (0, "0"), (130, "130")])
    def test_the_exit_code_is_told_once_there_is_one(self, exit_code: int | None, told: str | None) -> None:
        assert self.seen(surroundings(), exit_code).get("HOOKMAN_EXIT_CODE") == told

    @pytest.mark.parametrize(
        ("stated", "kept"),
        [
            ("docker.cli.x=1,service=shop,docker.cli.y=2,,a=b", "service=shop,a=b"),
            ("docker.cli.x=1", None),
            ("", None),
        ],
    )
    def test_what_docker_adds_for_its_plugins_is_left_out(self, stated: str, kept: str | None) -> None:
        assert self.seen(surroundings({"OTEL_RESOURCE_ATTRIBUTES": stated})).get("OTEL_RESOURCE_ATTRIBUTES") == kept

    @pytest.mark.parametrize(("found", "told"), [(True, None), (False, "shop")])
    def test_the_projects_name_is_told_to_other_calls_unless_compose_finds_it(
        self, found: bool, told: str | None
    ) -> None:
        around = replaced(surroundings(), target={"COMPOSE_PROJECT_NAME": "shop"}, name_is_found=found)
        back = given.without(self.seen(around), "/dev/null/nowhere", given.NAME)
        assert back.get("COMPOSE_PROJECT_NAME") == told

    def test_a_call_in_it_can_give_back_what_compose_reads_itself_and_keep_the_rest(self) -> None:
        around = surroundings({"A": "callers"}, {"P": "project", "X": "project"}, {"R": "root"})
        hook = self.seen(around, exports={"X": "exported"})
        names = ("A", "P", "X", "R")
        assert [hook[name] for name in names] == ["callers", "project", "exported", "root"]
        back = given.without(hook, "/dev/null/nowhere", given.DOTENV)
        assert [back.get(name) for name in names] == ["callers", None, "exported", "root"]
        back = given.without(hook, "/dev/null/nowhere", given.SHARED)
        assert [back.get(name) for name in names] == ["callers", "project", "exported", None]
