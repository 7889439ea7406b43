"""Stacks and patterns: CONTRACT C78 to C81."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.errors import HookmanError, UsageError
from hookman.consent import marks
from hookman.hooks.stacks import find_root, matching, stacks_in

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


class TestFindRoot:
    @pytest.fixture
    def stack(self, tmp_path: Path) -> Path:
        """A stack in a directory that is no root yet."""
        stack = tmp_path / "root/web"
        stack.mkdir(parents=True)
        (stack / "compose.yaml").touch()
        (stack / "src").mkdir()
        return stack

    def found(self, directory: Path, tmp_path: Path, environ: dict[str, str] | None = None) -> str:
        return find_root(str(directory), str(tmp_path / "data"), environ or {})

    def test_a_directory_with_stacks_is_one(self, stack: Path, tmp_path: Path) -> None:
        assert self.found(stack.parent, tmp_path) == str(stack.parent)

    @pytest.mark.parametrize("below", [".", "src"])
    def test_the_nearest_directory_above_with_a_kompose_sh_is_one(
        self, stack: Path, tmp_path: Path, below: str
    ) -> None:
        (stack.parent / "kompose.sh").touch()
        (tmp_path / "kompose.sh").touch()
        assert self.found(stack / below, tmp_path) == str(stack.parent)

    def test_a_directory_above_that_was_enabled_as_a_root_is_one(self, stack: Path, tmp_path: Path) -> None:
        marks.enable(str(tmp_path / "data"), str(stack.parent), marks.ROOT)
        assert self.found(stack / "src", tmp_path) == str(stack.parent)

    def test_inside_a_hook_it_can_be_script_dir(self, stack: Path, tmp_path: Path) -> None:
        environ = {"SCRIPT_DIR": str(stack.parent)}
        assert self.found(tmp_path, tmp_path, {**environ, "HOOKMAN_PROJECT_DIR": "/p"}) == str(stack.parent)
        with pytest.raises(HookmanError, match="there are no stacks in"):
            self.found(tmp_path, tmp_path, environ)


@given(st.lists(st.text(alphabet="abc", min_size=1), unique=True), st.text(alphabet="abc*,? ", max_size=8))
def test_what_is_chosen_are_stacks_each_once_and_in_order(stacks: list[str], pattern: str) -> None:
    stacks = sorted(stacks)
    try:
        chosen = matching(pattern, stacks)
    except UsageError:
        return
    assert chosen == [name for name in stacks if name in chosen]
    assert chosen
