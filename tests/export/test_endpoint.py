"""The settings of [export]: what is wrong with them is said with its place, and the command runs all the same."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.export.endpoint import WrongError, endpoint
from hookman.settings.export_keys import EXPORT_KEYS
from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle, problem, waiting


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://host:4318", "http://host:4318"),
        ("http://host", "http://host"),
        ("HTTPS://host:443/", "https://host:443"),
        ("https://host/otlp/", "https://host/otlp"),
        ("http://host:4318/v1/traces", "http://host:4318"),
        ("https://host/otlp/v1/logs/", "https://host/otlp"),
        ("http://[::1]:4318", "http://[::1]:4318"),
        ("http://[::1]", "http://[::1]"),
        (" http://host:4318 ", "http://host:4318"),
        ("http://${NAME}:4318", "http://here:4318"),
        ("http://me:secret@host", "http://host"),
    ],
)
def test_a_url_without_the_path_of_a_signal(text: str, url: str) -> None:
    assert endpoint({"otlp": text}, {"NAME": "here"}).url == url


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("host:4318", "must begin with http"),
        ("localhost", "must begin with http"),
        ("grpc://host:4317", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("http:/host", "must begin with http"),
        ("http://", "has no host"),
        ("http:///path", "has no host"),
        ("http://:4318", "has no host"),
        ("http://host:", "is not a port"),
        ("http://host:0", "is not a port"),
        ("http://host:99999", "is not a port"),
        ("http://host:4318x", "is not a port"),
        ("http://host:-1", "is not a port"),
        ("http://::1", "must be in [ ]"),
        ("http://host:4317", "gRPC"),
        ("http://ho st", "blanks"),
        ("http://host\n/x", "blanks"),
        ("http://h\u00f6st", "ASCII"),
        ("http://host?x=1", "must have no ?"),
        ("http://host/#a", "must have no ?"),
        ("${NOT_THERE}", "NOT_THERE is not set"),
    ],
)
def test_a_wrong_url(text: str, why: str) -> None:
    with pytest.raises(WrongError) as error:
        endpoint({"otlp": text, "places": {"otlp": "/shop/hookman.toml:2"}}, {})
    assert why in error.value.problem.what
    assert "/shop/hookman.toml:2" in error.value.problem.what
    assert error.value.problem.fix


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"A b": "x"}, "not the name of a header"),
        ({"": "x"}, "not the name of a header"),
        ({"A:": "x"}, "not the name of a header"),
        ({"A\u00e4": "x"}, "not the name of a header"),
        ({"Content-Type": "x"}, "set by hookman itself"),
        ({"A": "x\r\nB: y"}, "characters that a header can't have"),
        ({"A": "\u00e4"}, "characters that a header can't have"),
        ({"A": "${NEWLINE}"}, "characters that a header can't have"),
        ({"A": "${NOT_THERE}"}, "NOT_THERE is not set"),
    ],
)
def test_wrong_headers(headers: dict[str, str], why: str) -> None:
    with pytest.raises(WrongError) as error:
        endpoint({"otlp": "http://host", "headers": headers}, {"NEWLINE": "s3cret\nvalue"})
    assert why in error.value.problem.what
    assert "s3cret" not in error.value.problem.what


@pytest.mark.parametrize("ca", ["ca.pem", "/nowhere/ca.pem", "/", "~/gone.pem"])
def test_a_wrong_ca(ca: str, tmp_path: Path) -> None:
    with pytest.raises(WrongError):
        endpoint({"otlp": "https://host", "ca": ca}, {"HOME": str(tmp_path)})


@pytest.mark.parametrize("text", ["localhost:4318", "http://", "http://host:4317", "${OTLP_URL}"])
def test_a_wrong_url_is_said_with_file_and_line_and_the_command_runs(shop: Project, text: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >trace")
    shop.write("hookman.toml", f'# runs are sent\n[export]\notlp = "{text}"\n')
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert f"hookman: warning: runs are not exported: {shop.path}/hookman.toml:3: export.otlp" in result.err
    assert "Fix:" in result.err
    assert shop.trace() == ["ran"]
    assert shop.box.calls()[-1] == "<compose><up><-d>"


def test_a_wrong_url_of_the_environment_is_said_with_its_name(shop: Project) -> None:
    result = shop.compose("up", "-d", HOOKMAN_OTLP_ENDPOINT="localhost:4318")
    assert result.code == 0
    assert "runs are not exported: HOOKMAN_OTLP_ENDPOINT: must begin with http" in result.err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[export]\notpl = "http://host"\n', "hookman.toml:2: otpl: unknown key. Fix: Did you mean 'otlp'?"),
        ("[export]\notlp = 4318\n", "hookman.toml:2: otlp: must be a URL"),
        ('[export]\nheaders = "a: b"\n', "hookman.toml:2: headers: must be a table of texts"),
        ("[export]\nheaders = {A = 1}\n", "hookman.toml:2: headers: must be a table of texts"),
        ('[export]\nlogs = "yes"\n', "hookman.toml:2: logs: must be true or false"),
        ('export = "http://host"\n', "hookman.toml:1: export: must be a table"),
    ],
)
def test_unknown_keys_and_wrong_types_are_errors_as_everywhere(shop: Project, text: str, why: str) -> None:
    shop.write("hookman.toml", text)
    result = shop.compose("up", "-d")
    assert result.code == 78
    assert why in result.err


def test_a_runs_that_waits_goes_where_the_corrected_url_leads(shop: Project, collector: Collector) -> None:
    shop.write("hookman.toml", '[export]\notlp = "localhost:4318"\n')
    shop.compose("up", "-d")
    idle(shop.box)
    shop.write("hookman.toml", f'[export]\notlp = "{collector.url}"\n')
    shop.compose("down")
    collector.wait(2)
    assert [span["name"] for span in collector.spans if "RUN" in span["name"]] == ["RUN shop up", "RUN shop down"]


class TestHeaders:
    def test_they_have_the_values_of_the_environment(self, shop: Project, collector: Collector) -> None:
        shop.write(
            "hookman.toml",
            f'[export]\notlp = "{collector.url}"\nheaders = {{Authorization = "Bearer ${{TEAM}}", X-A = "b"}}\n',
        )
        shop.script("up.pre", "a.sh", "echo $TEAM; env | grep TEAM")
        shop.compose("up", "-d", TEAM="blue-whale")
        for request in collector.wait(2):
            assert request.headers["Authorization"] == "Bearer blue-whale"
            assert request.headers["X-A"] == "b"
        assert not any(b"blue-whale" in request.body for request in collector.requests)

    def test_a_secret_in_them_is_written_nowhere(self, shop: Project) -> None:
        shop.write(
            "hookman.toml",
            '[export]\notlp = "http://me:pass-word-1@127.0.0.1:1"\n'
            'headers = {x-team = "literal-key-2", y = "${TEAM}", Authorization = "Bearer literal-key-4"}\n',
        )
        shop.script("up.pre", "a.sh", "cat hookman.toml; echo $TEAM")
        shop.compose("up", "-d", TEAM="blue-whale-3")
        assert problem(shop.box)
        idle(shop.box)
        secrets = [b"pass-word-1", b"literal-key-2", b"blue-whale-3", b"literal-key-4"]
        files = [path for path in shop.box.data.rglob("*") if path.is_file()]
        assert len(waiting(shop.box)) == 1
        assert [(path, secret) for path in files for secret in secrets if secret in path.read_bytes()] == []

    def test_config_list_shows_none(self, shop: Project) -> None:
        shop.write(
            "hookman.toml",
            '[export]\notlp = "http://me:pass-word-1@127.0.0.1:1"\n'
            'headers = {x-team = "literal-key-2", y = "Bearer ${TEAM}"}\n',
        )
        for args in (("list",), ("list", "--json"), ("get", "export.headers.x-team"), ("get", "export.otlp")):
            result = shop.hookman("config", *args)
            assert result.code == 0, result
            assert "literal-key-2" not in result.out + result.err
            assert "pass-word-1" not in result.out + result.err
        assert "Bearer ${TEAM}" in shop.hookman("config", "list").out

    def test_those_of_another_file_do_not_go_to_a_server_that_a_project_names(
        self, shop: Project, collector: Collector
    ) -> None:
        shop.box.user_settings('[export]\notlp = "http://127.0.0.1:1"\nheaders = {Authorization = "Bearer mine-1"}\n')
        shop.write("hookman.toml", f'[export]\notlp = "{collector.url}"\n')
        shop.compose("up", "-d")
        (request,) = collector.wait(1)
        assert "Authorization" not in request.headers

    def test_a_project_may_add_some_for_the_users_server(self, shop: Project, collector: Collector) -> None:
        shop.box.user_settings(f'[export]\notlp = "{collector.url}"\nheaders = {{X-A = "1", X-B = "1"}}\n')
        shop.write("hookman.toml", '[export.headers]\nX-B = "2"\n')
        shop.compose("up", "-d")
        (request,) = collector.wait(1)
        assert (request.headers["X-A"], request.headers["X-B"]) == ("1", "2")

    def test_user_and_password_of_the_url_are_sent(self, shop: Project, collector: Collector) -> None:
        url = collector.url.replace("http://", "http://me:word@")
        shop.write("hookman.toml", f'[export]\notlp = "{url}"\n')
        shop.compose("up", "-d")
        (request,) = collector.wait(1)
        assert request.headers["Authorization"] == "Basic bWU6d29yZA=="

    def test_one_whose_variable_is_gone_waits_for_it(self, shop: Project, collector: Collector) -> None:
        shop.write("hookman.toml", f'[export]\notlp = "{collector.url}"\nheaders = {{A = "${{TEAM}}"}}\n')
        result = shop.compose("up", "-d")
        assert (result.code, "the variable TEAM is not set" in result.err) == (0, True)
        shop.compose("down", TEAM="blue")
        assert [request.headers["A"] for request in collector.wait(2)] == ["blue", "blue"]


def test_a_project_switches_off_what_the_user_says(shop: Project, collector: Collector) -> None:
    shop.box.user_settings(f'[export]\notlp = "{collector.url}"\n')
    shop.write("hookman.toml", '[export]\notlp = ""\n')
    shop.compose("up", "-d")
    assert not (shop.box.data / "export").exists()


def test_the_environment_overrides_the_files(shop: Project, collector: Collector) -> None:
    shop.write("hookman.toml", '[export]\notlp = "http://127.0.0.1:1"\n')
    shop.compose("up", "-d", HOOKMAN_OTLP_ENDPOINT=f"{collector.url}/v1/traces")
    assert [request.path for request in collector.wait(1)] == ["/v1/traces"]


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A certificate for 127.0.0.1 that only itself vouches for."""
        path = tmp_path / "ca.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", path),
            ],
            check=True,
            capture_output=True,
        )
        return path

    @pytest.fixture
    def secure(self, certificate: Path) -> Iterator[Collector]:
        """A collector that speaks TLS, with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        one = Collector(wrap=lambda connection: context.wrap_socket(connection, server_side=True))
        yield one
        one.close()

    def test_with_its_ca_it_is_trusted(self, shop: Project, secure: Collector, certificate: Path) -> None:
        shop.write("hookman.toml", f'[export]\notlp = "{secure.url}"\nca = "{certificate}"\n')
        shop.compose("up", "-d")
        secure.wait(1)
        assert "RUN shop up" in [span["name"] for span in secure.spans]

    def test_without_it_is_not(self, shop: Project, secure: Collector) -> None:
        shop.write("hookman.toml", f'[export]\notlp = "{secure.url}"\n')
        assert shop.compose("up", "-d").code == 0
        assert "its certificate is not trusted: self-signed certificate" in problem(shop.box)
        idle(shop.box)
        assert len(waiting(shop.box)) == 1
        assert secure.requests == []

    def test_a_file_without_a_certificate(self, shop: Project, secure: Collector) -> None:
        path = shop.write("no.pem", "nothing")
        shop.write("hookman.toml", f'[export]\notlp = "{secure.url}"\nca = "{path}"\n')
        assert shop.compose("up", "-d").code == 0
        assert "has no certificates in it" in problem(shop.box)

    def test_a_server_that_speaks_no_tls(self, shop: Project, collector: Collector) -> None:
        shop.write("hookman.toml", f'[export]\notlp = "{collector.url.replace("http", "https")}"\n')
        assert shop.compose("up", "-d").code == 0
        assert "no TLS there" in problem(shop.box)


def test_the_docs_have_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs/settings.md").read_text()
    assert [key for key, one in EXPORT_KEYS.items() if f"| `{key}` | {one.meaning} | {one.default} |" not in page] == []
