"""hookman test otlp, what hookman doctor says of [export], and what hookman config set shows of it."""

from __future__ import annotations

import json

import pytest

from tests.support.box import Box, Project
from tests.support.collector import Collector
from tests.support.exports import idle, waiting


def exporting(shop: Project, url: str, more: str = "") -> None:
    shop.write("hookman.toml", f'[export]\notlp = "{url}"\n{more}')


def of_doctor(shop: Project) -> list[str]:
    """What hookman doctor says of the export."""
    found = json.loads(shop.hookman("doctor", "--json").out)["findings"]
    texts = [(one["state"], one["found"] or one["problem"]["what"]) for one in found if one["part"] == "export"]
    return [f"{state}: {text}" for state, text in texts]


class TestTest:
    def test_it_sends_a_trace_and_a_log_of_one_span(self, shop: Project, collector: Collector) -> None:
        exporting(shop, collector.url)
        result = shop.hookman("test", "otlp")
        assert (result.code, result.err) == (0, "")
        assert f"traces to otlp {collector.url}" in result.out
        (span,), (line,) = collector.spans, collector.logs
        assert span["name"] == "RUN shop test"
        assert (line["traceId"], line["spanId"]) == (span["traceId"], span["spanId"])
        assert shop.box.runs() == []

    def test_it_sends_what_waits(self, shop: Project, collector: Collector) -> None:
        exporting(shop, "http://127.0.0.1:1")
        shop.compose("up", "-d")
        idle(shop.box)
        exporting(shop, collector.url)
        result = shop.hookman("test", "otlp")
        assert (result.code, "1 of 1 runs that waited were sent" in result.out) == (0, True)
        assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN shop test", "RUN shop up"]
        assert waiting(shop.box) == []

    def test_it_says_what_came_back(self, shop: Project) -> None:
        collector = Collector([(401, {}, b"who are you?"), (500, {}, b"")])
        exporting(shop, collector.url)
        result = shop.hookman("test", "otlp")
        collector.close()
        assert result.code == 1
        assert "it says 401: who are you?" in result.out
        assert "correct the headers of [export]" in result.out
        assert "it says 500" in result.out
        assert f"{shop.path}/hookman.toml:2" in result.out

    def test_a_mistake_in_the_settings_is_said_once(self, shop: Project) -> None:
        exporting(shop, "localhost:4318")
        result = shop.hookman("test", "otlp")
        assert (result.code, result.err) == (1, "")
        assert result.out.count("must begin with http:// or https://") == 1
        assert f"{shop.path}/hookman.toml:2" in result.out
        assert "runs are not exported" in result.out

    def test_without_an_export_it_says_how_to_set_one(self, shop: Project) -> None:
        result = shop.hookman("test", "otlp")
        assert result.code == 2
        assert "hookman config set export.otlp" in result.err

    def test_a_dry_run_is_refused_and_sends_nothing(self, shop: Project, collector: Collector) -> None:
        exporting(shop, collector.url)
        assert shop.hookman("test", "otlp", "--dry-run").code == 2
        assert collector.requests == []

    def test_a_project_that_is_not_enabled_sends_nothing(self, box: Box, collector: Collector) -> None:
        shop = box.project(enable=False)
        exporting(shop, collector.url)
        result = shop.hookman("test", "otlp")
        assert (result.code, "hookman enable" in result.err) == (1, True)
        assert collector.requests == []


class TestDoctor:
    def test_where_nothing_is_exported_it_says_nothing(self, shop: Project) -> None:
        assert of_doctor(shop) == []

    def test_it_says_where_runs_are_sent(self, shop: Project) -> None:
        exporting(shop, "http://me:pass-word@127.0.0.1:1", 'headers = {x = "key-1234"}\n')
        result = shop.hookman("doctor")
        assert "http://me:***@127.0.0.1:1" in result.out
        assert of_doctor(shop) == ["ok: http://me:***@127.0.0.1:1"]

    def test_it_says_what_is_wrong(self, shop: Project) -> None:
        exporting(shop, "localhost:4318")
        (said,) = of_doctor(shop)
        assert said.startswith(f"bad: runs are not exported: {shop.path}/hookman.toml:2: export.otlp: must begin")

    def test_it_says_how_many_wait_and_why(self, shop: Project) -> None:
        exporting(shop, "http://127.0.0.1:1")
        for _ in range(2):
            shop.compose("up", "-d")
            idle(shop.box)
        sent, trouble = of_doctor(shop)
        assert sent == "ok: http://127.0.0.1:1"
        assert trouble.startswith("note: otlp http://127.0.0.1:1: Connection refused (")
        assert trouble.endswith("; 2 runs wait")

    def test_what_another_server_said_is_not_told_of_this_one(self, shop: Project, box: Box) -> None:
        exporting(shop, "http://127.0.0.1:1")
        shop.compose("up", "-d")
        idle(box)
        other = box.project("other")
        assert of_doctor(other) == []
        exporting(shop, "http://127.0.0.1:2")
        assert of_doctor(shop) == ["ok: http://127.0.0.1:2"]

    def test_after_all_was_sent_it_says_no_more(self, shop: Project, collector: Collector) -> None:
        exporting(shop, "http://127.0.0.1:1")
        shop.compose("up", "-d")
        idle(shop.box)
        exporting(shop, collector.url)
        shop.compose("up", "-d")
        collector.wait(2)
        idle(shop.box)
        assert of_doctor(shop) == [f"ok: {collector.url}"]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("otlp", "http://me:pass-word@localhost:4318", "http://me:***@localhost:4318"),
        ("headers.Authorization", "Bearer key-1234", "***"),
        ("headers.Authorization", "Bearer ${TOKEN}", "Bearer ${TOKEN}"),
    ],
)
def test_config_set_shows_no_secret(shop: Project, key: str, value: str, told: str) -> None:
    assert shop.hookman("config", "set", f"export.{key}", value).out.startswith(f'export.{key} = "{told}"')
    assert value in shop.path.joinpath("hookman.toml").read_text()
