"""Consent: for exactly one directory, and only what nobody else may change is run (DESIGN 1.4)."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from hookman.base.errors import HookmanError
from hookman.base.paths import enabled_mark
from hookman.consent import marks
from hookman.consent.identity import identity
from hookman.consent.trust import Trust
from tests.support.box import SOMEBODY, Box, Project


def test_another_directory_at_the_path_is_asked_about_again(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    evil = box.project("evil", enable=False)
    evil.script("up.pre", "a.sh", "echo evil >>trace")
    shutil.move(shop.path, box.base / "aside")
    shutil.move(evil.path, shop.path)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), box.calls()) == (0, [], ["<compose><up><-d>"])
    assert "is not the directory that was enabled" in result.err
    assert result.err.endswith("hookman enable\n")
    assert shop.hookman("enable").out.startswith("enabled")
    shop.compose("up", "-d")
    assert shop.trace() == ["evil"]


def test_a_directory_moved_away_and_back_is_the_same(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shutil.move(shop.path, box.base / "aside")
    shutil.move(box.base / "aside", shop.path)
    shop.compose("up", "-d")
    assert shop.trace() == ["ran"]


@pytest.mark.root
def test_a_mark_that_another_user_wrote_counts_for_nothing(tmp_path: Path) -> None:
    data, project = str(tmp_path / "data"), str(tmp_path / "shop")
    os.mkdir(project)
    marks.enable(data, project, marks.PROJECT)
    assert marks.is_enabled(data, project)
    os.chown(enabled_mark(data, project), SOMEBODY, SOMEBODY)
    assert not marks.is_enabled(data, project)


def test_a_mark_that_is_a_link_counts_for_nothing(tmp_path: Path) -> None:
    data, project = str(tmp_path / "data"), str(tmp_path / "shop")
    os.mkdir(project)
    marks.enable(data, project, marks.PROJECT)
    mark = Path(enabled_mark(data, project))
    mark.rename(tmp_path / "mark")
    mark.symlink_to(tmp_path / "mark")
    assert not marks.is_enabled(data, project)


class TestMarks:
    """What `enable` and `disable` write, called as functions."""

    @pytest.fixture
    def data(self, tmp_path: Path) -> str:
        return str(tmp_path / "data")

    @pytest.fixture
    def root(self, tmp_path: Path) -> str:
        path = tmp_path / "stacks"
        (path / "web").mkdir(parents=True)
        (path / "db").mkdir()
        return str(path)

    def test_enabling_says_whether_anything_changed(self, data: str, root: str) -> None:
        assert marks.enable(data, root, marks.ROOT)
        assert not marks.enable(data, root, marks.ROOT)
        assert marks.enable(data, root, marks.ROOT, future="1")

    def test_a_root_stays_a_root(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT)
        marks.enable(data, root, marks.PROJECT, shared="1")
        assert marks.is_marked(data, root, marks.ROOT)

    def test_a_project_is_no_root(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT)
        marks.enable(data, root, marks.PROJECT, future="1")
        assert not marks.is_marked(data, root, marks.ROOT)
        assert not marks.is_enabled(data, f"{root}/web")

    def test_a_project_can_become_a_root(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT)
        marks.enable(data, root, marks.ROOT)
        assert marks.is_marked(data, root, marks.ROOT)

    def test_what_was_said_before_is_kept(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT, owner="12", future="1")
        marks.enable(data, root, marks.PROJECT, shared="1")
        assert {"owner": "12", "future": "1", "shared": "1"}.items() <= marks.read_mark(data, root).items()

    def test_the_shim_finds_the_kind_on_the_first_line_and_future_on_the_second(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT, also="x", zone="y")
        marks.enable(data, root, marks.ROOT, future="1")
        assert Path(enabled_mark(data, root)).read_text().splitlines()[:2] == ["kind=root", "future=1"]

    def test_a_mark_says_when_the_project_was_enabled(self, data: str, root: str) -> None:
        before = int(time.time())
        marks.enable(data, root, marks.PROJECT)
        assert before <= int(marks.read_mark(data, root)["since"]) <= time.time()

    def test_a_stack_that_is_enabled_by_itself_no_longer_depends_on_its_root(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT)
        marks.enable(data, f"{root}/web", marks.PROJECT, via=marks.ROOT)
        assert marks.enable(data, f"{root}/web", marks.PROJECT)
        assert marks.disable(data, root) == [root]
        assert marks.is_enabled(data, f"{root}/web")

    def test_disabling_a_root_disables_the_stacks_that_were_enabled_with_it(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT)
        for name in ("web", "db"):
            marks.enable(data, f"{root}/{name}", marks.PROJECT, via=marks.ROOT)
        assert marks.disable(data, root) == [root, f"{root}/db", f"{root}/web"]
        assert not marks.is_enabled(data, f"{root}/web")

    def test_disabling_a_project_leaves_those_below_it_enabled(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT)
        marks.enable(data, f"{root}/web", marks.PROJECT, via=marks.ROOT)
        assert marks.disable(data, root) == [root]
        assert marks.is_enabled(data, f"{root}/web")

    def test_disabling_what_is_not_enabled_disables_nothing(self, data: str, root: str) -> None:
        assert marks.disable(data, root) == []

    def test_disabling_leaves_no_empty_directories(self, data: str, root: str) -> None:
        marks.enable(data, f"{root}/web", marks.PROJECT)
        marks.disable(data, f"{root}/web")
        assert os.listdir(f"{data}/enabled") == []

    def test_a_root_with_future_covers_stacks_that_are_not_hidden(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT, future="1")
        assert marks.is_enabled(data, f"{root}/later")
        assert marks.is_enabled(data, f"{root}/+later")
        assert not marks.is_enabled(data, f"{root}/.hidden")
        assert not marks.is_enabled(data, f"{root}/web/below")

    def test_a_root_without_future_covers_nothing(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT, future="0")
        assert not marks.is_enabled(data, f"{root}/web")

    def test_another_directory_in_the_place_of_a_root_covers_nothing(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.ROOT, future="1")
        os.rename(root, f"{root}-before")
        os.mkdir(root)
        assert not marks.is_enabled(data, f"{root}/web")

    def test_a_mark_of_an_older_hookman_does_not_count_and_says_why(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT)
        Path(enabled_mark(data, root)).write_text("kind=project\nsince=1\n")
        assert not marks.is_enabled(data, root)
        assert marks.distrusted_mark(data, root).startswith("was enabled by an older hookman")

    def test_where_there_is_no_mark_there_is_nothing_to_distrust(self, data: str, root: str) -> None:
        assert marks.distrusted_mark(data, root) == ""

    def test_the_mark_of_a_directory_that_has_gone_does_not_count(self, data: str, root: str) -> None:
        marks.enable(data, f"{root}/web", marks.PROJECT)
        os.rmdir(f"{root}/web")
        assert not marks.is_enabled(data, f"{root}/web")

    @pytest.mark.parametrize("fact", ["device", "inode", "birth", "fsid", "id"])
    def test_a_mark_does_not_count_where_one_fact_of_the_directory_is_another(
        self, data: str, root: str, monkeypatch: pytest.MonkeyPatch, fact: str
    ) -> None:
        marks.enable(data, root, marks.PROJECT)
        real = identity(root)
        for other in {real[fact][:-1], real[fact] + "0"} - {real[fact]}:
            now = {**real, fact: other}
            monkeypatch.setattr("hookman.consent.marks.identity", lambda _directory, now=now: now)
            assert not marks.is_enabled(data, root)

    @pytest.mark.parametrize("difference", [-1, 1])
    def test_a_mark_that_is_not_yours_counts_for_nothing(
        self, data: str, root: str, monkeypatch: pytest.MonkeyPatch, difference: int
    ) -> None:
        marks.enable(data, root, marks.PROJECT)
        you = os.geteuid() + difference
        monkeypatch.setattr(os, "geteuid", lambda: you)
        assert marks.read_mark(data, root) == {}

    def test_a_directory_in_the_place_of_a_mark_counts_for_nothing(self, data: str, root: str) -> None:
        os.makedirs(enabled_mark(data, root))
        assert marks.read_mark(data, root) == {}

    def test_a_line_without_an_equals_sign_says_nothing(self, data: str, root: str) -> None:
        marks.enable(data, root, marks.PROJECT)
        with open(enabled_mark(data, root), "a") as mark:
            mark.write("word\nempty=\nlong=a=b\n")
        said = marks.read_mark(data, root)
        assert (said.get("word"), said["empty"], said["long"]) == (None, "", "a=b")

    def test_a_mark_that_cannot_be_written_is_an_error_that_says_where(self, data: str, root: str) -> None:
        Path(data).write_text("")
        with pytest.raises(HookmanError, match=r"can't write .*/enabled/") as error:
            marks.enable(data, root, marks.PROJECT)
        assert "HOOKMAN_DATA_DIR" in error.value.problem.fix

    def test_a_mark_that_cannot_be_removed_is_an_error_that_says_where(self, data: str, root: str) -> None:
        os.makedirs(enabled_mark(data, root))
        with pytest.raises(HookmanError, match=r"can't remove .*/enabled/"):
            marks.disable(data, root)


class TestRootOf:
    """Which directory is the root of a stack."""

    @pytest.fixture
    def stack(self, tmp_path: Path) -> Path:
        path = tmp_path / "stacks/web"
        path.mkdir(parents=True)
        return path

    def test_an_enabled_root(self, tmp_path: Path, stack: Path) -> None:
        data = str(tmp_path / "data")
        assert marks.root_of(data, str(stack), {}) is None
        marks.enable(data, str(stack.parent), marks.PROJECT)
        assert marks.root_of(data, str(stack), {}) is None
        marks.enable(data, str(stack.parent), marks.ROOT)
        assert marks.root_of(data, str(stack), {}) == str(stack.parent)

    def test_the_one_that_hookman_run_was_told(self, tmp_path: Path, stack: Path) -> None:
        told = {"HOOKMAN_ROOT": str(stack.parent)}
        assert marks.root_of(str(tmp_path / "data"), str(stack), told) == str(stack.parent)
        assert marks.root_of(str(tmp_path / "data"), str(stack.parent), told) is None

    def test_one_with_a_kompose_sh(self, tmp_path: Path, stack: Path) -> None:
        script = stack.parent / "kompose.sh"
        script.write_text("")
        assert marks.root_of(str(tmp_path / "data"), str(stack), {}) == str(stack.parent)
        script.chmod(0o646)
        assert marks.root_of(str(tmp_path / "data"), str(stack), {}) is None


class TestTrustIn:
    """Whom a project trusts."""

    @pytest.fixture
    def data(self, tmp_path: Path) -> str:
        return str(tmp_path / "data")

    @pytest.fixture
    def stack(self, tmp_path: Path) -> str:
        path = tmp_path / "stacks/web"
        path.mkdir(parents=True)
        return str(path)

    def test_you_and_root_where_nothing_is_said(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT)
        assert marks.trust_in(data, stack) == Trust(owners=(os.geteuid(), 0))

    def test_its_owner_where_that_is_said(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT, owner="12345")
        assert marks.trust_in(data, stack) == Trust(owners=(os.geteuid(), 0, 12345))

    def test_everybody_where_it_is_shared(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT, shared="1")
        assert marks.trust_in(data, stack) == Trust(owners=(os.geteuid(), 0), shared=True)

    def test_nobody_more_for_any_other_value(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT, shared="0", owner="-1")
        assert marks.trust_in(data, stack) == Trust(owners=(os.geteuid(), 0))

    def test_what_its_root_trusts_too(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT, owner="12345")
        marks.enable(data, os.path.dirname(stack), marks.ROOT, owner="23456", shared="1")
        assert marks.trust_in(data, stack) == Trust(owners=(os.geteuid(), 0, 12345, 23456), shared=True)

    def test_what_its_root_trusts_where_nothing_is_said_of_itself(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT)
        marks.enable(data, os.path.dirname(stack), marks.ROOT, shared="1")
        assert marks.trust_in(data, stack).shared

    def test_not_what_a_project_around_it_trusts(self, data: str, stack: str) -> None:
        marks.enable(data, os.path.dirname(stack), marks.PROJECT, shared="1")
        assert not marks.trust_in(data, stack).shared

    def test_not_what_another_directory_at_its_path_trusted(self, data: str, stack: str) -> None:
        marks.enable(data, stack, marks.PROJECT, shared="1")
        os.rename(stack, f"{stack}-before")
        os.mkdir(stack)
        assert not marks.trust_in(data, stack).shared
