"""Stacks and patterns: CONTRACT C78 to C81."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.errors import UsageError
from hookman.hooks.stacks import matching, stacks_in

STACKS = ["blog", "my stack", "news", "web", "web2"]


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("web", ["web"]),
        ("web*", ["web", "web2"]),
        ("*", STACKS),
        ("we?", ["web"]),
        ("[bn]*", ["blog", "news"]),
        ("web , blog,", ["blog", "web"]),
        ("web,web*", ["web", "web2"]),
        ("my stack", ["my stack"]),
    ],
)
def test_a_pattern_is_names_and_globs_with_commas(pattern: str, chosen: list[str]) -> None:  # C78, C79
    assert matching(pattern, STACKS) == chosen


@pytest.mark.parametrize("pattern", ["nothing", "x*", "web,nothing", "", " , "])
def test_a_pattern_that_means_nothing_is_an_error_with_the_stacks_there_are(pattern: str) -> None:  # C80
    with pytest.raises(UsageError) as error:
        matching(pattern, STACKS)
    assert "blog, my stack, news, web, web2" in error.value.fix


def test_a_stack_is_a_visible_directory_with_any_compose_file(tmp_path: Path) -> None:  # C81
    for name, file in (("b", "compose.yaml"), ("a", "compose.yml"), ("c", "docker-compose.yml")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("")
    for name in (".hidden", "none", "d"):
        (tmp_path / name).mkdir()
    (tmp_path / ".hidden/compose.yaml").write_text("")
    (tmp_path / "d/docker-compose.yaml").write_text("")
    (tmp_path / "compose.yaml").write_text("")
    assert stacks_in(str(tmp_path)) == ["a", "b", "c", "d"]


@given(st.lists(st.text(alphabet="abc", min_size=1), unique=True), st.text(alphabet="abc*,? ", max_size=8))
def test_what_is_chosen_are_stacks_each_once_and_in_order(stacks: list[str], pattern: str) -> None:
    stacks = sorted(stacks)
    try:
        chosen = matching(pattern, stacks)
    except UsageError:
        return
    assert chosen == [name for name in stacks if name in chosen]
    assert chosen
