"""Project trees: which project it is, by us and by the real Compose."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.paths import ENABLED_MARK
from hookman.compose.commandline import parse
from hookman.compose.project import resolve, working_directory
from hookman.front.main import PLUGIN
from hookman.install.script import shim_text
from tests.support.fuzz import compose, fuzz, surroundings

pytestmark = pytest.mark.engine

BIND = "services: {web: {image: x, volumes: ['./:/x']}}\n"
NAMES = st.sampled_from(
    [
        *("", "", "name: one\n", "name: 'Two' # c\n", "name: a$N\n", "name: ${N:-d}\n", "name: x-$DEBUG\n"),
        *("\ufeffname: bom\n", "name: &a anchor\n", "&m\nname: map\n", "name:\n  below\n", "name: >-\n  folded\n"),
        *("name: 123\n", "name: null\n", "name: ~\n", 'name: "e\\x62"\n', "name: a:b\n", "name: a #c\n", "name: a#c\n"),
        *('"name": quoted\n', "? name\n: asked\n", "name : spaced\n", "---\nname: first\n", "# name: no\n"),
        *(
            "name: a\nname: b\n",
            "name: ${N:?no}\n",
            "name: ${M:-${N:-deep}}\n",
            "name: $${N}\n",
            "name: '$N'\n",
            "name: 1e3\n",
        ),
        *(
            "name: {}\n",
            "name: []\n",
            "name: true\n",
            "name: 'it''s'\n",
            "name: |\n  text\n",
            "name: ''\n",
            "name: -x\n",
        ),
        *(
            "x-a: &a real\nname: *a\n",
            "<<: {name: merged}\n",
            "name: !!str 12\n",
            "%YAML 1.1\n---\nname: yaml\n",
            "name:\tab\n",
        ),
        *(
            "name: one\n---\nname: two\n",
            "name: one\n...\n",
            "x-b:\n  name: deep\n",
            "NAME: no\n",
            "name: A.B_c-D\n",
            "\n\nname: x\r\n",
        ),
        *("x-a: {\nname: flow}\n", "x-a: 'b\nname: text'\n", "!!map\nname: tag\n", "x-a:\n- name\nname: list\n"),
    ]
)
TWO = "---\nservices: {db: {image: y}}\nname: second\n"
JSON = '{\n"services": {"web": {"image": "x", "volumes": ["./:/x"]}},\n"name": "json"}\n'
TEXTS = st.one_of(
    NAMES.map(lambda name: name + BIND), st.just(JSON), NAMES.map(lambda name: BIND + name), st.just(BIND + TWO)
)
FILES = st.sampled_from(
    [
        *("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "x.yml", "a b.yml"),
        *("compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "compose.override.json"),
    ]
)
DOTENV = st.sampled_from(
    [
        *("N=dot\n", "COMPOSE_PROJECT_NAME=dotted\n", "DEBUG=dot\n", "COMPOSE_FILE=x.yml\n", "N=$M\nM=1", "M=1\nN=$M"),
        *("COMPOSE_FILE='x.yml' # c\n", "COMPOSE_FILE=sub/x.yml:x.yml\n", 'COMPOSE_FILE="x.yml"\r\n'),
        *("COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=sub/x.yml,x.yml\n", "COMPOSE_FILE=$DIR/x.yml\nDIR=sub\n"),
        *(
            "export COMPOSE_FILE=sub/x.yml\n",
            "X='\nCOMPOSE_FILE=sub/x.yml\n'\n",
            "COMPOSE_FILE: sub/x.yml\n",
            "COMPOSE_FILE\n",
        ),
        *(
            "COMPOSE_FILE=\n",
            "COMPOSE_FILE=x.yml\nCOMPOSE_FILE=sub/x.yml\n",
            "COMPOSE_PROJECT_NAME=\n",
            "COMPOSE_FILE=../x.yml\n",
        ),
        *(
            "COMPOSE_PROJECT_NAME=${N:-dd}\n",
            "COMPOSE_DISABLE_ENV_FILE=1\nN=x\n",
            "#COMPOSE_FILE=sub/x.yml\n",
            "COMPOSE_PROFILES=p\n",
        ),
        "\ufeffCOMPOSE_FILE=sub/x.yml\n",
    ]
)
PLACES = st.sampled_from(
    ["", "", "sub/", "sub/deep/", "_Odd.Dir 1/", "a:b/", "-x/", "\u00c4\u00d6/", "link/", "link/deep/", "123/"]
)
LINES = st.sampled_from(
    [
        *([], [], [], ["-f", "x.yml"], ["-f", "sub/x.yml"], ["-f", "../x.yml", "-f", "compose.yaml"], ["-p", "given"]),
        *(["--project-directory", "sub"], ["--project-directory", ".."], ["--env-file", ".env"], ["--workdir", "sub"]),
        *(
            ["-f", "link/x.yml"],
            ["-f", "linked.yml"],
            ["-f", "./sub/../x.yml"],
            ["-fx.yml"],
            ["--file=sub/x.yml"],
            ["-f=x.yml"],
        ),
        *(
            ["--project-directory", "none"],
            ["--project-directory=link/"],
            ["--project-directory", "sub", "-f", "x.yml"],
        ),
        *(
            ["--env-file", ".env", "--env-file", "sub/.env"],
            ["-p", ""],
            ["--profile", "p"],
            ["-f", "x.yml", "-f", "sub/x.yml"],
        ),
        *(
            ["--project-directory", "sub", "--project-directory", "."],
            ["--project-directory", ""],
            ["-p", "a", "-p", "b"],
        ),
    ]
)
ENVIRON = st.sampled_from(
    [
        *({}, {}, {}, {"N": "env"}, {"COMPOSE_PROJECT_NAME": "env"}, {"COMPOSE_PROJECT_NAME": ""}),
        *({"COMPOSE_FILE": "x.yml"}, {"COMPOSE_FILE": "sub/x.yml:x.yml"}, {"COMPOSE_FILE": "link/x.yml"}),
        *({"COMPOSE_FILE": "sub/x.yml,x.yml", "COMPOSE_PATH_SEPARATOR": ","}, {"COMPOSE_PATH_SEPARATOR": ","}),
        *({"COMPOSE_DISABLE_ENV_FILE": "1"}, {"COMPOSE_ENV_FILES": "sub/.env"}, {"COMPOSE_ENV_FILES": ".env,sub/.env"}),
        *({"COMPOSE_FILE": ""}, {"COMPOSE_PROFILES": "p"}, {"PWD": "/"}, {"PWD": ""}, {"DEBUG": "0", "N": ""}),
    ]
)
COMPOSE_FILES = st.dictionaries(st.tuples(PLACES, FILES).map("".join), TEXTS, min_size=1, max_size=3)
ENV_FILES = st.dictionaries(PLACES.map("{}.env".format), DOTENV, max_size=2)
BASE = {"compose.yaml": BIND, "x.yml": BIND, "sub/x.yml": BIND}
TREES = st.builds(lambda files, env: {**BASE, **files, **env}, COMPOSE_FILES, ENV_FILES)


def grown(tree: dict[str, str], base: Path, cwd: str) -> Path:
    """Write the tree below `base`; returns the directory to be in, by the name that leads through links."""
    (base / "sub").mkdir(parents=True)
    (base / "link").symlink_to("sub")
    (base / "linked.yml").symlink_to("sub/x.yml")
    for path, text in tree.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(text, newline="")
    (base / cwd).mkdir(parents=True, exist_ok=True)
    return Path(os.path.normpath(base / cwd))


@fuzz
@given(tree=TREES, cwd=PLACES, docker=st.sampled_from([[], [], ["-D"]]), line=LINES, environ=ENVIRON)
def test_a_project_is_the_one_that_compose_sees(
    tmp_path_factory: pytest.TempPathFactory,
    shim: Path,
    tree: dict[str, str],
    cwd: str,
    docker: list[str],
    line: list[str],
    environ: dict[str, str],
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as name:
        directory = grown(tree, Path(name) / "shop", cwd)
        argv = [*docker, "compose", *line]
        shown = compose([*argv, "config", "--format", "json"], directory, environ)
        if shown.returncode != 0:
            return
        theirs = json.loads(shown.stdout)
        place = theirs["services"]["web"]["volumes"][0]["source"].rstrip("/")
        environ = {**surroundings(directory), **environ}
        with contextlib.chdir(directory):
            ours = resolve(parse([*argv, "up"]), environ, working_directory(environ))
        if ours.sure:
            assert ours.name == theirs["name"]
        assert ours.directory == place
        assert not os.path.isdir(place) or hands_over(shim, [*argv, "up"], directory, environ, enabled=place)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shim whose hookman and whose Compose only say their names."""
    base = tmp_path_factory.mktemp("shim")
    for name, says in (("python", "[ $4 = starts ] && echo yes || echo hookman"), ("docker-compose", "echo compose")):
        (base / name).write_text(f"#!/bin/sh\n{says}\n")
        (base / name).chmod(0o755)
    text = shim_text(PLUGIN, str(base / "shim"), shlex.quote(str(base)), home="/nonexistent", data="/nonexistent")
    (base / "shim").write_text(text.replace(shlex.quote(sys.executable), shlex.quote(str(base / "python"))))
    return base / "shim"


def hands_over(shim: Path, argv: list[str], cwd: Path, environ: dict[str, str], *, enabled: str) -> bool:
    """Does the shim start hookman for this line, where the project in `enabled` is the only one enabled?"""
    with tempfile.TemporaryDirectory() as data:
        mark = Path(data, "enabled", os.path.realpath(enabled).lstrip("/"), ENABLED_MARK)
        mark.parent.mkdir(parents=True)
        mark.touch()
        done = subprocess.run(
            ["/bin/sh", shim, *argv],
            cwd=cwd,
            env={**environ, "PATH": os.defpath, "HOOKMAN_DATA_DIR": data},
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout == "hookman\n"
