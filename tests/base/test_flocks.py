"""A mark counts exactly as long as the process that put it lives."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hookman.base.flocks import Mark, create_locked, is_locked, take_left

PUT = "import sys; from hookman.base.flocks import Mark; print(Mark(sys.argv[1]).path, flush=True); input()"


def test_it_counts_until_it_is_removed(tmp_path: Path) -> None:
    mark = Mark(str(tmp_path / "marks"), b"note")
    assert is_locked(mark.path)
    assert Path(mark.path).read_bytes() == b"note"
    mark.remove()
    assert not is_locked(mark.path)
    assert list((tmp_path / "marks").iterdir()) == []


def test_it_ends_with_a_kill_and_is_swept_away_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PUT, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        path = os.fsdecode(one.stdout.readline().strip())
        assert is_locked(path)
        one.kill()
    assert not is_locked(path)
    mark = Mark(str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == [mark.name]
    mark.remove()


def test_others_marks_stay(tmp_path: Path) -> None:
    first, second = Mark(str(tmp_path)), Mark(str(tmp_path))
    assert [is_locked(one.path) for one in (first, second)] == [True, True]
    first.remove()
    second.remove()


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that has no locks."""

    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("hookman.base.flocks.fcntl.flock", refuse)


@pytest.mark.usefixtures("without_locks")
def test_without_locks_there_is_no_locked_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No locks"):
        create_locked(str(tmp_path / "file"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_locks")
def test_without_locks_a_file_that_needs_none_is_created(tmp_path: Path) -> None:
    os.close(create_locked(str(tmp_path / "file"), needs_lock=False))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_link_or_a_pipe_in_its_place_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert [is_locked(str(tmp_path / name)) for name in ("link", "pipe", "gone")] == [False, False, False]


def test_of_many_processes_one_gets_what_a_killed_one_left(tmp_path: Path) -> None:
    path = tmp_path / "left"
    path.touch()
    first = take_left(str(path))
    assert first is not None
    assert take_left(str(path)) is None
    path.unlink()
    os.close(first)
    assert take_left(str(path)) is None


TAKE = """
import os, sys
from hookman.base.flocks import take_left
print(flush=True)
while True:
    for name in os.listdir(sys.argv[1]):
        path = os.path.join(sys.argv[1], name)
        if (file := take_left(path)) is not None:
            os.unlink(path)
            os.close(file)
"""


def test_a_file_that_is_being_created_does_not_count_as_left_behind(tmp_path: Path) -> None:
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKE, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for taker in takers:
        assert taker.stdout is not None
        taker.stdout.readline()
    for number in range(2000):
        path = tmp_path / str(number)
        file = create_locked(str(path))
        assert path.exists()
        path.unlink()
        os.close(file)
    for taker in takers:
        taker.kill()
        assert taker.communicate()[1] == b""
