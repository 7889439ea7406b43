"""The real engine: where it is, and what tests leave in it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.box import Box

ENGINE_VARIABLES = ("DOCKER_HOST", "HOOKMAN_TEST_IMAGE", "HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST")
PROJECT = "com.docker.compose.project"
# Go's own settings: a process that lives 30 ms needs neither threads nor its garbage collected.
SHORT_LIVED = {"GOGC": "off", "GOMAXPROCS": "1"}


def engine_variable(name: str) -> str:
    """A variable that scripts/test sets where it has an engine."""
    value = os.environ.get(name)  # noqa: TID251 (scripts/test sets it)
    if not value:
        pytest.fail(
            f"{name} is not set: run the tests with scripts/test, which has a real engine, and mark them `engine`",
            pytrace=False,
        )
    return value


def machine_variables() -> dict[str, str]:
    """The variables of a machine with the real engine; docker and Compose take a quarter less time with them."""
    return {"DOCKER_HOST": engine_variable("DOCKER_HOST"), **SHORT_LIVED}


def ask(method: str, path: str, body: Any = None) -> Any:
    """What the engine answers; None if nothing. It takes a fiftieth of the time of a `docker` command."""
    host = engine_variable("DOCKER_HOST")
    if host.startswith("unix://"):
        ours = socket.socket(socket.AF_UNIX)
        ours.connect(host.removeprefix("unix://"))
    else:
        ours, theirs = socket.socketpair()
        with theirs:
            end = theirs.fileno()
            subprocess.Popen(["docker", "-H", host, "system", "dial-stdio"], stdin=end, stdout=end)
    connection = http.client.HTTPConnection("docker")
    connection.sock = ours
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, headers={"Connection": "close", "Content-Type": "application/json"})
        text = connection.getresponse().read()
    finally:
        connection.close()
    return json.loads(text) if text else None


def containers_of(project: str) -> list[dict[str, Any]]:
    """The containers of a Compose project, as `docker inspect` shows them."""
    wanted = quote(json.dumps({"label": [f"{PROJECT}={project}"]}))
    found = [
        ask("GET", f"/containers/{container['Id']}/json")
        for container in ask("GET", f"/containers/json?all=1&filters={wanted}")
    ]
    return [container for container in found if "State" in container]  # the others have gone meanwhile


def remove_containers(box: Box) -> None:
    """Remove the containers, networks, volumes and leases of the projects below the box."""
    for container in ask("GET", "/containers/json?all=1"):
        if container["Labels"].get(f"{PROJECT}.working_dir", "").startswith(str(box.base)):
            ask("DELETE", f"/containers/{container['Id']}?force=1&v=1")
    names = {path.name for path in box.base.iterdir()}
    for network in ask("GET", "/networks"):
        if network["Labels"] and network["Labels"].get(PROJECT) in names:
            ask("DELETE", f"/networks/{network['Id']}")
    for volume in ask("GET", "/volumes")["Volumes"] or ():
        lease_of = volume["Name"].removeprefix("hookman-lock.").rpartition(".")[0]
        if lease_of in names or (volume["Labels"] or {}).get(PROJECT) in names:
            ask("DELETE", f"/volumes/{quote(volume['Name'])}")
