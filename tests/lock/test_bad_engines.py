"""Engines that give no lease: what is said, and that Compose runs as without hookman unless the lock is demanded."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.engine import ask
from tests.support.leases import Proxy, engine_answering, leases, machine, remove_leases
from tests.support.tls import client_folder, make_ca, make_certificate, tls_engine
from tests.support.waiting import wait_until

pytestmark = pytest.mark.engine

FAST = {"HOOKMAN_LEASE_EXPIRY": "2"}
DEMANDED = 'lock = "engine"\n'


def check(shop: Project, said: str, fix: str, **environ: str) -> None:
    """What is said and how it ends: with "auto", Compose runs and one line says why; with "engine", exit code 75."""
    shop.box.environ |= environ
    went_on = shop.compose("build")
    assert (went_on.code, shop.box.calls()) == (0, ["<compose><build>"]), went_on
    line = went_on.err.splitlines()
    assert len(line) == 1, went_on
    assert line[0].startswith("hookman: no lock on the engine (")
    assert said in line[0]
    assert f"Only this machine's own lock counts. Fix: {fix}" in line[0]
    shop.write("hookman.toml", DEMANDED)
    refused = shop.compose("build")
    assert (refused.code, len(shop.box.calls())) == (75, 1), refused
    assert said in refused.err
    assert f"Fix: {fix}" in refused.err
    assert "Traceback" not in refused.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, right ones and wrong ones."""
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ca", "other-ca"):
        make_ca(folder, name)
    make_certificate(folder, "server")
    make_certificate(folder, "old-server", days=-1)
    make_certificate(folder, "elsewhere", host="10.9.9.9")
    make_certificate(folder, "client")
    make_certificate(folder, "old-client", days=-1)
    make_certificate(folder, "stranger", ca="other-ca")
    client_folder(folder, "good", certificate="client")
    client_folder(folder, "none")
    client_folder(folder, "old", certificate="old-client")
    client_folder(folder, "strange", certificate="stranger")
    client_folder(folder, "wrong", certificate="client", ca="other-ca")
    return folder


class TestTls:
    """tests/support/tls.py: a server in front of the real engine, with real certificates."""

    @pytest.fixture
    def shop(self, tmp_path: Path, installed: Box) -> Project:
        return machine(tmp_path / "here", installed, more=FAST).project(f"tls-{os.urandom(4).hex()}")

    @pytest.mark.parametrize(
        ("server", "client", "said", "fix"),
        [
            ("old-server", "good", "certificate has expired", "renew the engine's certificate"),
            ("server", "wrong", "signed by unknown authority", "take the ca.pem of the CA that signed"),
            ("elsewhere", "good", "certificate is valid for 10.9.9.9", "use a name or address that is in"),
            ("server", "none", "certificate required", "the engine wants a certificate of yours: cert.pem"),
            ("server", "old", "expired certificate", "renew your certificate, cert.pem"),
            ("server", "strange", "unknown certificate authority", "take a certificate, cert.pem, that the engine's"),
        ],
    )
    def test_a_wrong_certificate(
        self, folder: Path, shop: Project, server: str, client: str, said: str, fix: str
    ) -> None:
        with tls_engine(folder, server) as port:
            host = f"tcp://127.0.0.1:{port}"
            check(shop, said, fix, DOCKER_HOST=host, DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(folder / client))

    def test_tls_that_is_not_asked_for(self, folder: Path, shop: Project) -> None:
        with tls_engine(folder, "server") as port:
            check(
                shop,
                "Client sent an HTTP request to an HTTPS",
                "the engine wants TLS",
                DOCKER_HOST=f"tcp://127.0.0.1:{port}",
            )

    def test_with_the_right_ones_the_lease_is_had(self, folder: Path, shop: Project) -> None:
        shop.write("hookman.toml", DEMANDED)
        with tls_engine(folder, "server") as port:
            result = shop.compose(
                "build",
                DOCKER_HOST=f"tcp://127.0.0.1:{port}",
                DOCKER_TLS_VERIFY="1",
                DOCKER_CERT_PATH=str(folder / "good"),
            )
        assert (result.code, result.err) == (0, "")
        assert leases(shop.path.name)
        remove_leases(shop.path.name)


