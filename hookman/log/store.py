"""The log as data: appending a run, reading the past ones, keeping the newest (see writer.py)."""

from __future__ import annotations

import fcntl
import os

from hookman.base.files import open_folder, open_regular
from hookman.base.flocks import is_locked, take_left
from hookman.base.lean import json_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

VERSION = 1  # of a line in log.jsonl; docs/json.md describes it
LOG = "log.jsonl"
RUNNING = "running"
OUTPUT = "output"
VALUES = "values-"  # the files by which hooks are told, and tell, values begin so, and with the run's id
LONGEST = 32 * 1024 * 1024  # bytes of a record
BLOCK = 64 * 1024  # bytes of the log that are read at a time
LEAST = 200  # bytes that the record of a run has at least


def nobody(_text: str) -> None:
    """For callers that want no messages."""


def line_of(facts: dict[str, Any]) -> bytes:
    """`facts` as one line of JSON; names that are not UTF-8 survive as lone surrogates."""
    return json_line(facts).encode() + b"\n"


def append(directory: str, run: dict[str, Any]) -> tuple[int, int]:
    """Add a run that has ended to the log of the project whose data is in `directory`.

    Returns the log's size before and after, in bytes. Raises OSError.
    """
    return append_line(directory, line_of(run))


def append_line(directory: str, line: bytes) -> tuple[int, int]:
    """As `append`, where the run is written as a line already."""
    file = locked_log(directory)
    size = os.fstat(file).st_size
    try:
        complete = size == 0 or os.pread(file, 1, size - 1) == b"\n"
        line = line if complete else b"\n" + line
        write_all(file, line)
        return size, size + len(line)
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


def runs(directory: str, *, failed: bool = False, tell: Callable[[str], None] = nobody) -> Iterator[dict[str, Any]]:
    """The runs of a project, newest first: those in its log, under way, or killed.

    With `failed` those of the log in which all went well may be left out, unread. Only as much of the
    log is read as is asked for. A line that is no record of ours (cut off by a full disk, say) is
    left out, and `tell` gets the path of its file, or a sentence that says why the file can't be read.
    """
    yield from newest_of([under_way(directory), finished(directory, failed=failed, tell=tell)])


