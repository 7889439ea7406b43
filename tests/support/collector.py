"""A server that takes what hookman exports, checked with the official definitions of OTLP."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.waiting import wait_until

OK = (200, {"Content-Type": "application/json"}, b"{}")
Reply = tuple[int, dict[str, str], bytes]


class Request:
    """One request that came."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Collector:
    """Listens on this machine. `replies` say what it answers, one after the other, and then OK for ever."""

    def __init__(self, replies: list[Reply] | None = None, wrap: Callable[[Any], Any] | None = None) -> None:
        self.replies = list(replies or [])
        self.requests: list[Request] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                status, headers, answer = outer.replies.pop(0) if outer.replies else OK
                outer.requests.append(Request(self.path, dict(self.headers), body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                outer.requests.append(Request(f"GET {self.path}", dict(self.headers), b""))
                self.send_error(405)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if wrap:
            self._server.socket = wrap(self._server.socket)
        self.port = self._server.server_address[1]
        self.url = f"http{'s' if wrap else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, count: int) -> list[Request]:
        """The requests, once there are `count` of them."""
        wait_until(lambda: len(self.requests) >= count, f"{len(self.requests)} of {count} requests came")
        return self.requests

    @property
    def spans(self) -> list[dict[str, Any]]:
        """All spans that came, as hookman wrote them, each checked with the official definition."""
        return [
            span
            for request in self.requests
            if request.path.endswith("/v1/traces")
            for span in spans_of(request.document)
        ]

    @property
    def logs(self) -> list[dict[str, Any]]:
        """All log records that came, checked in the same way."""
        return [
            one for request in self.requests if request.path.endswith("/v1/logs") for one in logs_of(request.document)
        ]


def spans_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The spans of a request, which must be what the official definition says."""
    ParseDict(_with_base64(document), ExportTraceServiceRequest())
    return [
        {**span, "attributes": attributes(span["attributes"])}
        for of_resource in document["resourceSpans"]
        for of_scope in of_resource["scopeSpans"]
        for span in of_scope["spans"]
    ]


def logs_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The log records of a request, which must be what the official definition says."""
    ParseDict(_with_base64(document), ExportLogsServiceRequest())
    return [
        {**one, "attributes": attributes(one.get("attributes", []))}
        for of_resource in document["resourceLogs"]
        for of_scope in of_resource["scopeLogs"]
        for one in of_scope["logRecords"]
    ]


def _with_base64(found: Any) -> Any:
    """The document with its ids as protobuf's own JSON has them: OTLP's has them in hexadecimal."""
    if isinstance(found, list):
        return [_with_base64(one) for one in found]
    if not isinstance(found, dict):
        return found
    out = {key: _with_base64(one) for key, one in found.items()}
    for key, length in (("traceId", 16), ("spanId", 8), ("parentSpanId", 8)):
        if key in out:
            data = bytes.fromhex(out[key])
            assert len(data) == length
            assert any(data)
            out[key] = base64.b64encode(data).decode()
    return out


def attributes(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Attributes as plain values."""
    return {pair["key"]: _plain(pair["value"]) for pair in pairs}


def _plain(value: dict[str, Any]) -> Any:
    ((kind, one),) = value.items()
    if kind == "intValue":
        return int(one)
    return [_plain(item) for item in one["values"]] if kind == "arrayValue" else one
