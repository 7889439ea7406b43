"""lock = "auto" on this machine's own engine: is somebody else there? Asked with one question (lock/shared.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.base.paths import project_data_dir
from hookman.compose.endpoint import endpoint
from hookman.lock.places import lock_directory
from hookman.lock.shared import LONGEST, is_shared
from tests.support.box import Project
from tests.support.engine import engine_variable
from tests.support.leases import engine_answering, remove_leases


@pytest.mark.engine
class TestOnTheEngine:
    @pytest.fixture
    def path(self) -> str:
        return engine_variable("DOCKER_HOST").removeprefix("unix://")

    def test_nobody_ever_had_a_lease(self, path: str, name: str) -> None:
        assert not is_shared(path, name, "/data")

    def test_a_lease_of_another_data_directory_counts_also_when_it_is_free(
        self, path: str, here: Project, name: str
    ) -> None:
        assert here.compose("build").code == 0
        assert is_shared(path, name, "/data")
        assert not is_shared(path, f"{name}2", "/data")

    def test_a_project_with_a_long_name_is_found_too(self, path: str, here: Project, name: str) -> None:
        long = f"{name}-{'x' * 200}"
        assert here.compose("-p", long, "build").code == 0
        assert is_shared(path, long, "/data")
        assert not is_shared(path, f"{long}y", "/data")
        remove_leases(long)

    def test_our_own_does_not(self, path: str, here: Project, name: str) -> None:
        assert here.compose("build").code == 0
        engine = endpoint({}, here.box.environ)
        assert not is_shared(path, name, lock_directory(project_data_dir(str(here.box.data), str(here.path)), engine))

    def test_a_lease_that_we_took_by_another_address_counts(self, path: str, here: Project, name: str) -> None:
        assert here.compose("build").code == 0
        assert is_shared(path, name, project_data_dir(str(here.box.data), str(here.path)))

    def test_a_lock_for_maintenance_counts_whoever_set_it(self, path: str, here: Project, name: str) -> None:
        assert here.hookman("lock").code == 0
        assert is_shared(path, name, str(here.box.data))


@pytest.mark.parametrize("answer", [b"", b"garbage", b"HTTP/1.0 200 OK\r\n\r\n[]hookman-lock.shop.", None])
def test_a_wrong_answer_of_the_engine_does_not_count(tmp_path: Path, answer: bytes | None) -> None:
    with engine_answering(tmp_path / "engine.sock", answer, closes=answer is not None):
        assert not is_shared(str(tmp_path / "engine.sock"), "shop", "/data")


@pytest.mark.parametrize("name", ['a"', "a b", "a\r\nX-Evil: 1", "é"])
def test_what_is_no_name_is_asked_for_by_nobody(tmp_path: Path, name: str) -> None:
    assert not is_shared(str(tmp_path / "none.sock"), name, "/data")


def test_an_answer_too_long_to_be_read_counts(tmp_path: Path) -> None:
    answer = b"HTTP/1.0 200 OK\r\n\r\n" + b'{"Volumes":[{"Name":"hookman-lock.shop.1"},' + b" " * LONGEST
    with engine_answering(tmp_path / "engine.sock", answer, closes=True):
        assert is_shared(str(tmp_path / "engine.sock"), "shop", "/data")


def test_no_engine_counts_for_nothing(tmp_path: Path) -> None:
    assert not is_shared(str(tmp_path / "none.sock"), "shop", "/data")
