"""Machines that share an engine: their leases, and a connection that can be cut."""

from __future__ import annotations

import json
import os
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from hookman.lock.identity import volume_prefix
from tests.support.box import STUB, Box, Project
from tests.support.engine import ask, engine_variable


@pytest.fixture
def name() -> Iterator[str]:
    """The name of a project that no other test has."""
    found = f"lease-{os.urandom(4).hex()}"
    yield found
    remove_leases(found)


@pytest.fixture
def here(tmp_path: Path, installed: Box, name: str) -> Project:
    """The project on one machine."""
    return machine(tmp_path / "here", installed).project(name)


@pytest.fixture
def there(tmp_path: Path, installed: Box, name: str) -> Project:
    """The project on another machine."""
    return machine(tmp_path / "there", installed).project(name)


class Proxy:
    """A socket at `path` in front of the engine's. Once it is cut, nothing comes through, and nobody is told."""

    def __init__(self, path: Path, engine: str = "") -> None:
        self.path = path
        self.flows = threading.Event()
        self.flows.set()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(50)
        threading.Thread(target=forward, args=(self._listening, self.flows, engine), daemon=True).start()

    def close(self) -> None:
        """Let everything go."""
        self._listening.close()
        self.flows.set()


def forward(
    listening: socket.socket,
    flows: threading.Event | None = None,
    engine: str = "",
    questions: list[bytes] | None = None,
) -> None:
    """Connect whoever comes with the engine, until `listening` is closed. While nothing `flows`, all have to wait.

    Each round trip is noted in `questions`: what is asked after an answer, or at first.
    """
    target = engine or engine_variable("DOCKER_HOST").removeprefix("unix://")

    def serve(client: socket.socket) -> None:
        there = socket.socket(socket.AF_UNIX)
        there.connect(target)
        last: object = there
        with client, there, selectors.DefaultSelector() as both:
            both.register(client, selectors.EVENT_READ, there)
            both.register(there, selectors.EVENT_READ, client)
            while both.get_map():
                for key, _ in both.select():
                    try:
                        data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                        if flows:
                            flows.wait()
                        if questions is not None and data and key.fileobj is client is not last:
                            questions.append(data)
                        last = key.fileobj
                        key.data.sendall(data)
                        if not data:  # it may still read: `docker exec` closes its half at once
                            both.unregister(key.fileobj)
                            key.data.shutdown(socket.SHUT_WR)
                    except OSError:
                        return

    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def machine(base: Path, installed: Box, host: str = "", more: dict[str, str] | None = None) -> Box:
    """A machine with its own home and data directory that uses the engine at `host` (the tests' own)."""
    base.mkdir()
    box = Box(base, STUB, {"DOCKER_HOST": host or engine_variable("DOCKER_HOST"), **(more or {})})
    box.copy_installation(installed)
    return box


def leases(project: str) -> dict[int, dict[str, str]]:
    """The labels of a project's leases on the engine, by their epochs."""
    prefix = volume_prefix(project)
    found = ask("GET", f"/volumes?filters={quote(json.dumps({'name': [prefix]}))}")["Volumes"] or []
    return {int(one["Name"].removeprefix(prefix)): one["Labels"] for one in found if one["Name"].startswith(prefix)}


def state_of(project: str) -> str:
    """What the newest lease says: held, free, closed; "" if there is none."""
    found = leases(project)
    return found[max(found)]["hookman.state"] if found else ""


def remove_leases(project: str) -> None:
    """Remove all of them, as `docker volume prune` does."""
    for epoch in leases(project):
        ask("DELETE", f"/volumes/{volume_prefix(project)}{epoch}")


def processes_of(shop: Project) -> list[int]:
    """The processes of hookman that work on a project: the run, and who keeps its lease."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            parent = (path.parent / "stat").read_text().rpartition(")")[2].split()[1]
            environ = (path.parent / "environ").read_bytes()
        except OSError:
            continue
        if any(word.endswith(b"front/entry.py") for word in words) and f"PWD={shop.path}".encode() in environ.split(
            b"\0"
        ):
            found[int(path.parent.name)] = int(parent)
    return sorted(found, key=lambda pid: (found[pid] in found, pid))


@contextmanager
def engine_answering(path: Path, answer: bytes | None, *, closes: bool = False) -> Iterator[None]:
    """A socket at `path` that gives `answer` to whatever it is asked, or (None) nothing at all."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(50)
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            kept.append(client)
            if answer is not None:
                with suppress(OSError):  # who asked may be gone
                    client.recv(65536)
                    client.sendall(answer)
            if closes:
                client.close()

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)  # ends accept
        serving.join()
        for client in [listening, *kept]:
            client.close()
