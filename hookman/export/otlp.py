"""The two destinations of `[export] otlp`: a run's trace, and what its hooks printed, as JSON of OTLP over HTTP."""

from __future__ import annotations

from hookman.base.messages import redactor
from hookman.export import answers, headers, http, otlp_logs, otlp_traces
from hookman.export.answers import Statuses
from hookman.export.destination import NotSentError, RefusedError
from hookman.export.endpoint import WrongError, endpoint, hide, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.export.http import Answer

TRACES, LOGS = "traces", "logs"
STATUSES = Statuses(
    later=(*answers.REDIRECTS, 401, 403, 404, 405, 407, 408, 429, 502, 503, 504),
    refused=(400, 411, 413, 415, 422),
    fixes=(
        (answers.REDIRECTS, "write the URL that takes OTLP"),
        ((401, 403, 407), "correct the headers of [export]"),
        ((404, 405), "write the URL below which /v1/traces and /v1/logs are"),
    ),
    refusal=". What it refuses is not sent again",
)


class Otlp:
    """Sends one kind of signal of a run to the server that the table `export` names."""

    def __init__(self, signal: str, export: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        hide(export, environ)
        self.name = f"otlp {signal}"
        self.server = f"otlp {redactor.shown(str(export['otlp']))}"
        self.signal = signal
        self._export = export
        self._environ = environ

    @classmethod
    def both(cls, export: Mapping[str, Any], environ: Mapping[str, str]) -> list[Otlp]:
        """One for the traces, and one for the logs if these are wanted."""
        signals = (TRACES, LOGS) if export.get("logs", True) else (TRACES,)
        return [cls(signal, export, environ) for signal in signals]

    def send(self, run: Mapping[str, Any], data: str) -> None:
        """Send a run. Raises NotSentError and RefusedError."""
        document = otlp_traces.document(run) if self.signal == TRACES else otlp_logs.document(run, data)
        if document:
            self.post(document)

    def post(self, document: Mapping[str, Any]) -> str:
        """Send an OTLP document. Returns a message that the server may add when it took it. Raises as `send`."""
        import json

        try:
            to = endpoint(self._export, self._environ)
        except WrongError as error:
            raise NotSentError(error.problem.what, error.problem.where, error.problem.fix) from None
        given = headers.complete({"Content-Type": "application/json"}, to.headers, to.user)
        body = json.dumps(document, separators=(",", ":")).encode()
        try:
            answer = http.post(f"{to.url}/v1/{self.signal}", body, given, to.ca)
            answers.judged(answer, STATUSES)
            return self._taken(answer)
        except NotSentError as error:
            error.where = error.where or place(self._export, "otlp")
            raise

    def _taken(self, answer: Answer) -> str:
        """What the server says of what it took. Raises NotSentError if this is no answer of OTLP."""
        import json

        if not answer.body.strip() or answer.kind == "application/x-protobuf":
            return ""
        try:
            found = json.loads(answer.body)
            rejected = found.get("partialSuccess") or {}
            count = int(rejected.get("rejectedSpans") or rejected.get("rejectedLogRecords") or 0)
            text = answers.short(str(rejected.get("errorMessage") or ""))
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise NotSentError(
                f"it says {answer.status}, but its answer is not OTLP's", fix="is it a collector?", doubtful=True
            ) from None
        if count:
            raise RefusedError(f"it rejected {count} of the {self.signal}" + (f": {text}" if text else ""))
        return text
