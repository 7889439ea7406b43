"""Which contexts there are, which of them are meant, and the environment that means one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.errors import UsageError
from hookman.compose.contexts import in_context, matching, names
from tests.support.box import Box
from tests.support.contexts import create_context

NAME = st.text("ab-.1+_", min_size=1, max_size=5)  # what docker takes in a name
PART = st.one_of(NAME, st.text("ab*?[]-, ", max_size=6))


def test_the_contexts_of_docker_are_found_the_default_first(bare: Box) -> None:
    for name in ("zoo", "a.b+c_d-1"):
        create_context(bare, name, "ssh://zoo")
    assert names(bare.environ) == ["default", "a.b+c_d-1", "zoo"]
    assert bare.run("docker", "context", "ls", "-q").out.split() == ["a.b+c_d-1", "default", "zoo"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Name": 1}', '{"Name": ""}', '{"Name": "default"}'])
def test_a_file_of_a_context_that_says_no_name_is_none(tmp_path: Path, text: str) -> None:
    meta = tmp_path / "contexts/meta/0/meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(text)
    assert names({"DOCKER_CONFIG": str(tmp_path)}) == ["default"]


def test_where_docker_has_no_configuration_there_is_the_default(tmp_path: Path) -> None:
    assert names({"DOCKER_CONFIG": str(tmp_path)}) == names({"HOME": str(tmp_path)}) == ["default"]


@given(st.sets(NAME, max_size=5), st.lists(PART, max_size=5), st.integers(1, 3))
def test_what_is_meant_is_there_once_or_it_is_an_error(known: set[str], parts: list[str], options: int) -> None:
    texts = [",".join(parts[at::options]) for at in range(options)]
    try:
        found = matching(texts, sorted(known))
    except UsageError:
        return
    assert len(set(found)) == len(found) > 0
    assert set(found) <= known
    named = [part.strip() for text in texts for part in text.split(",")]
    assert {part for part in named if part in known} <= set(found)


@given(st.lists(NAME, unique=True, min_size=1), st.data())
def test_names_are_found_in_their_order(known: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.permutations(known))
    assert matching([", ".join(chosen)], sorted(known)) == chosen
    assert matching(chosen, sorted(known)) == chosen
    assert matching(["*"], known) == known


def test_the_environment_means_the_context_and_is_otherwise_the_same() -> None:
    before = {"DOCKER_HOST": "tcp://x", "DOCKER_CONTEXT": "b", "DOCKER_CONFIG": "/c", "A": "1"}
    assert in_context("a", before) == {"DOCKER_CONTEXT": "a", "DOCKER_CONFIG": "/c", "A": "1"}
    assert in_context("default", before) == {**before, "DOCKER_CONTEXT": "default"}