class TestAddresses:
    @pytest.fixture
    def shop(self, tmp_path: Path, installed: Box) -> Project:
        return machine(tmp_path / "here", installed, more=FAST).project()

    def test_nobody_listens(self, shop: Project) -> None:
        check(
            shop, "Cannot connect to the Docker daemon", "start the engine, or correct", DOCKER_HOST="tcp://127.0.0.1:1"
        )

    def test_an_unknown_host(self, shop: Project) -> None:
        check(shop, "lookup nowhere.invalid", "correct the host's name", DOCKER_HOST="tcp://nowhere.invalid:2375")

    def test_an_unknown_host_of_ssh(self, shop: Project) -> None:
        check(shop, "Could not resolve hostname", "correct the host's name", DOCKER_HOST="ssh://nowhere.invalid")

    def test_a_password_in_the_address_is_not_shown(self, shop: Project) -> None:
        result = shop.compose("build", DOCKER_HOST="ssh://me:hunter22@nowhere.invalid")
        assert "no lock on the engine (ssh://me@nowhere.invalid)" in result.err
        assert "hunter22" not in result.err

    def test_a_socket_that_is_not_there(self, shop: Project) -> None:
        check(shop, "No such file or directory", "start the engine, or correct", DOCKER_HOST="unix:///nowhere.sock")

    def test_an_address_that_is_none(self, shop: Project) -> None:
        check(shop, "invalid bind address", "start the engine, or correct", DOCKER_HOST="http://x")


def answer(status: str, body: bytes, kind: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


class TestAnswers:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "engine.sock"

    @pytest.fixture
    def shop(self, tmp_path: Path, installed: Box, path: Path) -> Project:
        return machine(tmp_path / "here", installed, f"unix://{path}", FAST).project()

    @pytest.mark.parametrize(
        ("text", "said", "fix"),
        [
            (b"SSH-2.0-garbage\r\n\r\n", "not HTTP", "check what listens at that address: it is not a Docker engine"),
            (b"\0" * 99, "does not answer", "check whether `docker version` answers there"),
            (None, "does not answer", "check whether `docker version` answers there"),
            (answer("200 OK", b"<html>hello</html>", "text/html"), "not JSON", "check what listens at that address"),
            (answer("200 OK", b"[1, 2]"), "not what was asked for", "check what listens at that address"),
            (answer("500 Oops", b"<html>no</html>", "text/html"), "no reason given (HTTP 500)", "start the engine"),
            (answer("502 Bad Gateway", b'{"message": "gone"}'), "gone (HTTP 502)", "start the engine"),
            (answer("301 Moved", b"<html></html>", "text/html"), "not JSON", "check what listens at that address"),
        ],
    )
    def test_what_is_no_answer(self, shop: Project, path: Path, text: bytes | None, said: str, fix: str) -> None:
        with engine_answering(path, text and text * 2):
            check(shop, said, fix)

    def test_half_an_answer(self, shop: Project, path: Path) -> None:
        with engine_answering(path, answer("200 OK", b'{"Volumes": [', length=99), closes=True):
            check(shop, "the engine has ended the connection", "start the engine")

    @pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "405 Not Allowed", "501 Not Implemented"])
    def test_an_engine_without_volumes_is_said_once(self, shop: Project, path: Path, status: str) -> None:
        with engine_answering(path, answer(status, b'{"message": "no volumes"}') * 2):
            first, second = shop.compose("build"), shop.compose("build")
            assert (first.code, second.code, second.err) == (0, 0, "")
            assert f"no volumes (HTTP {status[:3]})" in first.err
            assert "Fix: let hookman create, list and remove volumes there" in first.err
        path.unlink()
        proxy = Proxy(path)
        assert shop.compose("build").err == ""
        proxy.close()
        path.unlink()
        with engine_answering(path, answer(status, b'{"message": "no volumes"}') * 2):
            assert "no volumes" in shop.compose("build").err
        remove_leases(shop.path.name)

    def test_a_proxy_that_refuses_and_closes_the_connection_is_said_once(self, shop: Project, path: Path) -> None:
        body = b"<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"
        with engine_answering(path, answer("403 Forbidden", body, "text/html"), closes=True):
            first, second = shop.compose("build"), shop.compose("build")
        assert (first.code, second.code, second.err) == (0, 0, "")
        assert "no reason given (HTTP 403)" in first.err

    def test_one_that_fails_for_a_while_is_waited_for(self, shop: Project, path: Path) -> None:
        shop.write("hookman.toml", DEMANDED + "lock_timeout = 1\n")
        with engine_answering(path, answer("503 Busy", b'{"message": "later"}') * 2):
            result = shop.compose("build")
        assert result.code == 75
        assert "later (HTTP 503)" in result.err


