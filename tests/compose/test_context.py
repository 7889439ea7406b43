"""Which docker context a command uses: the same that the Docker CLI says."""

from __future__ import annotations

import json

import pytest

from hookman.compose import commandline
from hookman.compose.context import address_shown, context_shown, host_and_context
from tests.support.box import Box


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"),
        ("unix:///srv/me@work:1/docker.sock", "unix:///srv/me@work:1/docker.sock"),
        ("tcp://10.0.0.7:2376", "tcp://10.0.0.7:2376"),
        ("10.0.0.7:2376", "10.0.0.7:2376"),
        ("tcp://me:hunter2@edge:2376", "tcp://edge:2376"),
        ("me:hunter2@edge:2376", "edge:2376"),
        ("https://token@edge/path?key=hunter2#hunter2", "https://edge/path"),
        ("ssh://me@edge:2222", "ssh://me@edge:2222"),
        ("ssh://me:hunter2@edge", "ssh://me@edge"),
        ("ssh://me:hun@ter/2@edge", "ssh://me@edge"),
        ("ssh://[::1]:22", "ssh://[::1]:22"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(address: str, shown: str) -> None:
    assert address_shown(address) == shown


CASES: dict[str, tuple[list[str], dict[str, str], str]] = {
    "nothing": ([], {}, "default"),
    "config.json": ([], {"currentContext": "edge-1"}, "edge-1"),
    "DOCKER_CONTEXT": ([], {"currentContext": "edge-1", "DOCKER_CONTEXT": "edge-2"}, "edge-2"),
    "DOCKER_HOST": ([], {"DOCKER_CONTEXT": "edge-2", "DOCKER_HOST": "tcp://a:b@c:1"}, "tcp://c:1"),
    "--context": (["--context", "edge-1"], {"DOCKER_HOST": "tcp://c:1"}, "edge-1"),
    "-c default": (["-c", "default"], {"currentContext": "edge-1"}, "default"),
    "-H": (["-H", "ssh://me:pw@edge"], {"DOCKER_CONTEXT": "edge-2"}, "ssh://me@edge"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_context_is_the_one_that_docker_uses(bare: Box, case: str) -> None:
    flags, told, expected = CASES[case]
    variables = {key: value for key, value in told.items() if key.isupper()}
    environ = {**bare.environ, "DOCKER_CONFIG": str(bare.config), **variables}
    for name in ("edge-1", "edge-2"):
        bare.run("docker", "context", "create", name, "--docker", f"host=tcp://{name}:2375")
    if "currentContext" in told:
        (bare.config / "config.json").write_text(json.dumps({"currentContext": told["currentContext"]}))
    found = host_and_context(commandline.parse([*flags, "compose", "up"]).docker_flags, environ)
    assert context_shown(*found) == expected
    if "://" not in expected:  # then docker itself says "default"
        settings = [f"{key}={value}" for key, value in variables.items()]
        assert bare.run("env", *settings, "docker", *flags, "context", "show").out.strip() == expected
