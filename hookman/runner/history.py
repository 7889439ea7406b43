"""The log as data: appending a run, reading the past ones, keeping the newest (see journal.py)."""

from __future__ import annotations

import fcntl
import json
import os

from hookman.runner.lock import is_locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

VERSION = 1  # of a line in log.jsonl; docs/json.md describes it
LOG = "log.jsonl"
RUNNING = "running"
OUTPUT = "output"
SLACK = 1.5  # the log is cut back to keep_runs when it holds this many times as many


def line_of(facts: dict[str, Any]) -> bytes:
    """`facts` as one line of JSON; names that are not UTF-8 survive as lone surrogates."""
    return json.dumps(facts, separators=(",", ":")).encode() + b"\n"


def append(directory: str, run: dict[str, Any]) -> None:
    """Add a run that has ended to the log of the project whose data lie in `directory`. Raises OSError."""
    file = _locked_log(directory)
    size = os.fstat(file).st_size
    try:
        whole = size == 0 or os.pread(file, 1, size - 1) == b"\n"
        write_all(file, (b"" if whole else b"\n") + line_of(run))
    except OSError:  # a full disk: half a line would spoil the next one
        os.ftruncate(file, size)
        raise
    finally:
        os.close(file)


def write_all(file: int, data: bytes) -> None:
    """Write all of `data`; a disk that fills up takes only a part and then refuses. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def runs(directory: str) -> Iterator[dict[str, Any]]:
    """The runs in a project's log, oldest first, then those that are under way or were killed.

    A line that is no record of ours (cut off by a full disk, say) is passed over.
    """
    try:
        with open(os.path.join(directory, LOG), "rb") as file:
            for line in file:
                if (run := _parsed(line)) is not None and "run" in run:
                    yield run
    except OSError:
        pass
    for name in _running_names(directory):
        path = os.path.join(directory, RUNNING, name)
        under_way = is_locked(path)
        if (run := _folded(path)) is not None:
            yield {**run, "result": "running" if under_way else "interrupted"}


def output_files(directory: str, run: str) -> list[str]:
    """The output files of a run, in the order of its hooks."""
    folder = os.path.join(directory, OUTPUT, run)
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def tidy(directory: str, keep: int) -> None:
    """Put killed runs into the log and cut it back to the newest `keep` runs. Raises OSError."""
    for name in _running_names(directory):
        path = os.path.join(directory, RUNNING, name)
        if not is_locked(path):
            if (run := _folded(path)) is not None:
                append(directory, {**run, "result": "interrupted"})
            os.unlink(path)
    with open(os.path.join(directory, LOG), "rb") as log:
        if log.read().count(b"\n") > keep * SLACK:
            _cut_back(directory, keep)


def _cut_back(directory: str, keep: int) -> None:
    path = os.path.join(directory, LOG)
    file = _locked_log(directory)
    try:
        with open(path, "rb") as log:
            lines = log.read().splitlines(keepends=True)
        fresh = f"{path}.new"
        with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o600)) as out:
            out.writelines(lines[-keep:])
        os.replace(fresh, path)
    finally:
        os.close(file)
    for line in lines[:-keep]:
        run = _parsed(line)
        if run is not None:
            _remove_output(directory, str(run.get("run", "")))


def _remove_output(directory: str, run: str) -> None:
    for path in output_files(directory, run) if run else []:
        os.unlink(path)
    try:
        os.rmdir(os.path.join(directory, OUTPUT, run))
    except OSError:
        pass  # it printed nothing


def _locked_log(directory: str) -> int:
    """The log, open for appending and locked; the one that lies there once we have the lock."""
    path = os.path.join(directory, LOG)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        os.close(file)  # it was cut back while we waited


def _running_names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(os.path.join(directory, RUNNING)))
    except OSError:
        return []


def _folded(path: str) -> dict[str, Any] | None:
    """The events of a run that did not end, as one record: each hook that had ended, and the one that had not."""
    try:
        with open(path, "rb") as file:
            events = [event for line in file if (event := _parsed(line)) is not None]
    except OSError:
        return None
    if not events or events[0].get("type") != "start":
        return None
    run: dict[str, Any] = {**_facts(events[0]), "hooks": [], "exit_code": None}
    open_hook: dict[str, Any] | None = None
    for event in events[1:]:
        if event["type"] == "hook_started":
            open_hook = {**_facts(event), "result": "interrupted"}
        elif event["type"] == "hook":
            run["hooks"].append(_facts(event))
            open_hook = None
        else:
            run[event["type"]] = _facts(event)
    if open_hook:
        run["hooks"].append(open_hook)
    return run


def _facts(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in ("type", "at")}


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