class TestLabels:
    """What others may have created by the names of a lease."""

    @pytest.fixture
    def shop(self, tmp_path: Path, installed: Box) -> Iterator[Project]:
        name = f"labels-{os.urandom(4).hex()}"
        yield machine(tmp_path / "here", installed, more={"HOOKMAN_LEASE_EXPIRY": "0.5"}).project(name)
        remove_leases(name)

    def create(self, shop: Project, epoch: int, **labels: str) -> None:
        told = {f"hookman.{name}": value for name, value in labels.items()}
        ask("POST", "/volumes/create", {"Name": f"hookman-lock.{shop.path.name}.{epoch}", "Labels": told})

    @pytest.mark.parametrize("number", ["", "x", "-1", "nan", "inf", "1e400", "9" * 400, "999999999999", "0x10"])
    def test_numbers_that_are_none(self, shop: Project, number: str) -> None:
        labels = dict.fromkeys(("pid", "since", "limit"), number)
        self.create(shop, 4, state="held", run="x", host="h", command="up", user="u", **labels)
        result = shop.compose("build")
        assert result.code == 0
        assert "waiting for `up` (pid " in result.err
        assert shop.hookman("status", "--json").code == 0

    @pytest.mark.parametrize("expiry", ["nan", "-5", "inf", "x", "0.1"])
    def test_an_expiry_that_is_none_is_ours(self, shop: Project, expiry: str) -> None:
        self.create(shop, 4, state="held", run="x", expiry=expiry)
        assert shop.compose("build").code == 0

    def test_an_unknown_state_counts_as_held(self, shop: Project) -> None:
        self.create(shop, 4, state="\x1b[31mwhatever", run="x")
        result = shop.compose("build")
        assert (result.code, "waiting for" in result.err) == (0, True)

    def test_control_characters_do_nothing_to_a_terminal(self, shop: Project) -> None:
        evil = "\x1b]0;evil\x07\nhookman: all is well\r"
        self.create(shop, 4, state="closed", run="x", host=evil, user=evil, message=evil, command=evil)
        shop.write("hookman.toml", "lock_timeout = 0.1\n")
        waited, status = shop.compose("build"), shop.hookman("status")
        assert waited.code == 75
        for text in (waited.err, status.out, shop.hookman("unlock").err):
            assert "evil" in text
            assert not {"\x1b", "\x07", "\r"} & set(text)
            assert not any(line.startswith("hookman: all is well") for line in text.splitlines())

    def test_the_highest_number_is_an_error_that_names_the_volume(self, shop: Project) -> None:
        self.create(shop, 10**15, state="free", run="x")
        shop.write("hookman.toml", DEMANDED)
        result = shop.compose("build")
        assert result.code == 75
        assert f"hookman-lock.{shop.path.name}.{10**15}" in result.err
        assert "docker volume rm" in result.err

    @pytest.mark.parametrize("number", [10**15 + 1, 10**30])
    def test_a_number_above_it_is_no_lease(self, shop: Project, number: int) -> None:
        self.create(shop, number, state="held", run="x")
        result = shop.compose("build")
        assert (result.code, result.err) == (0, "")

    def test_hundreds_of_old_epochs_go_some_at_a_time(self, shop: Project) -> None:
        for epoch in range(1, 121):
            self.create(shop, epoch, state="free", run=f"r{epoch}")
        shop.script("build.pre", "a.sh", "echo $HOOKMAN_LEASE >trace\n")
        result = shop.compose("build")
        assert (result.code, "lock" in result.err) == (0, False)
        assert shop.trace() == [f"{shop.path.name}.121"]
        wait_until(lambda: shop.compose("build").code or len(leases(shop.path.name)) < 5, "they stay")

    def test_a_name_that_compose_refuses_is_not_asked_for(self, shop: Project) -> None:
        shop.write("hookman.toml", DEMANDED)
        for name in ("A b", "a\r\nX: 1", 'a"'):
            result = shop.compose("-p", name, "build")
            assert (result.code, result.err) == (0, "")  # the stub takes it

    def test_a_project_with_a_long_name(self, shop: Project) -> None:
        long = f"{shop.path.name}-{'x' * 200}"
        shop.script("build.pre", "a.sh", "echo $HOOKMAN_LEASE >trace\n")
        for _ in range(2):
            assert "lock" not in shop.compose("-p", long, "build").err
        assert shop.trace() == [f"{long}.3"]
        remove_leases(long)


def test_an_engine_that_takes_no_more_connections(tmp_path: Path, installed: Box) -> None:
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as waiting:
        listening.bind(str(tmp_path / "engine.sock"))
        listening.listen(0)
        waiting.connect(str(tmp_path / "engine.sock"))
        shop = machine(tmp_path / "here", installed, f"unix://{tmp_path}/engine.sock", FAST).project()
        check(shop, "temporarily unavailable", "check whether `docker version` answers there")