def newest_of(several: list[Iterator[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Runs from several sources, each of which has its newest first, in one order."""
    import heapq

    return heapq.merge(*several, key=_moment, reverse=True)


def output_lines(directory: str, run: str, name: str, most: int = 0) -> Iterator[bytes]:
    """The lines of an output file of a run; those of its last `most` bytes if that is not 0.

    No link is followed. Raises OSError.
    """
    folder = open_folder(directory, f"{OUTPUT}/{run}", create=False)[0]
    try:
        file = open_regular(name, os.O_RDONLY | os.O_NOFOLLOW, folder)
    finally:
        os.close(folder)
    with open(file, "rb") as lines:
        if most:
            lines.seek(max(0, os.fstat(file).st_size - most))
        yield from lines


def stamp(directory: str) -> tuple[int, int]:
    """The log's size and when it changed, so that a reader need not look at one that did not."""
    try:
        found = os.stat(os.path.join(directory, LOG))
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def run_named(directory: str, part: str, *, ended: bool = False) -> list[dict[str, Any]]:
    """The runs of a project whose id begins or ends with `part`; only those that are in the log as `ended`."""
    mark = part.encode("utf-8", "surrogateescape")
    lines = lines_backwards(os.path.join(directory, LOG), nobody)
    found = [run for line in lines if mark in line and (run := record_on(line))]
    found += [] if ended else under_way(directory)
    return [run for run in found if (name := str(run["run"])).startswith(part) or name.endswith(part)]


def _moment(run: dict[str, Any]) -> float:
    """When it ended, in seconds since the epoch; what is under way counts as the newest."""
    if run.get("result") == "running":
        return float("inf")
    moment = run.get("ended", run.get("started", 0))
    return float(moment) if isinstance(moment, (int, float)) else 0.0


def finished(directory: str, *, failed: bool = False, tell: Callable[[str], None] = nobody) -> Iterator[dict[str, Any]]:
    """The runs in the log of a project, the newest first; `failed` and `tell` as in `runs`."""
    path = os.path.join(directory, LOG)
    for line in lines_backwards(path, tell):
        if failed and _is_good(line):
            continue
        if (run := record_on(line)) is not None:
            yield run
        elif line:
            tell(path)


def _is_good(line: bytes) -> bool:
    """Did the run on this line, as `line_of` writes it, and each hook of it go well? Faster than parsing it."""
    good = line.count(b'"result":"ok"') + line.count(b'"result":"skipped"')
    return good > 0 and good == line.count(b'"result":')


def under_way(directory: str) -> Iterator[dict[str, Any]]:
    """The runs of a project that are not in its log: those under way, with the hook that runs, and killed ones."""
    from hookman.log.folding import folded  # a run that writes its record reads none

    found = []
    for name in _running_names(directory):
        path = os.path.join(directory, RUNNING, name)
        result = "running" if is_locked(path) else "interrupted"
        if (run := folded(path, result, os.path.join(directory, OUTPUT), LONGEST)) is not None:
            found.append({**run, "result": result})
    yield from sorted(found, key=_moment, reverse=True)


def lines_backwards(path: str, tell: Callable[[str], None]) -> Iterator[bytes]:
    """The lines of a file, the last one first, down to one that is too long for a record."""
    try:
        descriptor = open_regular(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except OSError as error:
        tell(f"{path} can't be read: {error.strerror}")
        return
    with open(descriptor, "rb") as file:
        at = file.seek(0, os.SEEK_END)
        rest: list[bytes] = []  # of the line whose beginning we have not read yet, its last part first
        while at > 0:
            size = min(BLOCK, at)
            at = file.seek(at - size)
            first, *lines = file.read(size).split(b"\n")
            if lines:
                lines[-1] += b"".join(reversed(rest))
                rest = []
                yield from reversed(lines)
            rest.append(first)
            if sum(map(len, rest)) > LONGEST:
                tell(path)
                return
        yield b"".join(reversed(rest))


def log_killed(directory: str) -> None:
    """Put killed runs into the log: those whose record is not locked any more. Raises OSError."""
    for name in _running_names(directory):
        path = os.path.join(directory, RUNNING, name)
        file = take_left(path)
        if file is None:
            continue
        try:
            from hookman.log.folding import folded

            run = folded(path, "interrupted", os.path.join(directory, OUTPUT), LONGEST)
            if run is not None and not run_named(directory, run["run"], ended=True):
                append(directory, {**run, "result": "interrupted"})
            _remove_values(directory, name.removesuffix(".jsonl"))
            os.unlink(path)
        finally:
            os.close(file)


def _remove_values(directory: str, run: str) -> None:
    """Remove the files of values that a killed run left. Raises OSError."""
    for name in os.listdir(directory):
        if name.startswith(f"{VALUES}{run}") and not os.path.isdir(os.path.join(directory, name)):
            os.unlink(os.path.join(directory, name))


def cut_back(directory: str, keep: int, sizes: tuple[int, int]) -> None:
    """Cut the log back to the newest `keep` runs, now and then.

    `sizes` are the log's before and after the last run was added. Raises OSError.
    """
    # Counting the lines of a long log takes long, so it is done once for as many bytes as `keep` runs have at least.
    before, after = (size // (keep * LEAST) for size in sizes)
    if before != after:
        from hookman.log.retention import keep_newest

        keep_newest(directory, keep)


def locked_log(directory: str) -> int:
    """The log, open for appending and locked; the file that is there once we have the lock."""
    path = os.path.join(directory, LOG)
    while True:
        file = open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW)
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


def record_on(line: bytes) -> dict[str, Any] | None:
    """The run on a line of the log; None if it is no record of one."""
    from hookman.log.folding import parsed
    from hookman.log.valid_record import head_of, is_record

    run = parsed(line)
    if run is not None and _is_newer(run):
        run = head_of(run)
    return run if is_record(run) else None


def _is_newer(run: dict[str, Any]) -> bool:
    return isinstance(run.get("v"), int) and run["v"] > VERSION
