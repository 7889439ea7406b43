"""Project directory, name and files, from the command line, the environment and the file system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.commandline import parse
from hookman.compose.declared import normalized_name
from hookman.compose.project import Project, resolve


def resolved(cwd: Path, line: str = "up", **environ: str) -> Project:
    return resolve(parse(["compose", *line.split()]), environ, str(cwd))


def put(path: Path, text: str = "services: {}\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_default_names_in_their_order(tmp_path: Path) -> None:
    for name in ("docker-compose.yaml", "docker-compose.yml", "compose.yml", "compose.yaml"):
        put(tmp_path / name)
        assert resolved(tmp_path).files == [str(tmp_path / name)]


def test_any_override_goes_with_any_base(tmp_path: Path) -> None:
    put(tmp_path / "docker-compose.yml")
    put(tmp_path / "compose.override.yaml")
    assert [Path(file).name for file in resolved(tmp_path).files] == ["docker-compose.yml", "compose.override.yaml"]


def test_the_nearest_directory_upwards(tmp_path: Path) -> None:
    put(tmp_path / "a/compose.yaml")
    (tmp_path / "a/b/c").mkdir(parents=True)
    found = resolved(tmp_path / "a/b/c")
    assert (found.directory, found.name) == (str(tmp_path / "a"), "a")


def test_without_a_compose_file_the_current_directory(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    assert (found.directory, found.files) == (str(tmp_path), [])


def test_the_first_file_given_sets_the_directory(tmp_path: Path) -> None:
    found = resolved(tmp_path, "-f sub/x.yml -f y.yml up")
    assert (found.directory, found.files) == (str(tmp_path / "sub"), [f"{tmp_path}/sub/x.yml", f"{tmp_path}/y.yml"])


def test_a_file_on_stdin_means_the_current_directory(tmp_path: Path) -> None:
    assert resolved(tmp_path, "-f - up").directory == str(tmp_path)


def test_the_old_workdir_leaves_the_current_directorys_env_file_in_force(tmp_path: Path) -> None:
    put(tmp_path / ".env", "COMPOSE_PROJECT_NAME=dotted\n")
    put(tmp_path / "sub/compose.yaml")
    assert resolved(tmp_path, "--workdir sub up").name == "dotted"
    assert resolved(tmp_path, "--project-directory sub up").name == "sub"


def test_project_directory_is_searched_upwards_and_stays(tmp_path: Path) -> None:
    put(tmp_path / "compose.yaml")
    found = resolved(tmp_path, "--project-directory sub up")
    assert (found.directory, found.files) == (str(tmp_path / "sub"), [f"{tmp_path}/compose.yaml"])


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_compose_file_names_files_relative_to_the_current_directory(tmp_path: Path, where: str) -> None:
    put(tmp_path / "sub/x.yml")
    environ = {"COMPOSE_FILE": "sub/x.yml:y.yml"}
    if where == ".env":
        put(tmp_path / ".env", "COMPOSE_FILE=sub/x.yml:y.yml\n")
        environ = {}
    found = resolved(tmp_path, **environ)
    assert (found.directory, found.files) == (str(tmp_path / "sub"), [f"{tmp_path}/sub/x.yml", f"{tmp_path}/y.yml"])


def test_the_separator_can_be_set(tmp_path: Path) -> None:
    found = resolved(tmp_path, COMPOSE_FILE="a.yml,b.yml", COMPOSE_PATH_SEPARATOR=",")
    assert len(found.files) == 2


class TestEnvFiles:
    def test_dot_env_of_the_project_directory(self, tmp_path: Path) -> None:
        put(tmp_path / "compose.yaml")
        put(tmp_path / ".env", "")
        assert resolved(tmp_path).env_files == [f"{tmp_path}/.env"]

    def test_given_ones_take_its_place(self, tmp_path: Path) -> None:
        put(tmp_path / ".env", "")
        assert resolved(tmp_path, "--env-file a --env-file b up").env_files == [f"{tmp_path}/a", f"{tmp_path}/b"]
        assert resolved(tmp_path, COMPOSE_ENV_FILES="a,b").env_files == [f"{tmp_path}/a", f"{tmp_path}/b"]
        assert resolved(tmp_path, "--env-file a up", COMPOSE_ENV_FILES="b").env_files == [f"{tmp_path}/a"]

    def test_it_can_be_switched_off(self, tmp_path: Path) -> None:
        put(tmp_path / ".env", "")
        assert resolved(tmp_path, COMPOSE_DISABLE_ENV_FILE="1").env_files == []

    def test_with_a_file_elsewhere_the_current_directorys_is_not_read(self, tmp_path: Path) -> None:
        put(tmp_path / ".env", "COMPOSE_PROJECT_NAME=wrong\n")
        assert resolved(tmp_path, "-f sub/x.yml up").name == "sub"


class TestName:
    @pytest.mark.parametrize(
        ("line", "environ", "name"),
        [
            ("-p flag up", {"COMPOSE_PROJECT_NAME": "env"}, "flag"),
            ("up", {"COMPOSE_PROJECT_NAME": "env"}, "env"),
            ("up", {}, "dotenv"),
            ("-p= up", {}, "="),
        ],
    )
    def test_who_is_asked_first(self, tmp_path: Path, line: str, environ: dict[str, str], name: str) -> None:
        put(tmp_path / ".env", "COMPOSE_PROJECT_NAME=dotenv\n")
        put(tmp_path / "compose.yaml", "name: file\n")
        assert resolved(tmp_path, line, **environ).name == name

    def test_the_last_name_in_the_files(self, tmp_path: Path) -> None:
        put(tmp_path / "compose.yaml", "name: one\n")
        put(tmp_path / "compose.override.yml", "services: {}\nname: 'two' # c\n")
        assert resolved(tmp_path).name == "two"

    def test_it_may_hold_variables(self, tmp_path: Path) -> None:
        put(tmp_path / "compose.yaml", "name: ${APP:-shop}-$STAGE\n")
        assert resolved(tmp_path, STAGE="dev").name == "shop-dev"

    @pytest.mark.parametrize(
        "text",
        [
            *("name: &n shop\n", 'name: "a\\x62"\n', "name: >-\n  shop\n", '{"name": "shop"}\n'),
            '{\n  "services": {},\n  "name": "shop"\n}\n',
            "&top\nname: shop\n",
            "\ufeffname: shop\n",
            "  name: shop\n  services: {}\n",
            "name:\n  shop\n",
            "name: shop\n  two\n",
            "? name\n: shop\n",
            '"n\\x61me": shop\n',
            "x-a: &a {name: shop}\n<<: *a\n",
            "services: {}\n---\nname: shop\n",
            "!!map\nname: shop\n",
            'x-a: "two\nname: lines"\n',
            "x-a: {\nname: shop}\n",
        ],
    )
    def test_what_takes_a_yaml_parser_is_not_sure(self, tmp_path: Path, text: str) -> None:
        put(tmp_path / "compose.yaml", text)
        assert not resolved(tmp_path).sure
        assert resolved(tmp_path, "-p given up").sure

    @pytest.mark.parametrize(
        "text",
        [
            "---\n# a file\nname: shop\nservices:\n  web:\n    name: no\n# end\n",
            "services:\n\n  web: {}\nx-a:\n- one\n- two\nname: 'shop' # c\n",
        ],
    )
    def test_a_file_of_the_usual_shape_is_sure(self, tmp_path: Path, text: str) -> None:
        put(tmp_path / "compose.yaml", text)
        found = resolved(tmp_path)
        assert (found.name, found.sure) == ("shop", True)

    def test_docker_debug_sets_the_variable(self, tmp_path: Path) -> None:
        put(tmp_path / ".env", "DEBUG=file\n")
        put(tmp_path / "compose.yaml", "name: n-$DEBUG\n")
        assert resolve(parse(["-D", "compose", "up"]), {}, str(tmp_path)).name == "n-1"
        assert resolve(parse(["--debug=false", "compose", "up"]), {}, str(tmp_path)).name == "n-file"

    @pytest.mark.parametrize("name", ["-", "pipe", "/dev/stdin", "/dev/fd/63"])
    def test_a_file_that_is_not_regular_is_not_opened(self, tmp_path: Path, name: str) -> None:
        os.mkfifo(tmp_path / "pipe")
        found = resolved(tmp_path, f"-f {name} up")
        assert (found.sure, found.may_be_read) == (False, False)
        assert resolved(tmp_path, f"-p given -f {name} up").sure

    def test_an_env_file_that_is_a_pipe_is_not_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / ".env")
        put(tmp_path / "compose.yaml", "name: shop\n")
        assert resolved(tmp_path).name == "shop"
        assert not resolved(tmp_path).may_be_read

    def test_the_directory_normalised(self, tmp_path: Path) -> None:
        put(tmp_path / "_My.Shop-1/compose.yaml")
        assert resolved(tmp_path / "_My.Shop-1").name == "myshop-1"


@given(st.text())
def test_a_normalised_name_is_one_that_compose_takes(text: str) -> None:
    name = normalized_name(text)
    assert normalized_name(name) == name
    assert all(char in "abcdefghijklmnopqrstuvwxyz0123456789_-" for char in name)


def test_a_broken_env_file_leaves_the_rest_resolved(tmp_path: Path) -> None:
    put(tmp_path / "compose.yaml", "name: shop\n")
    put(tmp_path / ".env", 'COMPOSE_PROJECT_NAME="open\n')
    assert resolved(tmp_path).name == "shop"


def test_the_current_directorys_env_file_is_read_first_and_feeds_the_projects(tmp_path: Path) -> None:
    put(tmp_path / "docker/compose.yaml")
    put(tmp_path / "docker/.env", "A=second\nC=second\nCOMPOSE_PROJECT_NAME=${A}-${B}\n")
    put(tmp_path / ".env", "COMPOSE_FILE=docker/compose.yaml\nA=first\nB=${C:-none}\n")
    assert resolved(tmp_path).name == "first-none"
