"""An engine behind TLS: certificates, and a server in front of the tests' own engine."""

from __future__ import annotations

import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.engine import engine_variable

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make_ca(folder: Path, name: str = "ca") -> None:
    """A certificate authority: NAME.pem and NAME-key.pem."""
    _openssl(folder, "req", "-x509", *KEY, "-keyout", f"{name}-key.pem", "-out", f"{name}.pem", "-subj", f"/CN={name}")


def make_certificate(folder: Path, name: str, *, ca: str = "ca", days: int = 30, host: str = "127.0.0.1") -> None:
    """A certificate for a server at `host`, or for a client: NAME.pem and NAME-key.pem. -1 days: it has expired."""
    _openssl(folder, "req", *KEY, "-keyout", f"{name}-key.pem", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / "extensions").write_text(f"subjectAltName=IP:{host}\nextendedKeyUsage=serverAuth,clientAuth\n")
    signed = ("-CA", f"{ca}.pem", "-CAkey", f"{ca}-key.pem", "-CAcreateserial", "-extfile", "extensions")
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signed, "-days", str(days), "-out", f"{name}.pem")


def client_folder(folder: Path, name: str, *, certificate: str = "", ca: str = "ca") -> Path:
    """What DOCKER_CERT_PATH means: ca.pem, and cert.pem and key.pem if there is a certificate."""
    target = folder / name
    target.mkdir()
    (target / "ca.pem").write_bytes((folder / f"{ca}.pem").read_bytes())
    if certificate:
        (target / "cert.pem").write_bytes((folder / f"{certificate}.pem").read_bytes())
        (target / "key.pem").write_bytes((folder / f"{certificate}-key.pem").read_bytes())
    return target


@contextmanager
def tls_engine(folder: Path, name: str, ca: str = "ca") -> Iterator[int]:
    """The port at which the engine answers with the certificate NAME to clients with one of the `ca`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}-key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / f"{ca}.pem")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        try:
            with context.wrap_socket(client, server_side=True, do_handshake_on_connect=False) as tls:
                _answer(tls)
        except OSError:
            pass  # the client has gone

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listening:
        yield listening.getsockname()[1]


def _answer(tls: ssl.SSLSocket) -> None:
    """Be the engine for a client with the right certificate; tell others what is wrong with theirs."""
    try:
        tls.do_handshake()
    except ssl.SSLError as error:
        if error.reason == "HTTP_REQUEST":  # as servers in Go do it, so the engine
            socket.socket.sendall(
                tls, b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
            )
        tls.shutdown(socket.SHUT_WR)
        while tls.recv(65536):
            pass  # else the kernel would reset the connection before the client has read why
        return
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(engine_variable("DOCKER_HOST").removeprefix("unix://"))
        _join(tls, there)


def _join(tls: ssl.SSLSocket, there: socket.socket) -> None:
    """Pass on what comes, until one end is closed."""
    while True:
        for one in [tls] if tls.pending() else select.select([tls, there], [], [])[0]:
            data = one.recv(65536)
            if not data:
                return
            (there if one is tls else tls).sendall(data)


def _openssl(folder: Path, *args: str) -> None:
    subprocess.run(["openssl", *args], cwd=folder, capture_output=True, check=True)
