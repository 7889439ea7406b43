"""What we make of projects, held against the real Compose of both pinned versions."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from hookman.compose.commandline import parse
from hookman.compose.envfile import read_env_files
from hookman.compose.flags import FLAGS
from hookman.compose.project import resolve
from tests.support.box import Box
from tests.support.engine import SHORT_LIVED, engine_variable

pytestmark = pytest.mark.engine

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
    "yml before docker-compose": ({"compose.yml": BIND, "docker-compose.yml": "name: no\n"}, ".", "", {}),
    "yaml is last": ({"docker-compose.yml": BIND, "docker-compose.yaml": "name: no\n"}, ".", "", {}),
    "two levels up": ({"compose.yaml": BIND, "a/b/c/d/x": ""}, "a/b/c/d", "", {}),
    "the nearer one": ({"compose.yaml": "name: far\n", "a/compose.yaml": BIND, "a/b/x": ""}, "a/b", "", {}),
    "override below is not looked for": (
        {"compose.yaml": BIND, "a/compose.override.yml": "name: no\n"},
        "a",
        "",
        {},
    ),
    "file needs no override": ({"x.yml": BIND, "compose.override.yml": "name: no\n"}, ".", "-f x.yml", {}),
    "file above": ({"x.yml": BIND, "a/x": ""}, "a", "-f ../x.yml", {}),
    "dots in the path": ({"a/x.yml": BIND, "b/x": ""}, "b", "-f ./../a/./x.yml", {}),
    "name in the first of two": (
        {"x.yml": "name: one\n" + BIND, "y.yml": "services: {}\n"},
        ".",
        "-f x.yml -f y.yml",
        {},
    ),
    "file wins over COMPOSE_FILE": ({"x.yml": BIND}, ".", "-f x.yml", {"COMPOSE_FILE": "nowhere.yml"}),
    "COMPOSE_FILE wins over .env": (
        {"x.yml": BIND, ".env": "COMPOSE_FILE=nowhere.yml\n"},
        ".",
        "",
        {"COMPOSE_FILE": "x.yml"},
    ),
    "COMPOSE_FILE with two": ({"a/x.yml": BIND, "b/y.yml": "name: bb\n"}, ".", "", {"COMPOSE_FILE": "a/x.yml:b/y.yml"}),
    "COMPOSE_FILE and its .env": (
        {"a/x.yml": "name: $N\n" + BIND, "a/.env": "N=inner\n"},
        ".",
        "",
        {"COMPOSE_FILE": "a/x.yml"},
    ),
    "separator in .env": (
        {"x.yml": BIND, "y.yml": "name: sep\n", ".env": "COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=x.yml,y.yml\n"},
        ".",
        "",
        {},
    ),
    "project directory with .env": (
        {"compose.yaml": "name: $N\n" + BIND, "sub/.env": "N=sub\n"},
        ".",
        "--project-directory sub",
        {},
    ),
    "project directory equals": ({"sub/compose.yaml": BIND}, ".", "--project-directory=sub", {}),
    "project directory upwards": ({"compose.yaml": BIND, "a/x": ""}, "a", "--project-directory ..", {}),
    "file elsewhere and the .env here": (
        {"sub/x.yml": "name: x$N\n" + BIND, ".env": "N=here\n"},
        ".",
        "-f sub/x.yml",
        {},
    ),
    "file elsewhere and its .env": ({"sub/x.yml": "name: $N\n" + BIND, "sub/.env": "N=its\n"}, ".", "-f sub/x.yml", {}),
    "env file elsewhere": (
        {"compose.yaml": "name: $N\n" + BIND, "cfg/e": "N=cfg\n", ".env": "N=no\n"},
        ".",
        "--env-file cfg/e",
        {},
    ),
    "env file with a name": (
        {"compose.yaml": BIND, "e": "COMPOSE_PROJECT_NAME=bye\n"},
        ".",
        "--env-file e",
        {},
    ),
    "name flag wins over all": (
        {"compose.yaml": "name: file\n" + BIND, ".env": "COMPOSE_PROJECT_NAME=dot\n"},
        ".",
        "-p flag",
        {"COMPOSE_PROJECT_NAME": "env"},
    ),
    "name flag short and joined": ({"compose.yaml": BIND}, ".", "-pjoined", {}),
    "two name flags": ({"compose.yaml": BIND}, ".", "-p one --project-name two", {}),
    "upper case directory": ({"UPPER/compose.yaml": BIND}, "UPPER", "", {}),
    "dots and dashes": ({"my-app.v2_x/compose.yaml": BIND}, "my-app.v2_x", "", {}),
    "name normalised": ({"compose.yaml": "name: My_App.2\n" + BIND}, ".", "", {}),
    "name single quoted": ({"compose.yaml": "name: 'single'\n" + BIND}, ".", "", {}),
    "name after services": ({"compose.yaml": BIND + "name: last\n"}, ".", "", {}),
    "a key that only begins like name": (
        {"compose.yaml": "x-name: no\n" + BIND + "x-names: {name: no}\n"},
        ".",
        "",
        {},
    ),
    "name with a default": ({"compose.yaml": "name: ${NOPE:-dflt}\n" + BIND}, ".", "", {}),
    "name with an empty default": ({"compose.yaml": "name: a${NOPE-}b\n" + BIND}, ".", "", {}),
    "name from the process over .env": (
        {"compose.yaml": "name: $N\n" + BIND, ".env": "N=dot\n"},
        ".",
        "",
        {"N": "proc"},
    ),
    "name with a comment": ({"compose.yaml": "name: tidy # really\n" + BIND}, ".", "", {}),
    ".env with quotes and export": (
        {"compose.yaml": "name: $A$B\n" + BIND, ".env": "export A='x'\nB=\"y\" # c\n"},
        ".",
        "",
        {},
    ),
}


# Where Compose 2.20 differs from 2.40, whose rule is ours: it does not know these two variables
# yet, of two .env files it lets the project directory's win, and it refuses a name to be normalised.
DIFFERENT_IN_2_20 = ("no .env", "COMPOSE_ENV_FILES", ".env of both", "name normalised")
CASES = [
    (tree, compose) for tree in TREES for compose in COMPOSES if compose == COMPOSES[0] or tree not in DIFFERENT_IN_2_20
]


@pytest.mark.parametrize(("tree", "compose"), CASES)
def test_directory_and_name_are_composes(bare: Box, tree: str, compose: str) -> None:
    files, where, line, environ = TREES[tree]
    bare.environ |= SHORT_LIVED
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


def test_there_are_at_least_sixty_trees() -> None:
    assert len(TREES) >= 60


@pytest.mark.parametrize("compose", COMPOSES)
def test_the_table_of_flags_is_what_this_compose_says(compose: str) -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts/make-flags"))
    found: dict[str, dict[str, str]] = {}
    script["collect"](engine_variable(compose), (), found, {})
    newest = compose == COMPOSES[0]
    for command, flags in found.items():
        ours = FLAGS[command].split()
        names = {word.partition("=")[0].rpartition(",")[2] for word in ours}
        assert set(flags) <= names, command
        if newest:
            assert set(flags.values()) <= set(ours), command


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
