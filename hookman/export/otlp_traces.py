"""A run as a trace: the run itself, the wait for the lock, waits for services, each attempt of each hook, Compose.

Names are those of OpenTelemetry's semantic conventions (CI/CD pipelines, command line programs) where there are some;
the others begin with `hookman.`. docs/export.md has them all.
"""

from __future__ import annotations

from hookman.export.otlp_values import attributes, nanoseconds, resource, scope, text
from hookman.export.trace import Trace
from hookman.log import reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

INTERNAL, SERVER, CLIENT = 1, 2, 3  # kinds of spans
ERROR = 2  # the code of a status
MOST_SPANS = 2000
# Results of runs and hooks as CI/CD pipelines have them. Of a run that was killed: "error".
RESULTS = {
    "ok": "success",
    "warned": "success",
    "failed": "failure",
    "aborted": "failure",
    "timeout": "timeout",
    "skipped": "skip",
    "cancelled": "cancellation",
    "interrupted": "cancellation",
}
EXIT_LOCK, EXIT_CONFIG, EXIT_TIMEOUT = 75, 78, 124


def document(run: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request to /v1/traces."""
    *inner, root = _Spans(run).all()
    spans = [root, *inner[: MOST_SPANS - 1]]
    return {"resourceSpans": [{"resource": resource(run), "scopeSpans": [{"scope": scope(), "spans": spans}]}]}


def label(hook: Mapping[str, Any]) -> str:
    """A hook as people name it: up.pre/01-load.sh."""
    return f"{str(hook.get('event', '')).removeprefix('project.')}/{hook.get('name', '')}"


def trace_of(run: Mapping[str, Any]) -> Trace:
    """The ids of a run."""
    return Trace(str(run["run"]), str(run.get("traceparent", "")))


def tries(hook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The attempts of a hook, the first one first. Most have one."""
    made = [dict(one) for one in hook.get("attempts", [])]
    if made and hook.get("started") in [one.get("started") for one in made]:
        return made
    last = {key: one for key, one in hook.items() if key != "attempts"}
    return [*made, last]  # one that was not tried again, or that was killed meanwhile


class _Spans:
    def __init__(self, run: Mapping[str, Any]) -> None:
        self._run = run
        self._trace = trace_of(run)
        self._killed = "ended" not in run
        self._at = float(run.get("started", 0))  # up to here is known what happened

    def all(self) -> Iterator[dict[str, Any]]:
        """All spans. The span of the run is the last one, because it ends last."""
        run = self._run
        if lock := run.get("lock"):
            facts = {"hookman.lock.waited_for": lock.get("waited_for")}
            yield self._step("lock", "wait for the lock", lock, facts)
        for number, wait in enumerate(run.get("waits", [])):
            yield self._wait(number, wait)
        for hook in run.get("hooks", []):
            yield from self._hook(hook)
        if compose := run.get("compose"):
            yield self._compose(compose)
        yield self._root()

    def _root(self) -> dict[str, Any]:
        run = self._run
        pipeline = f"{run.get('name', '')} {run.get('command', '')}".strip()
        result = "error" if self._killed else _result(run)
        facts = {
            "cicd.pipeline.name": pipeline,
            "cicd.pipeline.run.id": run["run"],
            "cicd.pipeline.action.name": "RUN",
            "cicd.pipeline.result": result,
            "error.type": self._error_of_run(result),
            "process.command_args": reader.command_line(dict(run)),
            "process.exit.code": run.get("exit_code"),
            "process.working_directory": run.get("cwd"),
            "process.owner": run.get("user"),
            "hookman.run_id": run["run"],
            "hookman.command": run.get("command"),
            "hookman.project.name": run.get("name"),
            "hookman.project.directory": run.get("project"),
            "hookman.context": run.get("context"),
            "hookman.engine": run.get("engine"),
            "hookman.result": run.get("result"),
            "hookman.skipped": run.get("skipped"),
            "hookman.not_reached": [label(hook) for hook in run.get("not_reached", {}).get("hooks", [])],
        }
        start = float(run.get("started", 0))
        end = float(run.get("ended", self._at))
        return {
            **self._span(self._trace.root, f"RUN {pipeline}", start, end, facts, kind=SERVER),
            **({"parentSpanId": self._trace.parent} if self._trace.parent else {}),
            **_status(run, is_bad=result != "success"),
        }

    def _compose(self, step: Mapping[str, Any]) -> dict[str, Any]:
        command = str(self._run.get("command", ""))
        is_ours = command.startswith("db_")
        code = step.get("exit_code")
        facts = {
            "process.executable.name": "hookman" if is_ours else "docker-compose",
            "process.command_args": [] if is_ours else ["docker-compose", *_compose_words(self._run)],
            "process.exit.code": code,
            "error.type": "failed" if code else None,
        }
        name = f"hookman {command}" if is_ours else f"docker compose {command}"
        return {**self._step("compose", name, step, facts, kind=CLIENT), **_status({}, is_bad=bool(code))}

    def _wait(self, number: int, wait: Mapping[str, Any]) -> dict[str, Any]:
        facts = {
            "hookman.wait.wants": wait.get("wants"),
            "hookman.wait.services": wait.get("services"),
            "hookman.wait.waited_for": wait.get("waited_for"),
            "hookman.wait.result": wait.get("result"),
            "hookman.hook.name": wait.get("hook"),
            "hookman.hook.event": wait.get("event"),
        }
        return self._step(f"wait {number}", "wait for services", wait, facts)

    def _hook(self, hook: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The span of each attempt of a hook, and one around them if there are several."""
        made = tries(hook)
        event, name = str(hook.get("event", "")), str(hook.get("name", ""))
        around = self._trace.attempt(event, name, 0) if len(made) > 1 else self._trace.root
        begin = float(made[0].get("started", self._at))
        for number, one in enumerate(made, 1):
            span = self._trace.attempt(event, name, number)
            yield self._tried({**hook, **one}, number, len(made), span, around)
        if len(made) > 1:
            yield {
                **self._span(around, label(hook), begin, self._at, self._facts(hook, 0, len(made))),
                "parentSpanId": self._trace.root,
                **_status(hook, is_bad=hook.get("result") not in reader.GOOD),
            }

    def _tried(self, one: Mapping[str, Any], number: int, of: int, span: str, parent: str) -> dict[str, Any]:
        start = float(one.get("started", self._at))
        self._at = max(self._at, end := start + float(one.get("seconds") or 0))
        name = label(one) if of == 1 else f"{label(one)} (attempt {number})"
        return {
            **self._span(span, name, start, end, self._facts(one, number, of)),
            "parentSpanId": parent,
            **_status(one, is_bad=one.get("result") not in reader.GOOD),
        }

    def _facts(self, hook: Mapping[str, Any], number: int, of: int) -> dict[str, Any]:
        """The attributes of a hook, or of its attempt with a number."""
        event = str(hook.get("event", ""))
        result = str(hook.get("result", ""))
        is_killed = self._killed and result == "interrupted"
        named = f"{self._run['run']}/{label(hook)}"
        return {
            "cicd.pipeline.task.name": label(hook),
            "cicd.pipeline.task.run.id": f"{named}#{number}" if number and of > 1 else named,
            "cicd.pipeline.task.run.result": "error" if is_killed else RESULTS.get(result, result),
            "error.type": "killed" if is_killed else _error_of_hook(hook),
            "process.exit.code": hook.get("exit_code"),
            "hookman.hook.name": hook.get("name"),
            "hookman.hook.event": event,
            "hookman.hook.phase": event.rpartition(".")[2],
            "hookman.hook.kind": hook.get("kind"),
            "hookman.hook.result": result,
            "hookman.hook.reason": hook.get("reason"),
            "hookman.hook.attempt": number or None,
            "hookman.hook.attempts": of if of > 1 else None,
            "hookman.hook.group": hook.get("group"),
            "hookman.hook.allowed": hook.get("allowed"),
            "hookman.hook.service": hook.get("service"),
            "container.name": hook.get("container"),
            "container.image.name": hook.get("image"),
            "hookman.run_id": self._run["run"],
        }

    def _step(
        self, what: str, name: str, step: Mapping[str, Any], facts: Mapping[str, Any], kind: int = INTERNAL
    ) -> dict[str, Any]:
        start = float(step.get("started", self._at))
        end = start + float(step.get("seconds") or 0)
        self._at = max(self._at, end)
        span = self._span(self._trace.span(what), name, start, end, facts, kind=kind)
        return {**span, "parentSpanId": self._trace.root}

    def _span(
        self, span: str, name: str, start: float, end: float, facts: Mapping[str, Any], kind: int = INTERNAL
    ) -> dict[str, Any]:
        return {
            "traceId": self._trace.id,
            "spanId": span,
            "name": text(name),
            "kind": kind,
            "startTimeUnixNano": str(nanoseconds(start)),
            "endTimeUnixNano": str(nanoseconds(max(start, end))),
            "attributes": attributes(facts),
        }

    def _error_of_run(self, result: str) -> str | None:
        """What kind of error the run ended with, in one of few words."""
        run, code = self._run, self._run.get("exit_code")
        if self._killed:
            return "killed"
        if result == "success":
            return None
        if result != "failure":
            return result
        by_code = {EXIT_LOCK: "lock", EXIT_CONFIG: "settings"}
        if isinstance(code, int) and code in by_code:
            return by_code[code]
        return "compose_failed" if run.get("compose", {}).get("exit_code") else "hook_failed"


def _result(run: Mapping[str, Any]) -> str:
    result = str(run.get("result", ""))
    if result in ("failed", "aborted") and run.get("exit_code") == EXIT_TIMEOUT:
        return "timeout"
    return RESULTS.get(result, "error")


def _error_of_hook(hook: Mapping[str, Any]) -> str | None:
    result = hook.get("result")
    if result in reader.GOOD:
        return None
    return "not_started" if result == "failed" and "started" not in hook else str(result)


def _compose_words(run: Mapping[str, Any]) -> list[str]:
    """What Compose was started with."""
    words = reader.command_line(dict(run))[1:]
    return words[1:] if words[:1] == ["compose"] else words


def _status(record: Mapping[str, Any], *, is_bad: bool) -> dict[str, Any]:
    """The status of a span; one that went well has none."""
    if not is_bad:
        return {}
    problem = reader.problem_of(dict(record))
    return {"status": {"code": ERROR, **({"message": text(problem.what)} if problem else {})}}
