"""A secret, and the places in which it can be read."""

from __future__ import annotations

from pathlib import Path

from tests.support.box import Box, Project, Result

SECRET = "Zq7xW2vNk9Lp"  # noqa: S105 (the tests' own)
PARTS = [SECRET[at : at + 6] for at in range(len(SECRET) - 5)]


def written(box: Box) -> dict[Path, bytes]:
    """All that hookman keeps on this machine."""
    return {path: path.read_bytes() for path in box.data.rglob("*") if path.is_file() and not path.is_symlink()}


def leaks(box: Box, result: Result) -> list[str]:
    """Where a part of SECRET can be read: files of ours, names of files, our own lines on stderr."""
    ours = [line for line in result.stderr.splitlines() if line.startswith(b"hookman: ")]
    places = {"stderr": b"\n".join(ours)}
    places |= {str(path): str(path).encode() + data for path, data in written(box).items()}
    return [place for place, data in places.items() if any(part.encode() in data for part in PARTS)]


def up(project: Project) -> Result:
    return project.compose("up", "-d")
