"""A real collector (Rotel) takes what hookman sends as JSON. It passes it on as protobuf, which is looked at here."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.ports import free_port
from tests.support.waiting import wait_until

rotel = pytest.importorskip("rotel", reason="this collector is for Linux")
AGENT = Path(rotel.__file__).with_name("rotel-agent")


@pytest.fixture
def behind() -> Iterator[Collector]:
    """What the real collector passes everything on to."""
    one = Collector()
    yield one
    one.close()


@pytest.fixture
def real(tmp_path: Path, behind: Collector) -> Iterator[str]:
    """The URL of a real collector."""
    grpc, http = free_port(), free_port()
    process = subprocess.Popen(
        [
            *(AGENT, "start", "--pid-file", tmp_path / "rotel.pid", "--log-file", tmp_path / "rotel.log"),
            *("--otlp-grpc-endpoint", f"127.0.0.1:{grpc}", "--otlp-http-endpoint", f"127.0.0.1:{http}"),
            *("--exporter", "otlp", "--otlp-exporter-endpoint", behind.url, "--otlp-exporter-protocol", "http"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
    )
    wait_until(lambda: _listens(http), "the collector did not start")
    yield f"http://127.0.0.1:{http}"
    process.terminate()
    process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def attributes(pairs: Any) -> dict[str, object]:
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in pairs}


def test_it_takes_a_run_whose_hook_failed(shop: Project, real: str, behind: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo loading; exit 3")
    shop.write("hookman.toml", f'[export]\notlp = "{real}"\n')
    assert shop.compose("up", "-d").code == 1
    behind.wait(2)
    by_path = {request.path: request for request in behind.requests}
    traces = ExportTraceServiceRequest.FromString(by_path["/v1/traces"].body).resource_spans[0]
    spans = {span.name: span for span in traces.scope_spans[0].spans}
    assert {*spans} == {"wait for the lock", "up.pre/a.sh", "RUN shop up"}
    root, hook = spans["RUN shop up"], spans["up.pre/a.sh"]
    assert (root.kind, root.status.code) == (Span.SPAN_KIND_SERVER, Status.STATUS_CODE_ERROR)
    assert (hook.trace_id, hook.parent_span_id) == (root.trace_id, root.span_id)
    assert attributes(hook.attributes)["process.exit.code"] == 3
    (run,) = shop.box.runs()
    assert attributes(root.attributes)["cicd.pipeline.run.id"] == run["run"]
    assert attributes(traces.resource.attributes)["service.name"] == "hookman"
    logs = ExportLogsServiceRequest.FromString(by_path["/v1/logs"].body).resource_logs[0]
    (line,) = logs.scope_logs[0].log_records
    assert (line.body.string_value, line.trace_id, line.span_id) == ("loading", root.trace_id, hook.span_id)
