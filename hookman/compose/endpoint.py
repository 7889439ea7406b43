"""Which engine the Docker CLI talks to, found as it does: flags, DOCKER_HOST, DOCKER_CONTEXT, config.json.

Source: docker/cli cli/command/cli.go (resolveContextName, resolveDockerEndpoint), cli/context/store.
"""

from __future__ import annotations

import os

from hookman.base.errors import ConfigError
from hookman.base.files import read_regular
from hookman.base.records import record
from hookman.compose.context import DEFAULT, DEFAULT_SOCKET, UNIX, config_dir, host_and_context, parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@record
class Endpoint:
    """An engine, and how to reach it."""

    host: str  # unix:///run/docker.sock, tcp://…, ssh://…
    context: str  # the context that says so; DEFAULT where none does
    docker: list[str]  # the beginning of a `docker` command that talks to it
    has_tls: bool = False  # as flags or the context say; variables may say so too

    @property
    def socket(self) -> str:
        """The path of its socket; "" where it has none on this machine."""
        return self.host.removeprefix(UNIX) if self.host.startswith(UNIX) else ""

    @property
    def is_default(self) -> bool:
        """Is it this machine's own engine, on the socket where Docker looks if nobody says otherwise?"""
        return self.socket in (DEFAULT_SOCKET, "/run/docker.sock")


def endpoint(flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> Endpoint:
    """The engine of a command with docker's global `flags`. Raises ConfigError if there is no such context."""
    host, context = host_and_context(flags, environ)
    if context == DEFAULT:
        has_tls = any(name.startswith("tls") for name in flags)
        host = host or f"{UNIX}{DEFAULT_SOCKET}"
        return Endpoint(host=host, context=DEFAULT, docker=docker_with(flags), has_tls=has_tls)
    host, has_tls = _host_of(context, config_dir(flags, environ))
    return Endpoint(host=host, context=context, docker=docker_with(flags), has_tls=has_tls)


def docker_with(flags: Mapping[str, Sequence[str]]) -> list[str]:
    """The beginning of a `docker` command with docker's global `flags`."""
    return ["docker", *(f"--{name}={value}" for name, values in flags.items() for value in values)]


def _host_of(context: str, config: str) -> tuple[str, bool]:
    """The address that a context has, and whether it is reached with TLS. Raises ConfigError."""
    import hashlib

    folder, digest = os.path.join(config, "contexts"), hashlib.sha256(context.encode()).hexdigest()
    try:
        data = read_regular(os.path.join(folder, "meta", digest, "meta.json"))
    except OSError:
        from hookman.base.suggestion import did_you_mean
        from hookman.compose.contexts import names_in

        what = f"there is no docker context {context}"
        fix = did_you_mean(context, names_in(config), "docker context ls shows those that there are")
        raise ConfigError(what, fix) from None
    endpoints = parsed(data).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    docker = docker if isinstance(docker, dict) else {}
    host = docker.get("Host")
    has_tls = bool(docker.get("SkipTLSVerify")) or os.path.exists(os.path.join(folder, "tls", digest))
    return (host if isinstance(host, str) and host else f"{UNIX}{DEFAULT_SOCKET}"), has_tls
