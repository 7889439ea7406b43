"""What arrives at a collector: one trace for each run, and what its hooks printed."""

from __future__ import annotations

import subprocess
from typing import Any

from hookman.export import otlp_traces
from tests.support.box import Box, Project
from tests.support.collector import Collector, spans_of
from tests.support.waiting import let_go


def exporting(shop: Project, collector: Collector, more: str = "") -> None:
    shop.write("hookman.toml", f'[export]\notlp = "{collector.url}"\n{more}')


def named(spans: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {span["name"]: span for span in spans}


def test_a_run_is_a_trace_of_its_lock_its_hooks_and_compose(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "01-load.sh", "echo loaded")
    shop.script("up.post", "02-seed.sh")
    exporting(shop, collector)
    assert shop.compose("up", "-d").code == 0
    collector.wait(2)
    spans = named(collector.spans)
    assert {*spans} == {
        "RUN shop up",
        "wait for the lock",
        "up.pre/01-load.sh",
        "up.post/02-seed.sh",
        "docker compose up",
    }
    root = spans["RUN shop up"]
    assert {span["traceId"] for span in spans.values()} == {root["traceId"]}
    assert {span.get("parentSpanId") for span in spans.values()} == {None, root["spanId"]}
    assert "parentSpanId" not in root
    (run,) = shop.box.runs()
    told = root["attributes"]
    assert told["cicd.pipeline.run.id"] == run["run"]
    assert told["cicd.pipeline.result"] == "success"
    assert told["process.command_args"] == ["docker", "compose", "up", "-d"]
    assert told["process.exit.code"] == 0
    assert told["hookman.project.directory"] == str(shop.path)
    assert int(root["startTimeUnixNano"]) == round(run["started"] * 1000) * 1_000_000
    assert int(root["endTimeUnixNano"]) == round(run["ended"] * 1000) * 1_000_000
    hook = spans["up.pre/01-load.sh"]["attributes"]
    assert hook["cicd.pipeline.task.run.result"] == "success"
    assert (hook["hookman.hook.kind"], hook["hookman.hook.phase"]) == ("script", "pre")


def test_what_a_hook_printed_are_logs_below_its_span(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo one; echo two")
    exporting(shop, collector)
    shop.compose("up", "-d")
    collector.wait(2)
    span = named(collector.spans)["up.pre/a.sh"]
    assert [one["body"]["stringValue"] for one in collector.logs] == ["one", "two"]
    assert {(one["traceId"], one["spanId"]) for one in collector.logs} == {(span["traceId"], span["spanId"])}
    times = [int(one["timeUnixNano"]) for one in collector.logs]
    assert times == sorted({*times})


def test_what_a_hook_printed_on_stderr_is_a_warning(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo one; echo two >&2; echo three >&2; echo four; printf five >&2")
    exporting(shop, collector)
    shop.compose("up", "-d")
    collector.wait(2)
    found = [(one["body"]["stringValue"], one["severityText"], one["severityNumber"]) for one in collector.logs]
    assert found == [
        *(("one", "INFO", 9), ("two", "WARN", 13), ("three", "WARN", 13), ("four", "INFO", 9), ("five", "WARN", 13))
    ]
    assert [one["attributes"]["log.iostream"] for one in collector.logs][:2] == ["stdout", "stderr"]


def test_of_a_long_output_the_end_is_sent(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "seq 100000; echo last >&2")
    exporting(shop, collector)
    shop.compose("up", "-d")
    collector.wait(2)
    first, *_, before, last = collector.logs
    (run,) = shop.box.runs()
    assert f"hookman log {run['run']}" in first["body"]["stringValue"]
    assert (before["body"]["stringValue"], before["severityText"]) == ("100000", "INFO")
    assert (last["body"]["stringValue"], last["severityText"]) == ("last", "WARN")
    assert 60_000 < sum(len(one["body"]["stringValue"]) + 1 for one in collector.logs[1:]) < 65_537


def test_who_had_the_lock_is_in_its_span(shop: Project, collector: Collector, holder: subprocess.Popen[bytes]) -> None:
    exporting(shop, collector)
    waiting = shop.start("docker", "compose", "down", stderr=subprocess.PIPE)
    assert waiting.stderr
    assert b"waiting for" in waiting.stderr.readline()
    let_go(shop, holder)
    waiting.communicate()
    collector.wait(1)
    told = named(collector.spans)["wait for the lock"]["attributes"]["hookman.lock.waited_for"]
    assert told.startswith("`up -d` (pid ")


def test_without_logs_only_the_trace_is_sent(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo one")
    exporting(shop, collector, "logs = false\n")
    for _ in range(2):
        shop.compose("up", "-d")
    assert [request.path for request in collector.wait(2)] == ["/v1/traces", "/v1/traces"]


def test_a_run_without_output_sends_no_logs(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh")
    exporting(shop, collector)
    for _ in range(2):
        shop.compose("up", "-d")
    assert [request.path for request in collector.wait(2)] == ["/v1/traces", "/v1/traces"]


def test_a_secret_that_a_hook_prints_arrives_masked(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo it is $DB_PASSWORD")
    exporting(shop, collector)
    shop.compose("up", "-d", DB_PASSWORD="s3cret-value")
    collector.wait(2)
    assert [one["body"]["stringValue"] for one in collector.logs] == ["it is ***"]
    assert not any(b"s3cret-value" in request.body for request in collector.requests)


def test_a_secret_on_the_command_line_arrives_masked(shop: Project, collector: Collector) -> None:
    exporting(shop, collector)
    shop.script("run.pre", "a.sh")
    shop.compose("run", "-e", "API_TOKEN=s3cret-value", "web")
    collector.wait(1)
    root = named(collector.spans)["RUN shop run"]
    assert "API_TOKEN=***" in root["attributes"]["process.command_args"]
    assert not any(b"s3cret-value" in request.body for request in collector.requests)


def test_a_failed_hook_and_a_command_that_did_not_run_are_errors(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo no >&2; exit 3")
    exporting(shop, collector)
    assert shop.compose("up", "-d").code == 1
    collector.wait(1)
    spans = named(collector.spans)
    assert "docker compose up" not in spans
    root, hook = spans["RUN shop up"], spans["up.pre/a.sh"]
    assert (root["status"]["code"], hook["status"]["code"]) == (2, 2)
    assert root["attributes"]["cicd.pipeline.result"] == "failure"
    assert root["attributes"]["error.type"] == "hook_failed"
    assert (hook["attributes"]["error.type"], hook["attributes"]["process.exit.code"]) == ("failed", 3)


def test_each_attempt_of_a_hook_is_a_span_with_its_own_logs(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh", "echo try; [ -e there ] || { touch there; exit 1; }")
    exporting(shop, collector, '[hooks."a.sh"]\nretries = 1\ndelay = "1ms"\n')
    shop.compose("up", "-d")
    collector.wait(2)
    spans = named(collector.spans)
    whole, first, second = (spans[f"up.pre/a.sh{more}"] for more in ("", " (attempt 1)", " (attempt 2)"))
    assert [one["parentSpanId"] for one in (first, second)] == [whole["spanId"]] * 2
    assert [one["attributes"]["cicd.pipeline.task.run.result"] for one in (first, second, whole)] == [
        *("failure", "success", "success")
    ]
    assert [one["spanId"] for one in collector.logs] == [first["spanId"], second["spanId"]]


def test_a_skipped_hook_says_why(shop: Project, collector: Collector) -> None:
    shop.script("up.pre", "a.sh")
    exporting(shop, collector)
    shop.compose("up", "-d", HOOKMAN_SKIP="a.sh")
    collector.wait(1)
    told = named(collector.spans)["up.pre/a.sh"]["attributes"]
    assert told["cicd.pipeline.task.run.result"] == "skip"
    assert "HOOKMAN_SKIP" in told["hookman.hook.reason"]


def test_names_that_are_not_utf_8_arrive_as_valid_text(box: Box, collector: Collector) -> None:
    shop = box.project("sh\udcffop")
    shop.script("up.pre", "a\udcff.sh")
    exporting(shop, collector)
    assert shop.compose("up", "-d").code == 0
    collector.wait(1)
    assert "up.pre/a\ufffd.sh" in named(collector.spans)


def test_of_very_many_hooks_the_first_are_sent_and_the_run_itself() -> None:
    hooks = [{"event": "project.up.pre", "name": f"{number}.sh", "result": "ok"} for number in range(3000)]
    run = {
        "run": "20260101-000000-aaaaaa",
        "started": 1.0,
        "ended": 2.0,
        "name": "shop",
        "command": "up",
        "hooks": hooks,
    }
    spans = spans_of(otlp_traces.document(run))
    assert len(spans) == otlp_traces.MOST_SPANS
    assert [span["name"] for span in spans[:2]] == ["RUN shop up", "up.pre/0.sh"]


class TestTraceparent:
    PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def test_the_callers_trace_goes_on(self, shop: Project, collector: Collector) -> None:
        exporting(shop, collector)
        shop.compose("up", "-d", TRACEPARENT=self.PARENT)
        collector.wait(1)
        root = named(collector.spans)["RUN shop up"]
        assert (root["traceId"], root["parentSpanId"]) == tuple(self.PARENT.split("-")[1:3])

    def test_one_that_is_not_valid_is_ignored(self, shop: Project, collector: Collector) -> None:
        exporting(shop, collector)
        wrong = [
            *("", "garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01"),
            *(self.PARENT.upper(), self.PARENT[:-1], f"{self.PARENT}-more", f"ff{self.PARENT[2:]}", "\u00e9" * 55),
        ]
        for text in wrong:
            assert shop.compose("up", "-d", TRACEPARENT=text).code == 0
        collector.wait(len(wrong))
        assert [span for span in collector.spans if "parentSpanId" in span and "RUN" in span["name"]] == []

    def test_hooks_get_that_of_their_own_span(self, shop: Project, collector: Collector) -> None:
        shop.script("up.pre", "a.sh", "echo $TRACEPARENT")
        shop.hooks_sh("hook_post_up() { echo $TRACEPARENT; }\n")
        exporting(shop, collector)
        shop.compose("up", "-d")
        collector.wait(2)
        spans = named(collector.spans)
        wanted = [
            f"00-{span['traceId']}-{span['spanId']}-01"
            for span in (spans["up.pre/a.sh"], spans["up.post/hook_post_up"])
        ]
        assert [one["body"]["stringValue"] for one in collector.logs] == wanted

    def test_compose_gets_that_of_its_own_span_and_the_runs_id(self, shop: Project, collector: Collector) -> None:
        exporting(shop, collector)
        shop.compose("up", "-d", OTEL_RESOURCE_ATTRIBUTES="team=web")
        collector.wait(1)
        span = named(collector.spans)["docker compose up"]
        environ = shop.box.compose_environ()
        assert environ["TRACEPARENT"] == f"00-{span['traceId']}-{span['spanId']}-01"
        (run,) = shop.box.runs()
        stated = environ["OTEL_RESOURCE_ATTRIBUTES"].split(",")
        assert stated[0] == "team=web"
        assert stated[-1] == f"hookman.run_id={run['run']}"

    def test_a_run_in_a_hook_is_below_the_hook(self, box: Box, collector: Collector) -> None:
        other, shop = box.project("other"), box.project()
        shop.script("up.pre", "a.sh", f"cd {other.path} && docker compose up -d")
        exporting(shop, collector)
        exporting(other, collector)
        shop.compose("up", "-d")
        collector.wait(2)
        spans = named(collector.spans)
        assert spans["RUN other up"]["traceId"] == spans["RUN shop up"]["traceId"]
        assert spans["RUN other up"]["parentSpanId"] == spans["up.pre/a.sh"]["spanId"]

    def test_without_export_nothing_is_changed(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "echo $TRACEPARENT >trace")
        shop.compose("up", "-d", TRACEPARENT=self.PARENT)
        assert shop.trace() == [self.PARENT]
        assert shop.box.compose_environ()["TRACEPARENT"] == self.PARENT
        assert "hookman" not in shop.box.compose_environ().get("OTEL_RESOURCE_ATTRIBUTES", "")
        assert not (shop.box.data / "export").exists()
