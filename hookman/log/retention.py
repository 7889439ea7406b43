"""Keeping the newest runs of a log, and removing the older ones with what their hooks printed."""

from __future__ import annotations

import os

from hookman.base.files import open_folder, replace_file
from hookman.log.store import LOG, OUTPUT, lines_backwards, locked_log, nobody, record_on

SLACK = 1.5  # the log is cut back when it holds this many times as many runs as are kept


def keep_newest(directory: str, keep: int) -> None:
    """Remove all but the newest `keep` runs, if the log has many more than these. Raises OSError."""
    path = os.path.join(directory, LOG)
    if sum(1 for _ in lines_backwards(path, nobody)) - 1 <= keep * SLACK:
        return
    file = locked_log(directory)
    try:
        lines = [line for line in lines_backwards(path, nobody) if line]
        replace_file(path, b"".join(line + b"\n" for line in reversed(lines[:keep])))
    finally:
        os.close(file)
    for line in lines[keep:]:
        if run := record_on(line):
            _remove_output(directory, run["run"])


def _remove_output(directory: str, run: str) -> None:
    try:
        folder = open_folder(directory, f"{OUTPUT}/{run}", create=False)[0]
    except OSError:
        return  # it printed nothing
    try:
        for name in os.listdir(folder):
            os.unlink(name, dir_fd=folder)
        os.rmdir(os.path.join(directory, OUTPUT, run))
    except OSError:
        pass  # what is no file of ours stays
    finally:
        os.close(folder)
