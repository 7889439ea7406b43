"""The engine that docker talks to. It is the same for questions to the engine, the lock and the notes of successes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hookman.base.errors import ConfigError
from hookman.compose.commandline import parse
from hookman.compose.context import DEFAULT_SOCKET, engine_name
from hookman.compose.endpoint import endpoint
from hookman.compose.engine_api import EngineError, engine_of


def context(config: Path, name: str, host: str) -> None:
    """Create a context of docker that leads to `host`."""
    folder = config / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The docker configuration of the home `tmp_path`."""
    (tmp_path / ".docker").mkdir()
    return tmp_path / ".docker"


class TestHost:
    def test_without_anything_it_is_the_engine_of_this_machine(self, tmp_path: Path) -> None:
        found = endpoint({}, {"HOME": str(tmp_path)})
        assert (found.host, found.socket, found.is_default) == (f"unix://{DEFAULT_SOCKET}", DEFAULT_SOCKET, True)

    @pytest.mark.parametrize("host", ["unix:///run/user/1000/docker.sock", "tcp://edge:2375", "ssh://me@edge"])
    def test_another_host_is_not(self, tmp_path: Path, host: str) -> None:
        assert not endpoint({"host": [host]}, {"DOCKER_CONFIG": str(tmp_path)}).is_default
        assert endpoint({}, {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": host}).host == host

    def test_flags_come_before_the_environment_and_that_before_the_configuration(self, config: Path) -> None:
        (config / "config.json").write_text('{"currentContext": "default"}')
        environ = {"DOCKER_CONFIG": str(config), "DOCKER_HOST": "tcp://a:1", "DOCKER_CONTEXT": "none"}
        assert endpoint({"host": ["tcp://b:1"]}, environ).host == "tcp://b:1"
        assert endpoint({"context": ["default"]}, environ).is_default
        assert endpoint({}, environ).host == "tcp://a:1"
        assert endpoint({}, {"DOCKER_CONFIG": str(config)}).is_default

    @pytest.mark.parametrize(
        ("host", "socket"), [("unix:///run/x.sock", "/run/x.sock"), ("ssh://me@there", ""), ("tcp://there:2376", "")]
    )
    def test_the_current_context_says_where_it_is(self, tmp_path: Path, config: Path, host: str, socket: str) -> None:
        (config / "config.json").write_text('{"currentContext": "there"}')
        context(config, "there", host)
        found = endpoint({}, {"HOME": str(tmp_path)})
        assert (found.host, found.socket, found.context) == (host, socket, "there")

    def test_docker_is_called_with_the_flags_of_the_command_line(self) -> None:
        found = endpoint(parse(["--tls", "-H", "tcp://b", "compose", "up"]).docker_flags, {})
        assert found.docker == ["docker", "--tls=true", "--host=tcp://b"]

    def test_a_context_that_does_not_exist_is_an_error(self, tmp_path: Path, config: Path) -> None:
        context(config, "staging", "tcp://there:2376")
        with pytest.raises(ConfigError, match="no docker context stagin") as caught:
            endpoint({"context": ["stagin"]}, {"HOME": str(tmp_path)})
        assert caught.value.problem.fix == "Did you mean 'staging'?"
        with pytest.raises(EngineError, match="no docker context stagin"):
            engine_of(parse(["--context", "stagin", "compose", "up"]), {"HOME": str(tmp_path)})


class TestName:
    @pytest.mark.parametrize(
        ("line", "environ", "named"),
        [
            ("", {}, ""),
            ("--context a --context b", {"DOCKER_HOST": "tcp://e", "DOCKER_CONTEXT": "e"}, "b"),
            ("-H tcp://b", {"DOCKER_HOST": "tcp://e", "DOCKER_CONTEXT": "e"}, "tcp://b"),
            ("", {"DOCKER_HOST": "tcp://e", "DOCKER_CONTEXT": "e"}, "tcp://e"),
            ("", {"DOCKER_CONTEXT": "e"}, "e"),
            ("", {"DOCKER_HOST": "", "DOCKER_CONTEXT": ""}, ""),
            ("--context a", {"DOCKER_CONTEXT": "e"}, "a"),
            ("--context default", {}, ""),
            ("--context default", {"DOCKER_HOST": "tcp://e"}, ""),
            ("", {"DOCKER_CONTEXT": "default"}, ""),
        ],
    )
    def test_it_is_as_the_user_named_it_to_docker(
        self, tmp_path: Path, line: str, environ: dict[str, str], named: str
    ) -> None:
        flags = parse([*line.split(), "compose", "up"]).docker_flags
        assert engine_name(flags, {"HOME": str(tmp_path), **environ}) == named

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ('{"currentContext": "remote"}', "remote"),
            ('{"currentContext": "default"}', ""),
            ('{"currentContext": ""}', ""),
            *(("{}", ""), ("[]", ""), ("{", "")),
        ],
    )
    def test_else_it_is_the_current_context(self, tmp_path: Path, config: Path, text: str, named: str) -> None:
        (config / "config.json").write_text(text)
        assert engine_name({}, {"HOME": str(tmp_path)}) == named
        assert engine_name({}, {"HOME": str(tmp_path), "DOCKER_HOST": "tcp://e"}) == "tcp://e"

    @pytest.mark.parametrize("flags", [[], ["--config", "/nowhere", "--config"]])
    def test_the_context_is_that_of_the_directory_that_docker_was_told(
        self, tmp_path: Path, config: Path, flags: list[str]
    ) -> None:
        (tmp_path / "config.json").write_text('{"currentContext": "told"}')
        (config / "config.json").write_text('{"currentContext": "home"}')
        environ = {"HOME": str(tmp_path), "DOCKER_CONFIG": "/elsewhere" if flags else str(tmp_path)}
        invocation = parse([*flags, *([str(tmp_path)] if flags else []), "compose", "up"])
        assert engine_name(invocation.docker_flags, environ) == "told"
