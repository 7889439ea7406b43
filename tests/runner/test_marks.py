"""A mark counts exactly as long as the process that put it lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hookman.runner.marks import Mark, is_locked

PUT = "import sys; from hookman.runner.marks import Mark; print(Mark(sys.argv[1]).path, flush=True); input()"


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


def test_a_link_or_a_pipe_in_its_place_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert [is_locked(str(tmp_path / name)) for name in ("link", "pipe", "gone")] == [False, False, False]
