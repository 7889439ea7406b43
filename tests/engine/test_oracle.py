"""What we make of projects, held against the real Compose of both pinned versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hookman.compose.commandline import parse
from hookman.compose.envfile import read_env_files
from hookman.compose.project import resolve
from tests.box import Box
from tests.conftest import engine_variable

COMPOSES = ("HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST")
BIND = "services: {web: {image: x, volumes: ['./:/x']}}\n"

# name → (files, the working directory, the line, the environment)
TREES: dict[str, tuple[dict[str, str], str, str, dict[str, str]]] = {
    "plain": ({"compose.yaml": BIND}, ".", "", {}),
    "older name": ({"docker-compose.yml": BIND}, ".", "", {}),
    "two names": ({"docker-compose.yaml": "name: a\n" + BIND, "compose.yml": "name: b\n" + BIND}, ".", "", {}),
    "override": ({"compose.yaml": BIND, "docker-compose.override.yml": "name: over\n"}, ".", "", {}),
    "two overrides": (
        {"compose.yaml": BIND, "compose.override.yaml": "name: y\n", "docker-compose.override.yml": "name: z\n"},
        ".",
        "",
        {},
    ),
    "from below": ({"compose.yaml": BIND, "a/b/x": ""}, "a/b", "", {}),
    "file": ({"sub/x.yml": BIND}, ".", "-f sub/x.yml", {}),
    "two files": ({"sub/x.yml": BIND, "y.yml": "name: second\n"}, ".", "-f sub/x.yml -f y.yml", {}),
    "short form": ({"x.yml": BIND}, ".", "-fx.yml", {}),
    "short equals": ({"x.yml": BIND}, ".", "-f=x.yml", {}),
    "long equals": ({"x.yml": BIND}, ".", "--file=x.yml", {}),
    "project directory": ({"compose.yaml": BIND, "sub/y": ""}, ".", "--project-directory sub", {}),
    "project directory and file": ({"x.yml": BIND, "sub/y": ""}, ".", "--project-directory sub -f x.yml", {}),
    "COMPOSE_FILE": ({"sub/x.yml": BIND}, ".", "", {"COMPOSE_FILE": "sub/x.yml"}),
    "COMPOSE_FILE in .env": ({"sub/x.yml": BIND, ".env": "COMPOSE_FILE=sub/x.yml\n"}, ".", "", {}),
    "COMPOSE_FILE separator": (
        {"x.yml": BIND, "y.yml": "name: sep\n"},
        ".",
        "",
        {"COMPOSE_FILE": "x.yml,y.yml", "COMPOSE_PATH_SEPARATOR": ","},
    ),
    "name flag": ({"compose.yaml": BIND}, ".", "-p given", {}),
    "empty name flag": ({"compose.yaml": BIND}, ".", "--project-name=", {}),
    "name in the environment": ({"compose.yaml": "name: file\n" + BIND}, ".", "", {"COMPOSE_PROJECT_NAME": "env"}),
    "name in .env": ({"compose.yaml": "name: file\n" + BIND, ".env": "COMPOSE_PROJECT_NAME=dot\n"}, ".", "", {}),
    "empty name in the environment": (
        {"compose.yaml": BIND, ".env": "COMPOSE_PROJECT_NAME=dot\n"},
        ".",
        "",
        {"COMPOSE_PROJECT_NAME": ""},
    ),
    "name in the file": ({"compose.yaml": "name: filed\n" + BIND}, ".", "", {}),
    "quoted name": ({"compose.yaml": 'name: "quo" # c\n' + BIND}, ".", "", {}),
    "name with variables": ({"compose.yaml": "name: ${A:-x}-$B\n" + BIND, ".env": "B=dot\n"}, ".", "", {"A": "env"}),
    "name from .env alone": ({"compose.yaml": "name: shop-$STAGE\n" + BIND, ".env": "STAGE=dev\n"}, ".", "", {}),
    "odd directory": ({"_My.Shop 1/compose.yaml": BIND}, "_My.Shop 1", "", {}),
    "env files": (
        {"compose.yaml": "name: $N\n" + BIND, "a.env": "N=a\n", "b.env": "N=b\n"},
        ".",
        "--env-file a.env --env-file b.env",
        {},
    ),
    "COMPOSE_ENV_FILES": (
        {"compose.yaml": "name: $N\n" + BIND, "a.env": "N=a\n"},
        ".",
        "",
        {"COMPOSE_ENV_FILES": "a.env"},
    ),
    "no .env": (
        {"compose.yaml": "name: n$N\n" + BIND, ".env": "N=a\n"},
        ".",
        "",
        {"COMPOSE_DISABLE_ENV_FILE": "true"},
    ),
    ".env of both": (
        {"compose.yaml": "name: $A$B\n" + BIND, ".env": "A=up\nB=up\n", "sub/.env": "A=down\n"},
        "sub",
        "",
        {},
    ),
}


# Where Compose 2.20 differs from 2.40, whose rule is ours: it does not know these two variables
# yet, and of two .env files it lets the project directory's win.
DIFFERENT_IN_2_20 = ("no .env", "COMPOSE_ENV_FILES", ".env of both")
CASES = [
    (tree, compose) for tree in TREES for compose in COMPOSES if compose == COMPOSES[0] or tree not in DIFFERENT_IN_2_20
]


@pytest.mark.parametrize(("tree", "compose"), CASES)
def test_directory_and_name_are_composes(bare: Box, tree: str, compose: str) -> None:
    files, where, line, environ = TREES[tree]
    base = bare.base / "tree"
    for name, text in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    cwd = base / where
    command = [engine_variable(compose), *line.split(), "config", "--format", "json"]
    asked = bare.run(*command, cwd=cwd, stdin=b"", **environ)
    assert asked.code == 0, asked
    config = json.loads(asked.out)
    ours = resolve(parse(["compose", *line.split(), "up"]), {**bare.environ, **environ, "PWD": str(cwd)}, str(cwd))
    assert ours.name == config["name"]
    assert ours.directory == config["services"]["web"]["volumes"][0]["source"]


ENV_TEXT = r"""
E= # c
F=a	# c
A="a"b
G='it\'s'
H=\$A
I: 1
k.x-y=2
export  J=$A-${NOPE:-d}-${A:+yes}-$$x-$5
K="a\nb\tc\$A\q\012\0101 $A"
L='$A \n'
M=a#b
N="x # y" # c
O=  sp ace<space>
P=
Q="multi
line"
R=a b #c
S="\\\"q"
T="\\n"
U=\\<space>
W=${A:-${B}}
X=$(touch x) `id`
HOME
Z="tab	inside"
""".replace("<space>", " ")


def test_env_files_are_read_as_compose_reads_them(bare: Box) -> None:
    folder = bare.base / "env"
    folder.mkdir()
    (folder / "compose.yaml").write_text("services: {}\n")
    (folder / ".env").write_text(ENV_TEXT)
    asked = bare.run(engine_variable("HOOKMAN_TEST_COMPOSE"), "config", "--environment", cwd=folder)
    assert asked.code == 0, asked
    ours = read_env_files([str(folder / ".env")], bare.environ)
    assert len(ours) > 20
    shown = "\n" + asked.out
    for name, value in ours.items():
        assert f"\n{name}={value}\n" in shown
    assert not Path(folder / "x").exists()
