"""Project trees: which project it is, by us and by the real Compose."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.commandline import parse
from hookman.compose.project import resolve
from tests.support.fuzz import compose, fuzz, surroundings

if TYPE_CHECKING:
    import pytest

BIND = "services: {web: {image: x, volumes: ['./:/x']}}\n"
NAMES = st.sampled_from(
    [
        *("", "", "name: one\n", "name: 'Two' # c\n", "name: a$N\n", "name: ${N:-d}\n", "name: x-$DEBUG\n"),
        *("\ufeffname: bom\n", "name: &a anchor\n", "&m\nname: map\n", "name:\n  below\n", "name: >-\n  folded\n"),
        *("name: 123\n", "name: null\n", "name: ~\n", 'name: "e\\x62"\n', "name: a:b\n", "name: a #c\n", "name: a#c\n"),
        *('"name": quoted\n', "? name\n: asked\n", "name : spaced\n", "---\nname: first\n", "# name: no\n"),
        *("x-a: {\nname: flow}\n", "x-a: 'b\nname: text'\n", "!!map\nname: tag\n", "x-a:\n- name\nname: list\n"),
    ]
)
JSON = '{\n"services": {"web": {"image": "x", "volumes": ["./:/x"]}},\n"name": "json"}\n'
TEXTS = st.one_of(NAMES.map(lambda name: name + BIND), st.just(JSON), NAMES.map(lambda name: BIND + name))
FILES = st.sampled_from(
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "compose.override.yml", "x.yml"]
)
DOTENV = st.sampled_from(
    ["N=dot\n", "COMPOSE_PROJECT_NAME=dotted\n", "DEBUG=dot\n", "COMPOSE_FILE=x.yml\n", "N=$M\nM=1"]
)
PLACES = st.sampled_from(["", "sub/", "sub/deep/", "_Odd.Dir 1/"])
LINES = st.sampled_from(
    [
        *([], [], [], ["-f", "x.yml"], ["-f", "sub/x.yml"], ["-f", "../x.yml", "-f", "compose.yaml"], ["-p", "given"]),
        *(["--project-directory", "sub"], ["--project-directory", ".."], ["--env-file", ".env"], ["--workdir", "sub"]),
    ]
)
ENVIRON = st.sampled_from(
    [
        *(
            {},
            {},
            {"N": "env"},
            {"COMPOSE_PROJECT_NAME": "env"},
            {"COMPOSE_PROJECT_NAME": ""},
            {"COMPOSE_FILE": "x.yml"},
        ),
        *({"COMPOSE_FILE": "sub/x.yml:x.yml"}, {"COMPOSE_DISABLE_ENV_FILE": "1"}),
    ]
)
COMPOSE_FILES = st.dictionaries(st.tuples(PLACES, FILES).map("".join), TEXTS, min_size=1, max_size=3)
ENV_FILES = st.dictionaries(PLACES.map("{}.env".format), DOTENV, max_size=2)
BASE = {"compose.yaml": BIND, "x.yml": BIND, "sub/x.yml": BIND}
TREES = st.builds(lambda files, env: {**BASE, **files, **env}, COMPOSE_FILES, ENV_FILES)


@fuzz
@given(tree=TREES, cwd=PLACES, docker=st.sampled_from([[], [], ["-D"]]), line=LINES, environ=ENVIRON)
def test_a_project_is_the_one_that_compose_sees(
    tmp_path_factory: pytest.TempPathFactory,
    tree: dict[str, str],
    cwd: str,
    docker: list[str],
    line: list[str],
    environ: dict[str, str],
) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path_factory.getbasetemp()) as name:
        directory = Path(name) / "shop" / cwd
        directory.mkdir(parents=True)
        for path, text in tree.items():
            (Path(name) / "shop" / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / "shop" / path).write_text(text)
        shown = compose([*docker, "compose", *line, "config", "--format", "json"], directory, environ)
        ours = resolve(parse([*docker, "compose", *line, "up"]), {**surroundings(directory), **environ}, str(directory))
        if shown.returncode != 0:
            return
        theirs = json.loads(shown.stdout)
        if ours.sure:
            assert ours.name == theirs["name"]
        assert ours.directory == theirs["services"]["web"]["volumes"][0]["source"].rstrip("/")
