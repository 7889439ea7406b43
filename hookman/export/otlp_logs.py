"""What the hooks of a run printed, as logs: a record a line, masked as it is in the log, below the hook's span."""

from __future__ import annotations

import time

from hookman.export.otlp_traces import trace_of, tries
from hookman.export.otlp_values import attributes, nanoseconds, resource, scope, text
from hookman.export.streams import parts
from hookman.log import reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

MOST_OF_HOOK = 64 * 1024  # bytes of the output of an attempt: its end
MOST_OF_RUN = 1024 * 1024  # bytes of the outputs of a run
SEVERITIES = {"stdout": (9, "INFO"), "stderr": (13, "WARN")}
FLAGS = 1  # of the trace: it is recorded


def document(run: Mapping[str, Any], data: str) -> dict[str, Any]:
    """The body of a request to /v1/logs; empty if no hook printed anything. Our own files are in `data`."""
    return _document(run, [*_records(run, data)])


def of_text(run: Mapping[str, Any], line: str) -> dict[str, Any]:
    """The body of a request with one line, below the span of the run itself."""
    trace = trace_of(run)
    return _document(
        run, [_record(line, nanoseconds(float(run["started"])), {"traceId": trace.id, "spanId": trace.root})]
    )


def _document(run: Mapping[str, Any], records: list[dict[str, Any]]) -> dict[str, Any]:
    if not records:
        return {}
    return {"resourceLogs": [{"resource": resource(run), "scopeLogs": [{"scope": scope(), "logRecords": records}]}]}


def _records(run: Mapping[str, Any], data: str) -> Iterator[dict[str, Any]]:
    trace = trace_of(run)
    left = MOST_OF_RUN
    for hook in run.get("hooks", []):
        event, name = str(hook.get("event", "")), str(hook.get("name", ""))
        for number, one in enumerate(tries(hook), 1):
            lines = [*_lines(run, one, data, min(left, MOST_OF_HOOK))] if one.get("output") and left else []
            left -= sum(len(line) for line, _ in lines)
            ids = {"traceId": trace.id, "spanId": trace.attempt(event, name, number)}
            facts = {"hookman.run_id": run["run"], "hookman.hook.name": name, "hookman.hook.event": event}
            start = nanoseconds(float(one.get("started") or run.get("started", 0)))
            for offset, (line, stream) in enumerate(lines):  # which keep their order by this
                yield _record(line, start + offset, ids, stream, facts)


def _record(
    line: str, at: int, ids: Mapping[str, str], stream: str = "stdout", facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    severity, word = SEVERITIES[stream]
    return {
        **ids,
        "flags": FLAGS,
        "timeUnixNano": str(at),
        "observedTimeUnixNano": str(nanoseconds(time.time())),
        "severityNumber": severity,
        "severityText": word,
        "body": {"stringValue": text(line)},
        "attributes": attributes({**(facts or {}), "log.iostream": stream}),
    }


def _lines(run: Mapping[str, Any], attempt: Mapping[str, Any], data: str, most: int) -> list[tuple[str, str]]:
    """The lines of an output, its last `most` bytes, and the stream of each.

    Of a longer one, the first line says where the rest is.
    """
    found = b"".join(reader.output_of(data, dict(run), dict(attempt), most + 1))
    noted = parts(data, run, str(attempt["output"]))
    is_cut = len(found) > most
    size = noted[0][1] if noted else 0
    if not is_cut and size != len(found):  # it was masked once more: the parts are elsewhere now
        noted = []
    at = size - len(found)
    lines: list[tuple[str, str]] = []
    for line in found.splitlines(keepends=True):
        stream = "stderr" if any(begin <= at < end for begin, end in noted[1:]) else "stdout"
        lines.append((line.decode("utf-8", "replace").rstrip("\r\n"), stream))
        at += len(line)
    if is_cut:
        told = f"[... hookman: what was printed before this is in its log: hookman log {run['run']} ...]"
        lines[0] = (told, "stdout")
    return lines
