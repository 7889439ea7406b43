"""Which part of an output came from stderr: a file beside it, written only where runs are exported.

output/<run>/.<n>-<hook>.stderr    the output's size, then a line for each part: where it begins and ends
"""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.log import store
from hookman.log.hook_output import HookOutput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STDERR = 2
MOST = 10_000  # parts that are noted


class MarkedOutput(HookOutput):
    """The output of a hook that is exported."""

    _parts: tuple[tuple[int, int], ...] | list[tuple[int, int]] = ()

    def write(self, data: bytes, descriptor: int = 1) -> None:
        """Take more output."""
        begin = self.size
        super().write(data, descriptor)
        if descriptor != STDERR or self.size == begin:
            return
        parts = self._parts = list(self._parts)
        if parts and parts[-1][1] == begin:
            parts[-1] = (parts[-1][0], self.size)
        elif len(parts) < MOST:
            parts.append((begin, self.size))

    def close(self) -> str:
        """Finish the file and return its path. Of an output that was cut the parts are not noted."""
        path = super().close()
        if path and self._parts and self.size <= 2 * self.half:
            text = "".join(f"{begin} {end}\n" for begin, end in ((0, self.size), *self._parts))
            try:
                file = os.open(_beside(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
                store.write_all(file, text.encode())
                os.close(file)
            except OSError:
                pass  # then all of it counts as stdout
        return path


def parts(data: str, run: Mapping[str, Any], name: str) -> list[tuple[int, int]]:
    """The complete output `name` of a run, and then its parts from stderr; empty if none is noted."""
    directory = paths.project_data_dir(data, str(run.get("project", "")))
    try:
        lines = [line.split() for line in store.output_lines(directory, str(run["run"]), _beside(name))]
        return [(int(begin), int(end)) for begin, end in lines]
    except (OSError, ValueError):
        return []


def _beside(path: str) -> str:
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.stderr")
